"""What goes wrong on its way: throttling, errors before or after the work was done, connections that break."""

import asyncio
import re
from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.servers.graph.problem import Problem

_ID = re.compile(r"(?<=/)(AAMk[^/]+|[0-9a-f-]{36})(?=/|$)")


@dataclass
class Fault:
    """Meets the next `times` requests whose method and path match. `path` is a regular expression that is searched.

    `status` 0 breaks the connection without an answer. `after`: the request is carried out first. `delay`: seconds.
    """

    method: str = ""
    path: str = ""
    status: int = 503
    code: str = "ServiceUnavailable"
    headers: dict[str, str] = field(default_factory=dict[str, str])
    after: bool = False
    times: int = 1
    delay: float = 0.0

    def meets(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in ("", method) and re.search(self.path, path) is not None


def throttled(seconds: int | None = 7, **more: Any) -> Fault:
    """429, with Retry-After where `seconds` is given."""
    headers = {"Retry-After": str(seconds)} if seconds is not None else {}
    return Fault(status=429, code="TooManyRequests", headers=headers, **more)


def broken(**more: Any) -> Fault:
    """The connection breaks without an answer."""
    return Fault(status=0, **more)


class Faulty:
    """An ASGI application around another one; it also counts requests, by method and path without ids."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.faults: list[Fault] = []
        self.counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        self.counts[f"{method} {_ID.sub('{id}', path)}"] += 1
        fault = next((fault for fault in self.faults if fault.meets(method, path)), None)
        if fault is None:
            await self._app(scope, receive, send)
            return
        fault.times -= 1
        if fault.after:
            await self._app(scope, receive, _unheard)
        await asyncio.sleep(fault.delay)
        if fault.status == 0:
            _transport(receive).abort()
            return
        answer = Problem(fault.status, fault.code, headers=fault.headers).response()
        if not fault.after:
            await Request(scope, receive).body()
        await answer(scope, receive, send)


async def _unheard(message: Message) -> None:
    """Where an answer goes that nobody gets."""


def _transport(receive: Receive) -> asyncio.Transport:
    """The connection below: uvicorn's `receive` belongs to what holds it."""
    holder: MutableMapping[str, Any] = vars(receive.__self__)  # type: ignore[attr-defined]
    return holder["transport"]
