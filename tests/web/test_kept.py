"""What stays in a browser: what somebody typed is there for that person alone, and nothing of it is a secret."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from config_api import web
from tests.servers.browser import Browsers, Window
from tests.servers.certificate import write_certificate
from tests.servers.config_api import running_config_api, serving
from tests.servers.postgres import Postgres
from tests.web.inhabited import OPERATOR, OWNER, PASSWORD, Inhabited
from tests.web.pages import PAGES

FIRST_NAME = "Vorname"
TYPED = "Annegret"
STORED = "({...localStorage, ...Object.fromEntries(Object.entries(sessionStorage))})"
LOG_OUT = "**/api/v1/auth/logout"
AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The router's and the page's own words: where one had scrolled to, how it looks, that somebody has logged in here.
NOBODYS = re.compile(r"(tsr-scroll|mantine-color-scheme|logged-in).*")


async def test_every_page_has_the_way_out_and_stores_nothing_but_ids(browsers: Browsers, place: Inhabited) -> None:
    for login in (OWNER, OPERATOR):
        async with _logged_in(browsers, place, login) as window:
            for page in (page for page in PAGES if page.login == login):
                await window.open(page.path.format(**place.ids))
                await _menu(window).click()
                await expect(window.page.get_by_role("menuitem", name="Abmelden")).to_be_visible()
                assert _of_a_person(await window.page.evaluate(STORED)) <= {"an id"}
                cookies = {cookie["name"]: cookie for cookie in await window.context.cookies()}
                assert cookies.pop("authData")["httpOnly"]
                assert set(cookies) <= {"i18nextLng"}


async def test_logging_out_leaves_nothing_of_the_person(browsers: Browsers, place: Inhabited) -> None:
    async with _logged_in(browsers, place, OWNER) as window:
        await _type(window)
        await window.page.route(LOG_OUT, lambda route: route.abort())
        await _log_out(window)
        await window.page.get_by_role("alert").filter(visible=True).first.wait_for()
        assert _of_a_person(await window.page.evaluate(STORED)) == set()
        await window.page.unroute(LOG_OUT)
        await _log_out(window)
        await window.page.wait_for_url(place.house.url + "/")
        assert _of_a_person(await window.page.evaluate(STORED)) == set()


async def test_what_was_typed_waits_for_the_same_person_and_for_no_other(browsers: Browsers, place: Inhabited) -> None:
    async with _logged_in(browsers, place, OWNER) as window:
        await _type(window)
        await window.context.clear_cookies(name="authData")  # the session has ended meanwhile
        await window.open("/account")
        await window.page.wait_for_url("**/login**")
        await window.log_in(OWNER, PASSWORD)
        await window.open("/account")
        await expect(window.page.get_by_label(FIRST_NAME)).to_have_value(TYPED)
        await window.log_in(OPERATOR, PASSWORD)
        await window.open("/account")
        await expect(window.page.get_by_label(FIRST_NAME)).to_have_value(OPERATOR.title())
        assert TYPED not in str(await window.page.evaluate(STORED))


async def test_where_pages_come_by_https_every_cookie_is_secure(
    browsers: Browsers, postgres: Postgres, database: str, place: Inhabited, tmp_path: Path
) -> None:
    """`place` is why there is a built page."""
    certificate, key = write_certificate(tmp_path)
    async with running_config_api(postgres, database, public_url="https://kinamik.example") as api:
        web.install(api.app, Path(web.__file__).parents[2] / "web" / "dist")
        async with (
            serving(api.app, ssl_certfile=str(certificate), ssl_keyfile=str(key)) as url,
            browsers.window(url.replace("http:", "https:"), trusting=True) as window,
        ):
            await window.open("/login")
            (cookie,) = await window.context.cookies()
    assert (cookie["name"], cookie["secure"], cookie["sameSite"]) == ("i18nextLng", True, "Lax")


@asynccontextmanager
async def _logged_in(browsers: Browsers, place: Inhabited, login: str) -> AsyncGenerator[Window]:
    async with browsers.window(place.house.url) as window:
        await window.log_in(login, PASSWORD)
        yield window


async def _type(window: Window) -> None:
    """And leaves it there, not saved."""
    await window.open("/account")
    await window.page.get_by_label(FIRST_NAME).fill(TYPED)
    await window.page.wait_for_function("typed => Object.values(sessionStorage).join().includes(typed)", arg=TYPED)


def _menu(window: Window) -> Any:
    return window.page.get_by_role("button", name="Ihr Konto: ")


async def _log_out(window: Window) -> None:
    await _menu(window).click()
    await window.page.get_by_role("menuitem", name="Abmelden").click()


def _of_a_person(stored: dict[str, str]) -> set[str]:
    """The kinds of values that are stored of whoever is logged in; ids are all of one kind."""
    values = (value for key, value in stored.items() if not NOBODYS.fullmatch(key))
    return {"an id" if AN_ID.fullmatch(value) else value for value in values}
