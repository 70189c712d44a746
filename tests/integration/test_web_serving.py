"""How config-api delivers the web UI: its page for every view, its files, and nothing in the API's place."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from config_api import problems, web
from config_api.security.headers import SecurityHeaders

PAGE = '<html><meta nonce="CSP_NONCE"><script src="/assets/main.js" nonce="CSP_NONCE"></script></html>'
SCRIPT = "export const text = 'a script of some length'\n" * 50


@pytest.fixture
async def http(tmp_path: Path) -> AsyncGenerator[httpx2.AsyncClient]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "main.js").write_text(SCRIPT)
    (tmp_path.parent / "secret.txt").write_text("not for everybody")
    app = FastAPI()
    problems.install(app)
    app.add_middleware(SecurityHeaders, tls=False)
    app.add_api_route("/api/v1/known", lambda: "an answer", methods=["POST"])
    web.install(app, tmp_path)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kinamik.example") as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/login", "/organisations/1/activity", "/confirm", "/a.b", "/%00", "/index.html"]
)
async def test_every_view_is_the_page(http: httpx2.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert response.status_code == 200
    assert "/assets/main.js" in response.text


async def test_every_answer_has_a_nonce_of_its_own_and_nothing_inline_runs_without_it(http: httpx2.AsyncClient) -> None:
    answers = [await http.get("/") for _ in range(2)]
    nonces = [re.findall('nonce="([^"]+)"', answer.text) for answer in answers]
    policies = [answer.headers["content-security-policy"] for answer in answers]
    assert nonces[0] != nonces[1]
    for (first, second), policy in zip(nonces, policies, strict=True):
        assert first == second
        assert f"script-src 'self' 'nonce-{first}';" in policy
        assert f"style-src 'self' 'nonce-{first}';" in policy
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
    assert answers[0].headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)])
async def test_what_the_build_has_compressed_is_delivered_so_to_who_takes_it(
    http: httpx2.AsyncClient, tmp_path: Path, accepted: str, encoding: str | None
) -> None:
    (tmp_path / "assets" / "main.js.br").write_bytes(b"made by the build")
    async with http.stream("GET", "/assets/main.js", headers={"Accept-Encoding": accepted}) as response:
        sent = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["content-type"].startswith("text/javascript")
    assert (sent == b"made by the build") is (encoding == "br")
    assert encoding is None or "Accept-Encoding" in response.headers["vary"]


async def test_files_are_delivered_as_they_are(http: httpx2.AsyncClient) -> None:
    script = await http.get("/assets/main.js", headers={"Accept-Encoding": "gzip"})
    assert script.text == SCRIPT
    assert script.headers["content-encoding"] == "gzip"
    assert "immutable" in script.headers["cache-control"]
    assert (await http.get("/favicon.svg")).text == "<svg/>"


@pytest.mark.parametrize(
    "path", ["/assets/unknown.js", "/api/v1/unknown", "/internal/v1/unknown", "/assets/../../secret.txt"]
)
async def test_what_is_no_view_is_not_found(http: httpx2.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert "not for everybody" not in response.text
    assert response.status_code == 404 or "/assets/main.js" in response.text


async def test_the_api_answers_for_itself(http: httpx2.AsyncClient) -> None:
    unknown = await http.get("/api/v1/unknown")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    assert (await http.post("/somewhere")).status_code == 405
    assert (await http.get("/api/v1/known")).status_code == 405
    assert (await http.post("/api/v1/known")).json() == "an answer"
