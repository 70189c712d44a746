"""How long the API takes to answer, and how often it fails."""

import time

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config_api.security.headers import API

SECONDS = Histogram(
    "kinamik_http_request_seconds",
    "From a request of the API to the beginning of its answer",
    ["status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
for _status in ("2xx", "3xx", "4xx", "5xx"):
    SECONDS.labels(_status)


class Measured:
    """Told by the status's first digit alone: paths name organisations."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        began, answered = time.monotonic(), False

        def count(status: int) -> None:
            nonlocal answered
            answered = True
            SECONDS.labels(f"{status // 100}xx").observe(time.monotonic() - began)

        async def send_measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                count(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_measured)
        except Exception:
            if not answered:
                count(500)
            raise
