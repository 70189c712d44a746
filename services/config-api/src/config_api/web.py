"""Serves the web UI: built files as they are, and its one page for every path that is a view of it."""

import secrets
from mimetypes import guess_type
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

NONCE = "CSP_NONCE"  # stands in the built page where the nonce belongs
# Level 3 of the Content Security Policy: nothing from elsewhere, nothing inline but what has this answer's nonce.
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Their names change with their content.
UNCHANGING = {"Cache-Control": "public, max-age=31536000, immutable"}


class ViewConvertor(StringConvertor):
    """Any path but those of data and of built files, which answer for themselves."""

    regex = "(?!api/|internal/|assets/).*"


register_url_convertor("view", ViewConvertor())


class Assets(StaticFiles):
    """A file's brotli, which the build has put beside it, for who takes that (RFC 9110, 12.5.3)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await self._compressed(path, scope) or await super().get_response(path, scope)
        response.headers.update(UNCHANGING)
        return response

    async def _compressed(self, path: str, scope: Scope) -> Response | None:
        accepted = {
            each.partition(";")[0].strip() for each in Headers(scope=scope).get("accept-encoding", "").split(",")
        }
        if "br" not in accepted or self.lookup_path(f"{path}.br")[1] is None:
            return None
        response = await super().get_response(f"{path}.br", scope)
        response.headers["Content-Type"] = guess_type(path)[0] or "application/octet-stream"
        response.headers["Content-Encoding"] = "br"
        response.headers.add_vary_header("Accept-Encoding")
        return response


def install(app: FastAPI, folder: Path | None) -> None:
    """To be called last: what no other route answers is a view of the UI. Raises OSError where nothing is built."""
    if folder is None:
        return
    page = (folder / "index.html").read_text()
    public = {path.name for path in folder.iterdir() if path.is_file()} - {"index.html"}
    # Only these are compressed: they hold no secret that could be guessed from an answer's length (BREACH).
    app.mount("/assets", GZipMiddleware(Assets(directory=folder / "assets")), name="assets")
    others = StaticFiles(directory=folder)

    async def view(request: Request) -> Response:
        if (name := request.url.path.removeprefix("/")) in public:
            return await others.get_response(name, request.scope)
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce), "Cache-Control": "no-cache"}
        return HTMLResponse(page.replace(NONCE, nonce), headers=headers)

    app.router.routes.append(Route("/{path:view}", view, include_in_schema=False))
