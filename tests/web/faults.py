"""An API in trouble: it is away, slow, or answers every request with the same problem."""

import asyncio
import re
from http import HTTPStatus
from urllib.parse import urlsplit

from playwright.async_api import Page, Route

from config_api.messages import catalogue

Fault = str | int
DOWN = "down"
SLOW = "slow"
# What the API says with these (`config_api.problems`); the proxy before it may say the same.
REASONS = {
    401: "login_required",
    409: "conflict",
    422: "not_valid",
    429: "too_many_attempts",
    500: "internal_error",
}
LOGGED_OUT = 401
# The web UI's own words, where nothing came back.
OFFLINE: dict[catalogue.Language, str] = {
    "de": "Kinamik ist gerade nicht erreichbar. Bitte prüfen Sie Ihre Verbindung",
    "en": "Kinamik cannot be reached right now. Please check your connection",
}
API = re.compile(r"/api/v1/|/openapi\.json$")


class Faults:
    """Stands before the API of one page. `now` is what is wrong, None while all is well; SLOW lasts until `mend`.

    `spared` are paths, and `methods`, where they are named, are the only ones, that it meets.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self.now: Fault | None = None
        self.spared: frozenset[str] = frozenset()
        self.methods: frozenset[str] | None = None
        self._mended = asyncio.Event()

    def mend(self) -> None:
        """All is well again; what was slow goes on."""
        self.now = None
        self._mended.set()
        self._mended = asyncio.Event()

    async def begin(self) -> None:
        await self._page.route(API, self._answer)

    def _is_spared(self, route: Route) -> bool:
        other = self.methods is not None and route.request.method not in self.methods
        return other or urlsplit(route.request.url).path in self.spared

    async def _answer(self, route: Route) -> None:
        now = self.now
        if now is None or self._is_spared(route):
            return await route.fallback()
        if now == DOWN:
            return await route.abort("connectionrefused")
        if now == SLOW:
            await self._mended.wait()
            return await route.fallback()
        language = await route.request.header_value("accept-language") or "de"
        return await _problem(route, int(now), catalogue.preferred(language))


def sentence(fault: Fault, language: catalogue.Language) -> str:
    """What the page has to say of it."""
    if fault == DOWN:
        return OFFLINE[language]
    return catalogue.sentence(REASONS[int(fault)], language)


async def _problem(route: Route, status: int, language: catalogue.Language) -> None:
    detail = sentence(status, language)
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    await route.fulfill(
        status=status,
        headers={"Retry-After": "60"} if status == HTTPStatus.TOO_MANY_REQUESTS else {},
        content_type="application/problem+json",
        json=body | {"reason": REASONS[status]},
    )
