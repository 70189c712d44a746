"""A reverse proxy before an emulated service: it injects faults, and fills what the emulator lacks."""

import asyncio
import threading
import time
from typing import Any

import httpx2
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.servers.config_api import NO_TLS
from tests.servers.faults import Faults
from tests.servers.mail_server import HOST

_ITS_OWN = {"content-length", "transfer-encoding", "connection", "keep-alive", "date", "server", "content-encoding"}


class Gateway:
    """Runs in a thread of its own, so that tests may block. Subclasses fill gaps in `answer`."""

    def __init__(self, port: int, upstream: str) -> None:
        self.url = f"http://{HOST}:{port}"
        self.faults = Faults()
        config = uvicorn.Config(
            self,
            host=HOST,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            timeout_keep_alive=300,
        )
        self._server = uvicorn.Server(config)
        self._upstream = upstream
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="gateway", daemon=True)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the port is taken"
            time.sleep(0.005)

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        fault = self.faults.next_for(request.method, request.url.path, self.user_of(request))
        response = None if fault and not fault.carried_out else await self.answer(request)
        if fault and fault.status == 0:
            # ASGI has no way to end a connection; uvicorn's own object behind `receive` has.
            receive.__self__.transport.abort()  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
            return
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.released:
            await asyncio.to_thread(fault.released.wait, 30)
        if fault and fault.status is not None:
            response = JSONResponse(fault.body, fault.status, fault.headers)
        assert response is not None
        await response(scope, receive, send)

    def user_of(self, request: Request) -> str | None:
        """Whom the request is made for, where that is known."""
        return None

    async def answer(self, request: Request) -> Response:
        return await self.forward(request)

    async def forward(
        self, request: Request, *, path: str = "", body: bytes | None = None, token: str = ""
    ) -> Response:
        """The emulator's answer to the request; to another path, with another body or token where these are given."""
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        if token:
            headers["authorization"] = f"Bearer {token}"
        reply = await self._http.request(
            request.method,
            path or request.url.path,
            params=None if "?" in path else request.url.query or None,
            headers=headers,
            content=await request.body() if body is None else body,
        )
        kept = {name: value for name, value in reply.headers.items() if name not in _ITS_OWN}
        return Response(reply.content, reply.status_code, kept)

    async def get(self, path: str, token: str, **params: Any) -> Any:
        """What the emulator itself says, for filling gaps."""
        reply = await self._http.get(path, params=params, headers={"Authorization": f"Bearer {token}"})
        return reply.json()

    async def _run(self) -> None:
        # Node.js closes what is idle for five seconds: none is used just then.
        limits = httpx2.Limits(max_connections=50, keepalive_expiry=2)
        patience = httpx2.Timeout(60, pool=None)
        async with httpx2.AsyncClient(
            base_url=self._upstream, timeout=patience, limits=limits, verify=NO_TLS
        ) as self._http:
            await self._server.serve()
