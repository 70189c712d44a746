"""What browsers are told with every answer, also with those that are errors; and what is not even read."""

from collections.abc import AsyncIterator

import pytest

from config_api.security.bodies import LARGEST
from tests.servers.config_api import running_config_api
from tests.servers.postgres import Postgres

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
PATHS = ("/organisations", "/nowhere", "/organisations?limit=none", "/auth/terms", "/account")


@pytest.mark.parametrize("public_url", ["https://app.kinamik.example", "http://127.0.0.1:8080"])
async def test_every_answer_has_them(postgres: Postgres, database: str, public_url: str) -> None:
    async with running_config_api(postgres, database, public_url=public_url) as api:
        for path in PATHS:
            answer = await api.http.get(path)
            assert ALWAYS.items() <= answer.headers.items(), path
            hsts = answer.headers.get("strict-transport-security")
            assert hsts == ("max-age=31536000; includeSubDomains" if public_url.startswith("https") else None)


async def test_no_other_site_is_let_in(postgres: Postgres, database: str) -> None:
    """There is no CORS: nothing in an answer, also to a preflight, allows another origin."""
    async with running_config_api(postgres, database) as api:
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for method in ("OPTIONS", "GET"):
            answer = await api.http.request(method, "/organisations", headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control-")]
        trace = await api.http.request("TRACE", "/organisations")
        assert trace.status_code == 405


@pytest.mark.parametrize("path", ["/auth/login", "/organisations"])
async def test_a_body_that_is_too_large_is_not_read(postgres: Postgres, database: str, path: str) -> None:
    """Neither where its length is told, nor where it comes in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        for _ in range(LARGEST // 1_000_000 + 1):
            yield bytes(1_000_000)

    async with running_config_api(postgres, database) as api:
        for content in (bytes(LARGEST + 1), pieces()):
            answer = await api.http.post(path, content=content, headers={"Content-Type": "application/json"})
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"
