"""Change notifications (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from uuid import uuid4

import httpx2

from tests.servers.graph.checks import Checks
from tests.servers.graph.mime import Json, stamp
from tests.servers.graph.problem import Problem
from tests.servers.graph.tenant import Message, Tenant, User

LONGEST = timedelta(minutes=4230)
_HANDSHAKE_SECONDS = 10.0
_CLIENT_STATE = 128


@dataclass(eq=False)
class Subscription:
    user: User
    folder_id: str
    """Empty: the whole mailbox."""
    immutable: bool
    properties: Json
    expires: datetime

    def wants(self, user: User, message: Message, how: str) -> bool:
        if user is not self.user or self.expires < datetime.now(UTC) or how not in self.properties["changeType"]:
            return False
        return not self.folder_id or message.folder.id == self.folder_id


@dataclass
class Delivery:
    """How notifications go out. `held`: they wait for `release`; `twice`: each is delivered two times."""

    held: bool = False
    twice: bool = False
    waiting: list[tuple[str, Json]] = field(default_factory=list[tuple[str, Json]])
    answers: list[int] = field(default_factory=list[int])
    """The status of every answer so far; 0 where there was none."""


class Subscriptions:
    """`on_loop` runs a function in the server's loop; what changes, changes in another thread."""

    def __init__(self, tenant: Tenant, checks: Checks | None, on_loop: Callable[[Callable[[], None]], None]) -> None:
        self._tenant, self._checks, self._on_loop = tenant, checks, on_loop
        self._tasks: set[asyncio.Task[None]] = set()
        self.known: dict[str, Subscription] = {}
        self.delivery = Delivery()
        tenant.told.append(self._changed)

    def begin(self) -> None:
        self.known.clear()
        self.delivery = Delivery()
        del self._tenant.told[1:]

    async def create(self, user: User, wanted: Json, target: tuple[User, str], *, immutable: bool) -> Json:
        """`target` is whose mailbox, and which folder of it. Raises Problem."""
        expires = _expiry(wanted)
        if len(wanted.get("clientState") or "") > _CLIENT_STATE:
            raise Problem(400, "ValidationError", "clientState is too long.")
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            if name in wanted:
                await _shake_hands(wanted[name])
        properties = {
            "id": str(uuid4()),
            "applicationId": str(uuid4()),
            "creatorId": user.id,
            "latestSupportedTlsVersion": "v1_2",
            "lifecycleNotificationUrl": None,
            "includeResourceData": False,
            "clientState": None,
        }
        properties |= {name: value for name, value in wanted.items() if "@" not in name}
        properties["expirationDateTime"] = stamp(expires)
        self.known[properties["id"]] = Subscription(target[0], target[1], immutable, properties, expires)
        return properties

    def renew(self, subscription_id: str, wanted: Json) -> Json:
        found = self.find(subscription_id)
        found.expires = _expiry(wanted)
        found.properties["expirationDateTime"] = stamp(found.expires)
        return found.properties

    def find(self, subscription_id: str) -> Subscription:
        found = self.known.get(subscription_id)
        if found is None or found.expires < datetime.now(UTC):
            raise Problem(404, "ResourceNotFound", "The object was not found.")
        return found

    def lifecycle(self, subscription_id: str, event: str) -> None:
        """`missed`, `reauthorizationRequired` or `subscriptionRemoved`, which ends it."""
        found = self.known[subscription_id]
        if event == "subscriptionRemoved":
            del self.known[subscription_id]
        self._send(found, "lifecycleNotificationUrl", {"lifecycleEvent": event})

    def release(self, *, backwards: bool = False) -> None:
        """Sends what is held, in the wrong order on demand."""
        self.delivery.held = False
        held, self.delivery.waiting = self.delivery.waiting, []
        for url, body in reversed(held) if backwards else held:
            self._on_loop(lambda url=url, body=body: self._post_soon(url, body))

    def _changed(self, user: User, message: Message, how: str) -> None:
        for found in list(self.known.values()):
            if found.wants(user, message, how):
                message_id = message.key if found.immutable else message.id
                resource = f"Users/{user.id}/Messages/{message_id}"
                data = {"@odata.type": "#Microsoft.Graph.Message", "@odata.id": resource, "id": message_id}
                self._send(found, "notificationUrl", {"changeType": how, "resource": resource, "resourceData": data})

    def _send(self, found: Subscription, to: str, what: Json) -> None:
        properties = found.properties
        if not properties.get(to):
            return
        common = {
            "subscriptionId": properties["id"],
            "subscriptionExpirationDateTime": properties["expirationDateTime"],
            "clientState": properties["clientState"],
            "tenantId": self._tenant.id,
        }
        body = {"value": [common | what]}
        assert not (self._checks and self._checks.notification(body)), "a notification beside the schema"
        for _ in range(2 if self.delivery.twice else 1):
            if self.delivery.held:
                self.delivery.waiting.append((properties[to], body))
            else:
                self._on_loop(lambda: self._post_soon(properties[to], body))

    def _post_soon(self, url: str, body: Json) -> None:
        task = asyncio.create_task(self._post(url, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, url: str, body: Json) -> None:
        try:
            async with httpx2.AsyncClient(timeout=_HANDSHAKE_SECONDS, verify=False) as http:
                self.delivery.answers.append((await http.post(url, json=body)).status_code)
        except httpx2.HTTPError:
            self.delivery.answers.append(0)


async def _shake_hands(url: str) -> None:
    """The endpoint has to say the token within ten seconds, as plain text."""
    token = f"Validation: Testing client application reachability for subscription {uuid4()} äöü"
    try:
        async with httpx2.AsyncClient(timeout=_HANDSHAKE_SECONDS, verify=False) as http:
            answer = await http.post(url, params={"validationToken": token})
    except httpx2.HTTPError:
        raise Problem(400, "ValidationError", "Subscription validation request timed out.") from None
    plain = answer.headers.get("content-type", "").startswith("text/plain")
    if answer.status_code != 200 or not plain or unquote(answer.text) != token:
        raise Problem(400, "ValidationError", "Subscription validation request failed.")


def _expiry(wanted: Json) -> datetime:
    try:
        expires = datetime.fromisoformat(wanted["expirationDateTime"])
    except (KeyError, ValueError):
        raise Problem(400, "InvalidRequest", "expirationDateTime is missing.") from None
    now = datetime.now(UTC)
    if not now < expires <= now + LONGEST:
        raise Problem(400, "ExtensionError", "Subscription expiration can only be 4230 minutes in the future.")
    return expires
