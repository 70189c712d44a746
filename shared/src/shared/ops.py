"""What an orchestrator asks every service: is it alive, is it ready, how is it doing."""

import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, Info, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from shared.tasks import background

# So that what every process says of itself (memory, CPU) can be told by service, whatever Prometheus calls its targets.
SERVICE = Info("kinamik_service", "Which service this process is")

Checks = Mapping[str, Callable[[], Awaitable[bool]]]


def routes(checks: Checks) -> list[Route]:
    """`/healthz` answers as long as the event loop turns, `/readyz` asks every check, `/metrics` is Prometheus'."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        results = {name: await _passes(check) for name, check in checks.items()}
        return JSONResponse(results, status_code=200 if all(results.values()) else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _passes(check: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await check()
    except Exception:  # a check that breaks is a check that fails
        return False


def operations_app(checks: Checks, more: Sequence[BaseRoute] = ()) -> Starlette:
    return Starlette(routes=[*routes(checks), *more])


class _Server(uvicorn.Server):
    """Signals are the process's business, not the web server's."""

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]
        return nullcontext()


@asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int, *, trusted_proxies: Sequence[str] = ()) -> AsyncGenerator[None]:
    """Serves `app` while entered. Raises OSError where the port is in use.

    What X-Forwarded-For and X-Forwarded-Proto say counts when it comes from `trusted_proxies`, which are addresses or
    networks; from anybody else they are ignored.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
    )
    server = _Server(config)
    listener = config.bind_socket()
    # asyncio turns Nagle off only for sockets that name their protocol; with it every answer would wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.listen(config.backlog)  # from here on nobody is refused, though uvicorn may still be starting
    async with background(server.serve([listener]), name=f"http-{port}"):
        try:
            yield
        finally:
            server.should_exit = True
            await server.shutdown([listener])
