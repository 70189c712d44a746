"""No request may fill the memory with its body.

FastAPI has such a limit too (`max_body_size`), which does not answer with a problem.
"""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# In bytes, and more than an import may have.
LARGEST = 16_000_000


class BodyLimit:
    """What is too large is not read on, whether its length was told or it comes in pieces."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "")
        too_large = told.isdecimal() and int(told) > LARGEST
        size = 0

        async def receive_some() -> Message:
            nonlocal size
            if too_large:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            message = await receive()
            size += len(message.get("body", b""))
            if size > LARGEST:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_some, send)
