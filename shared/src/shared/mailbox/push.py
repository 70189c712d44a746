"""What a provider has told us about a mailbox without being asked, and when to ask."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import SecretStr

if TYPE_CHECKING:
    from shared.mailbox.graph.subscription import Subscription

NOTIFICATIONS = "/api/v1/graph/notifications"
"""Where Microsoft tells config-api of what is new."""


@dataclass(slots=True)
class Push:
    """`changed` is set when there may be something new, and cleared by who looks.

    `in_doubt` says that the provider wants the subscription renewed, or has ended it. It outlives connections.
    """

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    in_doubt: bool = False
    _subscription: "Subscription | None" = None

    def subscription(self, mailbox_id: UUID, push_url: str, service_token: SecretStr) -> "Subscription | None":
        """The mailbox's subscription at Microsoft; None where there is no address that notifications could go to."""
        if self._subscription is None and push_url:
            from shared.mailbox.graph.notifications import client_state, secret_of
            from shared.mailbox.graph.subscription import Endpoint, Subscription

            url = push_url.rstrip("/") + NOTIFICATIONS
            state = client_state(str(mailbox_id), secret_of(service_token))
            self._subscription = Subscription(Endpoint(url, url, SecretStr(state)))
        return self._subscription


def spread(seconds: float) -> float:
    """About as many, so that mailboxes which began together do not go on asking together."""
    return seconds * random.uniform(0.8, 1.2)
