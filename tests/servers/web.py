"""An HTTPS server on loopback that has the pages a test gives it."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.servers.certificate import trusting, write_certificate
from tests.servers.config_api import serving

Page = bytes | str


@dataclass
class Web:
    """`pages` by host and path; a text is where to look instead. `asked` are the URLs in order, without the scheme."""

    trust: ssl.SSLContext
    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict[str, Page])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[str] = field(default_factory=list[str])

    async def answer(self, request: Request) -> Response:
        url = request.headers["host"] + request.url.path
        self.asked.append(url)
        match self.pages.get(url):
            case None:
                return Response(status_code=404)
            case str(elsewhere):
                return Response(status_code=302, headers={"Location": elsewhere})
            case bytes(page):
                return Response(page, media_type="text/xml", headers=self.headers)


@asynccontextmanager
async def a_web_server(folder: Path, *hosts: str) -> AsyncGenerator[Web]:
    """With a certificate for these hosts."""
    certificate, key = write_certificate(folder, *hosts)
    web = Web(trusting(certificate))
    app = Starlette(routes=[Route("/{path:path}", web.answer)])
    async with serving(app, ssl_certfile=str(certificate), ssl_keyfile=str(key)) as url:
        web.port = int(url.rsplit(":", 1)[1])
        yield web
