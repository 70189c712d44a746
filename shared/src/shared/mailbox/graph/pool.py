"""One HTTP client for all mailboxes of a process. Importing this loads the HTTP library of Microsoft's SDK."""

import asyncio
import logging
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import httpx

from shared.errors import PermanentError
from shared.mailbox.graph.permitted import is_permitted

CONNECTIONS = 100
_TIMES = httpx.Timeout(30.0, connect=10.0)
"""Seconds without a sign of life, and for a free connection."""

# They print addresses with ids in them.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class _Gate(httpx.AsyncHTTPTransport):
    """Lets only permitted requests through, whoever makes them."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not is_permitted(request.method, request.url.path):
            raise PermanentError("not_permitted")
        return await super().handle_async_request(request)


@dataclass
class _Shared:
    client: httpx.AsyncClient
    users: int = 0


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared] = WeakKeyDictionary()


def borrow() -> httpx.AsyncClient:
    """The client; whoever borrows it gives it back once.

    It neither follows redirects nor repeats anything: the SDK's own handlers, which would, are left out.
    """
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=60)
        _by_loop[loop] = _Shared(httpx.AsyncClient(transport=_Gate(limits=limits), timeout=_TIMES))
    shared = _by_loop[loop]
    shared.users += 1
    return shared.client


async def give_back() -> None:
    """With the last one its connections are closed."""
    loop = asyncio.get_running_loop()
    shared = _by_loop[loop]
    shared.users -= 1
    if not shared.users:
        del _by_loop[loop]
        await shared.client.aclose()
