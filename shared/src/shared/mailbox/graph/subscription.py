"""What is known of a folder's subscription. It outlives connections, and needs nothing of Microsoft's SDK."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import SecretStr

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Endpoint:
    """Where notifications go (https), and the secret by which they are known to be the service's."""

    notification_url: str
    lifecycle_url: str
    client_state: SecretStr


@dataclass
class Subscription:
    """Made by who watches a mailbox, one for each, and kept for as long as it is watched."""

    endpoint: Endpoint
    id: str = ""
    folder_id: str = ""
    expires: datetime = field(default=_NEVER)
    try_again: datetime = field(default=_NEVER)
