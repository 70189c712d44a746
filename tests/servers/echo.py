"""A provider of very many mailboxes in which nothing happens: every answer is the one that an emulated one gave first.

The emulators take milliseconds for an answer, so a thousand mailboxes would be waiting for them and not for us.
"""

import time
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.servers.config_api import NO_TLS, serving

_KEPT = ("content-type",)


class Echo:
    """`token` opens the one mailbox behind it. Everybody else's are their own: `asked` is when each of them was asked
    for something (time.monotonic)."""

    def __init__(self, upstream: str, token: str, http: httpx2.AsyncClient) -> None:
        self._upstream, self._token, self._http = upstream, token, http
        self._answers: dict[tuple[str, str, str], tuple[int, dict[str, str], bytes]] = {}
        self.url = ""
        self.asked: defaultdict[str, list[float]] = defaultdict(list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.asked[bearer].append(time.monotonic())
        response = await self._answer(request) if bearer else JSONResponse({}, 401)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        key = (request.method, str(request.url).removeprefix(self.url), request.headers.get("prefer", ""))
        if key not in self._answers:
            self._answers[key] = await self._first(*key)
        status, headers, body = self._answers[key]
        return Response(body, status, headers)

    async def _first(self, method: str, path: str, prefer: str) -> tuple[int, dict[str, str], bytes]:
        assert method == "GET", "who only looks writes nothing"
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Prefer": prefer} if prefer else {})
        answer = await self._http.get(self._upstream + path, headers=headers)
        kept = {name: value for name, value in answer.headers.items() if name in _KEPT}
        return answer.status_code, kept, answer.content.replace(self._upstream.encode(), self.url.encode())


@asynccontextmanager
async def an_echo(upstream: str, token: str) -> AsyncGenerator[Echo]:
    async with httpx2.AsyncClient(verify=NO_TLS, timeout=30) as http:
        echo = Echo(upstream, token, http)
        async with serving(echo, backlog=2048) as echo.url:
            yield echo
