"""What the operator finds in the security log, and may do about it."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from shared.audit import Attempt
from tests.problems import is_problem
from tests.servers.audit import AuditServer, running_guarded_api
from tests.servers.config_api import ConfigApiServer, running_config_api
from tests.servers.person import a_person
from tests.servers.postgres import Postgres

PATHS = [
    ("GET", "/entries"),
    ("GET", "/entries.csv"),
    ("GET", "/locks"),
    ("DELETE", f"/locks/{uuid4()}"),
    ("GET", "/legal-holds"),
    ("POST", "/legal-holds"),
    ("DELETE", f"/legal-holds/{uuid4()}"),
]
AUDIT = "/operator/audit"


@pytest.fixture
async def both(postgres: Postgres, database: str) -> AsyncGenerator[tuple[AuditServer, ConfigApiServer]]:
    async with running_guarded_api(postgres, database) as (audit, (api,)):
        yield audit, api


@pytest.fixture
def audit(both: tuple[AuditServer, ConfigApiServer]) -> AuditServer:
    return both[0]


@pytest.fixture
def api(both: tuple[AuditServer, ConfigApiServer]) -> ConfigApiServer:
    return both[1]


async def test_a_persons_way_is_in_the_log(audit: AuditServer, api: ConfigApiServer) -> None:
    anna = await a_person(api)
    await anna.http.post("/auth/login", json={"login": anna.email, "password": "wrong"})
    await audit.arrived(1, action="login", outcome="failed")
    page = (await api.http.get(f"{AUDIT}/entries", params={"user_name": anna.email.upper()})).json()
    assert [(entry["action"], entry["outcome"]) for entry in page["items"]] == [("login", "failed"), ("login", "ok")]
    assert page["items"][1]["actor"] == anna.account_id
    assert {entry["address"] for entry in page["items"]} == {"127.0.0.1"}
    assert page["next_cursor"] is None


async def test_pages(audit: AuditServer, api: ConfigApiServer) -> None:
    for n in range(5):
        await api.add("/organisations", name=f"Haus {n}")
        await api.http.delete(f"{AUDIT}/locks/{uuid4()}")
        await api.add(f"{AUDIT}/legal-holds", name=f"Akte {n}", user_name="anna")
    everything = await audit.arrived(5, action="legal_hold.created")
    assert everything
    for path, key, count in (("/legal-holds", "name", 5), ("/entries", "id", len(await audit.entries()))):
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 2}
        for _ in range(count):
            page = (await api.http.get(f"{AUDIT}{path}", params=query)).json()
            seen += [item[key] for item in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
            query["cursor"] = cursor
        assert len(seen) == len(set(seen)) == count
    is_problem(await api.http.get(f"{AUDIT}/entries", params={"cursor": "x"}), 400, "cursor_not_valid")


async def test_the_export_is_a_stream_of_csv_and_is_logged(audit: AuditServer, api: ConfigApiServer) -> None:
    await api.http.post("/auth/login", json={"login": "=cmd|' /C calc'!A0", "password": "wrong"})
    await audit.arrived(1, action="login")
    response = await api.http.get(f"{AUDIT}/entries.csv", params={"action": "login"})
    assert response.headers["content-type"].startswith("text/csv")
    assert "attachment" in response.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(response.text, newline=""))
    assert row["user_name"] == "'=cmd|' /c calc'!a0"
    (logged,) = await audit.arrived(1, action="audit.exported")
    assert logged.actor == "operator-token"


async def test_locks_are_listed_and_lifted(audit: AuditServer, api: ConfigApiServer) -> None:
    for _ in range(5):
        await audit.client.admit(Attempt(action="login", user_name="anna", address="192.0.2.7"))
    (lock,) = (await api.http.get(f"{AUDIT}/locks")).json()["items"]
    assert (lock["kind"], lock["user_name"], lock["attempts"]) == ("name", "anna", 5)
    assert (await api.http.delete(f"{AUDIT}/locks/{lock['id']}")).status_code == 204
    assert (await api.http.get(f"{AUDIT}/locks")).json()["items"] == []
    is_problem(await api.http.delete(f"{AUDIT}/locks/{lock['id']}"), 404, "lock_unknown")
    (lifted,) = await audit.arrived(1, action="lock.lifted")
    assert lifted.subject == lock["id"], "once, though it was asked for twice"


async def test_holds_are_made_listed_and_released(audit: AuditServer, api: ConfigApiServer) -> None:
    body = {"name": "Az. 12", "address": "192.0.2.0/24", "since": "0001-01-01T00:00:00Z"}
    made = await api.add(f"{AUDIT}/legal-holds", **body)
    assert (made["name"], made["address"], made["released_at"]) == ("Az. 12", "192.0.2.0/24", None)
    again = {"name": "az. 12", "user_name": "anna"}
    is_problem(await api.http.post(f"{AUDIT}/legal-holds", json=again), 409, "hold_exists")
    is_problem(await api.http.post(f"{AUDIT}/legal-holds", json={"name": "all"}), 422, "hold_without_filter")
    assert (await api.http.get(f"{AUDIT}/legal-holds")).json()["items"] == [made]
    path = f"{AUDIT}/legal-holds/{made['id']}"
    assert (await api.http.delete(path)).status_code == 204
    is_problem(await api.http.delete(path), 404, "hold_unknown")
    await api.add(f"{AUDIT}/legal-holds", **again)
    for action in ("legal_hold.created", "legal_hold.released"):
        assert (await audit.arrived(1, action=action))[-1].subject == made["id"]


@pytest.mark.parametrize(
    "query",
    [{"address": "x"}, {"address": "192.0.2.1/99"}, {"since": "yesterday"}, {"user_name": "a\x00"}, {"limit": 0}],
    ids=str,
)
async def test_bad_filters_are_named(api: ConfigApiServer, query: dict[str, Any]) -> None:
    response = await api.http.get(f"{AUDIT}/entries", params=query)
    is_problem(response, 422, "not_valid")
    assert response.json()["errors"][0]["field"].endswith(next(iter(query)))


@pytest.mark.parametrize(
    "query",
    [
        {"since": "0001-01-01T00:00:00+14:00", "until": "9999-12-31T23:59:59-14:00"},
        {"user_name": "%_'\"\\"},
        {"action": "ä" * 320},
        {"address": "::/0"},
    ],
    ids=["time", "quotes", "long", "network"],
)
async def test_odd_filters_are_answered(api: ConfigApiServer, query: dict[str, Any]) -> None:
    assert (await api.http.get(f"{AUDIT}/entries", params=query)).status_code == 200
    assert (await api.http.get(f"{AUDIT}/entries.csv", params=query)).status_code == 200


async def test_others_have_no_business_there(api: ConfigApiServer) -> None:
    anna = await a_person(api)
    for method, path in PATHS:
        is_problem(await anna.http.request(method, f"{AUDIT}{path}"), 403, "operators_only")
        async with httpx2.AsyncClient(base_url=f"{api.url}/api/v1") as nobody:
            is_problem(await nobody.request(method, f"{AUDIT}{path}"), 401, "login_required")


async def test_without_audit_the_answer_says_so(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database) as api:
        for method, path in PATHS:
            body = {"name": "Az. 12", "user_name": "anna"} if method == "POST" else None
            is_problem(await api.http.request(method, f"{AUDIT}{path}", json=body), 503, "audit_unavailable")
        await api.http.post("/auth/login", json={"login": "anna", "password": "wrong"})
        first = await asyncio.wait_for(api.published.get(), 10)
        assert getattr(first, "action", None) == "login", "what did not happen is not logged"
