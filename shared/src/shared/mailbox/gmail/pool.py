"""The connections to Google that all mailboxes of a process share."""

import asyncio
from weakref import WeakKeyDictionary

import httpx2

REQUEST_SECONDS = 30.0
QUEUE_SECONDS = 300.0
"""A turn may be long in coming where a thousand mailboxes begin at once. That is no fault of Google's."""
CONNECTIONS = 100

_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, "Pool"] = WeakKeyDictionary()


class Pool:
    """There while anybody uses it: the first to `join` opens it, the last to `leave` closes it."""

    def __init__(self) -> None:
        self.http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(REQUEST_SECONDS, connect=10.0, pool=QUEUE_SECONDS),
            limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        )
        self._users = 0

    @staticmethod
    def join() -> "Pool":
        loop = asyncio.get_running_loop()
        if (pool := _pools.get(loop)) is None:
            pool = _pools[loop] = Pool()
        pool._users += 1
        return pool

    async def leave(self) -> None:
        self._users -= 1
        if not self._users:
            _pools.pop(asyncio.get_running_loop(), None)
            await self.http.aclose()
