"""Hearing of changes through a Pub/Sub subscription, by pulling: no port of ours need be open to anybody.

The operator makes a topic that `gmail-api-push@system.gserviceaccount.com` may publish to, and a subscription that a
service account may read (https://developers.google.com/gmail/api/guides/push). Needs the extra `shared[gmail]`.
"""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import AsyncGenerator
from typing import Any, cast

import httpx2
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from shared.errors import AuthError, TransientError
from shared.mailbox.gmail.answers import object_in
from shared.mailbox.gmail.errors import error_of, no_answer
from shared.mailbox.gmail.pool import Pool

URL = "https://pubsub.googleapis.com"
AT_ONCE = 100
PULL_SECONDS = 100.0
"""How long a pull may take: the service answers after a minute and a half where there is nothing."""

_SCOPE = "https://www.googleapis.com/auth/pubsub"
_PAUSE_SECONDS = 1.0


class Subscription:
    """`name` is `projects/.../subscriptions/...`, `key` a service account's key file's content (JSON)."""

    def __init__(self, name: str, key: dict[str, Any], *, url: str = URL) -> None:
        self._url = f"{url.rstrip('/')}/v1/{name}"
        self._credentials = Credentials.from_service_account_info(key, scopes=[_SCOPE])
        self._pool = Pool.join()

    async def changes(self) -> AsyncGenerator[frozenset[str]]:
        """The addresses whose mailboxes have changed, for ever. What was yielded is acknowledged when the next is
        asked for; what was not is told again.

        Raises TransientError and AuthError with a fixed reason, after which it can be called again.
        """
        while True:
            received = (await self._post("pull", {"maxMessages": AT_ONCE})).get("receivedMessages", [])
            if not received:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            yield frozenset(filter(None, map(_address, received)))
            await self._post("acknowledge", {"ackIds": [each["ackId"] for each in received]})

    async def close(self) -> None:
        """Never raises."""
        await self._pool.leave()

    async def _post(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {await self._token()}"}
        try:
            response = await self._pool.http.post(
                f"{self._url}:{method}", json=body, headers=headers, timeout=PULL_SECONDS
            )
        except httpx2.RequestError as error:
            raise no_answer(error) from None
        answer = object_in(response.content) or {}
        if not response.is_success:
            raise error_of(response.status_code, response.headers, answer)
        return answer

    async def _token(self) -> str:
        """google-auth waits for its answers, so it does that in a thread."""
        if not self._credentials.valid:
            try:
                await asyncio.to_thread(self._refresh)
            except TransportError:
                raise TransientError("connection_lost") from None
            except RefreshError as error:
                raise (TransientError("server_error") if error.retryable else AuthError("access_denied")) from None
            except GoogleAuthError:
                raise AuthError("access_denied") from None
        return str(cast(object, self._credentials.token))

    def _refresh(self) -> None:
        self._credentials.refresh(Request())


def _address(received: dict[str, Any]) -> str:
    """Empty where the message is none of Gmail's."""
    try:
        data = object_in(b64decode(received["message"].get("data", ""))) or {}
    except binascii.Error:
        return ""
    return str(data.get("emailAddress", "")).lower()
