"""Asking Gmail, as one mailbox's owner. Only requests that neither send nor delete get through."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx2

from shared.errors import TransientError
from shared.mailbox.gmail.answers import object_in
from shared.mailbox.gmail.errors import error_of, no_answer
from shared.mailbox.gmail.pool import Pool
from shared.mailbox.tokens import AccessTokens

PERMITTED = re.compile(r"GET /.*|POST /(drafts|watch)")
"""There is no other request that could leave this process. `drafts` creates one, `watch` asks to be told of changes."""


class Api:
    """Every method raises TransientError, AuthError or PermanentError with a fixed reason.

    A request is made once, and once more only where Google says that the token is not valid (any more), since then
    nothing was done. Paths are those below `users/me`.
    """

    def __init__(self, url: str, tokens: AccessTokens) -> None:
        self._base = f"{url.rstrip('/')}/gmail/v1/users/me"
        self._tokens = tokens
        self._pool: Pool | None = Pool.join()

    async def get(self, path: str, **params: str | int | list[str]) -> dict[str, Any]:
        async with self.stream("GET", path, params=params) as response:
            body = object_in(await response.aread())
        if body is None:
            raise TransientError("server_error")
        return body

    async def post(self, path: str, body: dict[str, Any]) -> None:
        """What Google answers to what it has done is not looked at: nothing must fail after that."""
        async with self.stream("POST", path, json=body):
            pass

    @asynccontextmanager
    async def stream(self, method: str, path: str, **request: Any) -> AsyncGenerator[httpx2.Response]:
        """An answer whose body is still to be read. Whoever reads it gets these errors as well."""
        if not PERMITTED.fullmatch(f"{method} {path}"):
            raise AssertionError(f"{method} {path.split('/')[1]} is not permitted")
        try:
            response = await self._send(method, path, request)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx2.RequestError as error:
            raise no_answer(error) from None

    async def close(self) -> None:
        """Never raises."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.leave()

    async def _send(self, method: str, path: str, request: dict[str, Any]) -> httpx2.Response:
        response = await self._send_once(method, path, request, token := await self._tokens.get())
        if response.status_code == 401:
            await response.aclose()
            self._tokens.refused(token)
            response = await self._send_once(method, path, request, await self._tokens.get())
        if response.is_success:
            return response
        try:
            body = object_in(await response.aread()) or {}
        finally:
            await response.aclose()
        raise error_of(response.status_code, response.headers, body)

    async def _send_once(self, method: str, path: str, request: dict[str, Any], token: str) -> httpx2.Response:
        if self._pool is None:
            raise no_answer(httpx2.NetworkError("closed"))
        http = self._pool.http
        headers = {"Authorization": f"Bearer {token}"}
        return await http.send(http.build_request(method, self._base + path, headers=headers, **request), stream=True)


def segment(value: str) -> str:
    """An id as a part of a path."""
    return quote(value, safe="")
