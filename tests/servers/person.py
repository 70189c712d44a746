"""People who use the API as from a browser: registered, confirmed by the link in the mail, and logged in."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx2
from sqlalchemy import text

from config_api.auth.by_mail import QUEUE as ASKED
from config_api.notices.service import QUEUE, Kind, Notice, opened
from tests.servers.config_api import NO_TLS, PATIENCE, ConfigApiServer

A_PASSWORD = "vier Schwalben am Seeufer"
ANOTHER_PASSWORD = "sieben Kraniche über dem Moor"

# Settings for tests that try more often than anybody may.
UNLIMITED = {
    "login_failures_per_name": 100_000,
    "login_failures_per_address": 100_000,
    "registrations_per_address_and_hour": 100_000,
    "password_resets_per_address_and_hour": 100_000,
    "password_resets_per_name_and_hour": 100_000,
}

# Notices leave the outbox as soon as they are sent, so the database itself keeps a copy for the tests.
KEEP_NOTICES = (
    "CREATE SEQUENCE IF NOT EXISTS public.kept_notice_order",
    "CREATE TABLE IF NOT EXISTS public.kept_notice"
    " (n bigint PRIMARY KEY DEFAULT nextval('public.kept_notice_order'), payload bytea)",
    """
    CREATE OR REPLACE FUNCTION public.keep_notice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO public.kept_notice (payload) VALUES (NEW.payload);
        RETURN NULL;
    END $$""",
    f"""
    CREATE OR REPLACE TRIGGER keep_notice AFTER INSERT ON config.config_outbox FOR EACH ROW
    WHEN (NEW.queue = '{QUEUE}') EXECUTE FUNCTION public.keep_notice()""",
)


@dataclass
class Person:
    """`http` has the cookie of a session that has just begun."""

    api: ConfigApiServer
    http: httpx2.AsyncClient
    account_id: str
    email: str
    password: str
    user_name: str

    async def another_browser(self, user_agent: str = "another browser", **login: Any) -> httpx2.AsyncClient:
        """Logs in once more."""
        http = a_browser(self.api, user_agent)
        response = await http.post("/auth/login", json={"login": self.email, "password": self.password} | login)
        assert response.status_code == 200, response.text
        return http


def a_browser(api: ConfigApiServer, user_agent: str = "a browser") -> httpx2.AsyncClient:
    """Without a cookie yet. It needs no closing where nothing is kept alive."""
    return httpx2.AsyncClient(
        base_url=f"{api.url}/api/v1",
        headers={"User-Agent": user_agent},
        limits=httpx2.Limits(max_keepalive_connections=0),
        verify=NO_TLS,
        timeout=PATIENCE,
    )


async def keep_notices(api: ConfigApiServer) -> None:
    """From now on `notices` finds what was sent. Called by `a_person`; twice does no harm."""
    async with api.service.database.outside_transactions() as connection:
        if (await connection.execute(text("SELECT to_regclass('public.kept_notice')"))).scalar_one() is None:
            for statement in KEEP_NOTICES:
                await connection.execute(text(statement))


async def notices(api: ConfigApiServer, recipient: str, kind: Kind | None = None) -> list[Notice]:
    """What was mailed to this address since `keep_notices`, oldest first."""
    async with api.service.database.outside_transactions() as connection:
        rows = await connection.execute(text("SELECT payload FROM public.kept_notice ORDER BY n"))
        found = [opened(bytes(row.payload), api.service.master_keys) for row in rows]
    return [each for each in found if each.recipient == recipient and kind in (None, each.kind)]


async def the_notice(api: ConfigApiServer, recipient: str, kind: Kind, *, seconds: float = 10) -> Notice:
    """The newest one, waited for: some are written after the answer has left."""
    deadline = time.monotonic() + seconds
    while not (found := await notices(api, recipient, kind)):
        assert time.monotonic() < deadline, f"no notice {kind}"
        await asyncio.sleep(0.02)
    return found[-1]


async def sql(api: ConfigApiServer, statement: str, **values: Any) -> Any:
    """The rows, where there are any; as the owner of the schema, who sees and changes all."""
    async with api.service.database.outside_transactions() as connection:
        result = await connection.execute(text(statement), values)
        return result.all() if result.returns_rows else None


async def until_waiting(api: ConfigApiServer, count: int) -> None:
    """Until so many requests wait for a lock in the database, so that they meet there."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND wait_event_type = 'Lock'"
    for _ in range(500):
        if await sql(api, waiting, name=api.database) == [(count,)]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"never {count} waiting")


async def until_looked_up(api: ConfigApiServer) -> None:
    """Until everything is answered that is looked up after the answer has left."""
    for _ in range(500):
        if await sql(api, "SELECT count(*) FROM config.config_outbox WHERE queue = :queue", queue=ASKED) == [(0,)]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("never looked up")


def token_in(notice: Notice) -> str:
    return notice.link.partition("token=")[2]


def registration(name: str, **profile: Any) -> dict[str, Any]:
    """What `name` enters to register."""
    values = {"email": f"{name}@hotel-seeblick.example", "user_name": name, "password": A_PASSWORD}
    return values | {"terms_version": "2026-11"} | profile


async def a_person(api: ConfigApiServer, name: str = "anna", **profile: Any) -> Person:
    """Registers, confirms and logs in; `profile` is more of what is entered at registration."""
    await keep_notices(api)
    entered = registration(name, **profile)
    http = a_browser(api)
    response = await http.post("/auth/register", json=entered)
    assert response.status_code == 202, response.text
    if (await http.get("/site")).json()["confirmation_by_mail"]:
        link = await the_notice(api, entered["email"], "confirm_registration")
        response = await http.post("/auth/confirm", json={"token": token_in(link)})
        assert response.status_code == 204, response.text
    response = await http.post("/auth/login", json={"login": entered["email"], "password": entered["password"]})
    assert response.status_code == 200, response.text
    return Person(api, http, response.json()["id"], entered["email"], entered["password"], entered["user_name"])


async def log_in(http: httpx2.AsyncClient, login: str, password: str) -> httpx2.Response:
    return await http.post("/auth/login", json={"login": login, "password": password})
