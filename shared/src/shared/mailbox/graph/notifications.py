"""What the service sends to our endpoint (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks).

Nothing of it is trusted but that something may be new: whoever does not know the secret is not heard at all.
"""

import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from pydantic import SecretStr

Kind = Literal["changed", "missed", "reauthorize", "removed"]

_EVENTS: dict[str, Kind] = {
    "missed": "missed",
    "reauthorizationRequired": "reauthorize",
    "subscriptionRemoved": "removed",
}
_DOMAIN = b"kinamik graph notification 1 "


@dataclass(frozen=True, slots=True)
class Notification:
    """`missed`: some were not delivered; `reauthorize`: it must be renewed soon; `removed`: it is no more."""

    subscription_id: str
    mailbox_id: str
    kind: Kind


def secret_of(service_token: SecretStr) -> bytes:
    """The installation's own, which who subscribes and who is told both know."""
    return hmac.digest(service_token.get_secret_value().encode(), _DOMAIN, "sha256")


def client_state(mailbox_id: str, secret: bytes) -> str:
    """What a new subscription for this mailbox is to repeat in each notification: at most 128 characters."""
    named = f"{mailbox_id}.{secrets.token_hex(8)}"
    return f"{named}.{_proof(named, secret)}"


def notifications(body: bytes, secret: bytes) -> list[Notification]:
    """Those in a request's body that come from a subscription of ours; empty where it makes no sense."""
    try:
        items = json.loads(body)["value"]
        return [found for item in items for found in _verified(item, secret)]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _verified(item: dict[str, Any], secret: bytes) -> Iterator[Notification]:
    named, _, proof = str(item.get("clientState", "")).rpartition(".")
    if not hmac.compare_digest(proof.encode(), _proof(named, secret).encode()):
        return
    event = item.get("lifecycleEvent")
    kind = _EVENTS.get(event, "missed") if event else "changed"
    yield Notification(str(item.get("subscriptionId", "")), named.partition(".")[0], kind)


def _proof(named: str, secret: bytes) -> str:
    return hmac.new(secret, _DOMAIN + named.encode(), sha256).hexdigest()
