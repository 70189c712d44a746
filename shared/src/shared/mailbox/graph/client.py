"""Microsoft's SDK, as we use it: it makes the requests; sending them and reading the answers is ours.

What the SDK would do on its own while sending is left out: it repeats writes after 503 and 504, which may have been
carried out, follows redirects, and writes whole addresses into traces.
"""

import asyncio
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.request_information import RequestInformation
from kiota_http.httpx_request_adapter import HttpxRequestAdapter
from kiota_http.observability_options import ObservabilityOptions
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from kiota_serialization_json.json_serialization_writer_factory import JsonSerializationWriterFactory
from msgraph.generated.subscriptions.subscriptions_request_builder import SubscriptionsRequestBuilder
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder

from shared.errors import TransientError
from shared.mailbox.graph.answers import Json
from shared.mailbox.graph.errors import refusal
from shared.mailbox.graph.pool import borrow, give_back
from shared.mailbox.tokens import AccessTokens

Answer = TypeVar("Answer")

REQUEST_SECONDS = 90.0
"""For a request as a whole, with its answer."""

_ME = "me-token-to-replace"


class Graph:
    """One mailbox. `user` is its address or id, empty for the one whose tokens these are.

    Every method raises TransientError (`server_unreachable`, `timeout`, `connection_lost`, `server_error`,
    `rate_limited`, `server_refused`), AuthError (`credentials_refused`, `access_denied`, or what the tokens raise) or
    one of the kinds in `errors`.
    """

    def __init__(self, url: str, user: str, tokens: AccessTokens) -> None:
        self.base = f"{url.rstrip('/')}/v1.0"
        self._tokens = tokens
        self._http = borrow()
        self._closed = False
        self._adapter = HttpxRequestAdapter(
            _Bearer(tokens),
            JsonParseNodeFactory(),
            JsonSerializationWriterFactory(),
            self._http,
            observability_options=ObservabilityOptions(include_euii_attributes=False),
        )
        self._adapter.base_url = self.base
        self.resource = f"users/{user}" if user else "me"
        self.mailbox = UserItemRequestBuilder(self._adapter, {"user%2Did": user or _ME})
        self.subscriptions = SubscriptionsRequestBuilder(self._adapter, {})

    async def answer(self, request: RequestInformation, read: Callable[[Json], Answer]) -> Answer:
        """The answer to a request of the SDK's, as `read` understands it."""
        with _failures_named():
            async with asyncio.timeout(REQUEST_SECONDS):
                response = await self._send(request)
                content = await response.aread()
        try:
            return read(json.loads(content))
        except (ValueError, LookupError, TypeError, AttributeError):
            raise TransientError("server_error") from None

    async def beginning(self, request: RequestInformation, whole: int, part: int) -> tuple[bytes, bool]:
        """An answer's bytes, and whether it is cut: one of more than `whole` bytes is read for its first `part`."""
        with _failures_named():
            async with asyncio.timeout(REQUEST_SECONDS):
                response = await self._send(request)
                try:
                    return await _beginning(response, whole, part)
                finally:
                    await response.aclose()

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await give_back()

    async def _send(self, request: RequestInformation) -> httpx.Response:
        """A success. A refused token is replaced once."""
        response = await self._once(request)
        if response.status_code == 401:
            self._tokens.refused(_token_of(response.request))
            await response.aclose()
            response = await self._once(request)
        if not response.is_success:
            body = await response.aread()
            raise refusal(response.status_code, response.headers, body)
        return response

    async def _once(self, request: RequestInformation) -> httpx.Response:
        self._adapter.set_base_url_for_request_information(request)
        native = await self._adapter.convert_to_native_async(request)
        # As the SDK's own handlers do it: the address of one's own mailbox, and OData's names.
        native.url = httpx.URL(str(native.url).replace(f"/users/{_ME}", "/me", 1).replace("%24", "$"))
        return await self._http.send(native, stream=True)


class _Bearer(AuthenticationProvider):
    """Puts the mailbox's current token into each request."""

    def __init__(self, tokens: AccessTokens) -> None:
        self._tokens = tokens

    async def authenticate_request(
        self, request: RequestInformation, additional_authentication_context: dict[str, Any] | None = None
    ) -> None:
        request.headers.remove("Authorization")
        request.headers.add("Authorization", f"Bearer {await self._tokens.get()}")


@contextmanager
def _failures_named() -> Generator[None]:
    """Turns what goes wrong on the wire into our errors, without their texts."""
    try:
        yield
    except httpx.ConnectError:
        raise TransientError("server_unreachable") from None
    except (httpx.TimeoutException, TimeoutError):
        raise TransientError("timeout") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise TransientError("connection_lost") from None


async def _beginning(response: httpx.Response, whole: int, part: int) -> tuple[bytes, bool]:
    read = bytearray()
    async for chunk in response.aiter_bytes():
        read += chunk
        if len(read) > whole:
            return bytes(read[:part]), True
    return bytes(read), False


def _token_of(request: httpx.Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")
