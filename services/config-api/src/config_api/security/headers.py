"""Headers that tell browsers what not to do with an answer. What an endpoint sets itself, stays."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = ("/api/", "/internal/")

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Data is never a page: nothing in it is run, framed, or left in a cache.
OF_DATA = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"}
# RFC 6797. Browsers heed it over TLS only, where they come for good once they have come once.
OVER_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class SecurityHeaders:
    """`tls`: whether people reach the API by https, as everywhere but on one's own machine."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self._app = app
        self._everywhere = EVERYWHERE | (OVER_TLS if tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._for(scope["path"]).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    def _for(self, path: str) -> dict[str, str]:
        return self._everywhere | (OF_DATA if path.startswith(API) else {})
