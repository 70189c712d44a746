"""API keys: shown once, good for one organisation and for what they were made for, and gone at once."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from config_api.models import now
from tests.problems import is_problem
from tests.servers.config_api import PATIENCE, ConfigApiServer
from tests.servers.person import Person, a_person
from tests.servers.postgres import Postgres


@pytest.fixture
async def path(anna: Person) -> str:
    """Of an organisation that is anna's."""
    made = await anna.http.post("/organisations", json={"name": "Hotel Seeblick"})
    return f"/organisations/{made.json()['id']}"


async def a_key(owner: Person, path: str, *scopes: str, **values: Any) -> dict[str, Any]:
    body = {"name": "Kassensystem", "scopes": list(scopes) or ["read", "write"]} | values
    response = await owner.http.post(f"{path}/api-keys", json=body)
    assert response.status_code == 201, response.text
    return response.json()


def with_key(api: ConfigApiServer, key: str) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=f"{api.url}/api/v1", headers=headers, timeout=PATIENCE)


async def test_a_key_is_shown_once_and_kept_as_a_digest(
    postgres: Postgres, api: ConfigApiServer, anna: Person, path: str
) -> None:
    made = await a_key(anna, path, "read")
    key = made.pop("key")
    assert key.startswith("kin_")
    assert (len(key), made["start"], made["scopes"], made["last_used_at"]) == (47, key[:10], ["read"], None)
    assert (await anna.http.get(f"{path}/api-keys")).json() == [made]
    async with api.service.database.outside_transactions() as connection:
        rows = (await connection.execute(text("SELECT k::text FROM config.api_key k"))).scalars().all()
        found = await connection.execute(text("SELECT count(*) FROM config.idempotency_key"))
        assert found.scalar_one() == 0
    (row,) = rows
    assert key[10:] not in row
    assert key.encode().hex() not in row  # bytes are shown so


async def test_a_key_is_good_for_its_organisation_only(api: ConfigApiServer, anna: Person, path: str) -> None:
    other = (await anna.http.post("/organisations", json={"name": "Pension Bergblick"})).json()
    key = await a_key(anna, path)
    async with with_key(api, key["key"]) as program:
        (organisation,) = (await program.get("/organisations")).json()["items"]
        assert (organisation["name"], organisation["role"]) == ("Hotel Seeblick", "member")
        made = await program.post(f"{path}/assistants", json={"name": "Anna"})
        assert made.status_code == 201, made.text
        is_problem(await program.get(f"/organisations/{other['id']}"), 404, "organisation_unknown")
    (shown,) = (await anna.http.get(f"{path}/api-keys")).json()
    assert datetime.fromisoformat(shown["last_used_at"]) > now() - timedelta(minutes=1)


async def test_a_key_does_what_its_scopes_say(api: ConfigApiServer, anna: Person, path: str) -> None:
    reading, writing = await a_key(anna, path, "read"), await a_key(anna, path, "write")
    async with with_key(api, reading["key"]) as program:
        assert (await program.get(f"{path}/assistants")).status_code == 200
        is_problem(await program.post(f"{path}/assistants", json={"name": "Anna"}), 403, "scope_missing")
    async with with_key(api, writing["key"]) as program:
        is_problem(await program.get(f"{path}/assistants"), 403, "scope_missing")
        assert (await program.post(f"{path}/assistants", json={"name": "Anna"})).status_code == 201


async def test_a_revoked_key_is_worth_nothing_at_once(api: ConfigApiServer, anna: Person, path: str) -> None:
    key = await a_key(anna, path)
    async with with_key(api, key["key"]) as program:
        assert (await program.get(path)).status_code == 200
        assert (await anna.http.delete(f"{path}/api-keys/{key['id']}")).status_code == 204
        is_problem(await program.get(path), 401, "token_not_valid")
    is_problem(await anna.http.delete(f"{path}/api-keys/{key['id']}"), 404, "api_key_unknown")


async def test_a_key_ends_when_it_was_said_to(api: ConfigApiServer, anna: Person, path: str) -> None:
    key = await a_key(anna, path, expires_at=str(now() + timedelta(hours=1)))
    async with with_key(api, key["key"]) as program:
        assert (await program.get(path)).status_code == 200
        async with api.service.database.outside_transactions() as connection:
            await connection.execute(text("UPDATE config.api_key SET expires_at = now()"))
        is_problem(await program.get(path), 401, "token_not_valid")


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "9999-12-31T23:59:59-14:00"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"name": " "},
    ],
    ids=str,
)
async def test_what_is_no_key(anna: Person, path: str, wrong: dict[str, Any]) -> None:
    response = await anna.http.post(f"{path}/api-keys", json={"name": "Kasse"} | wrong)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"].startswith(f"body.{next(iter(wrong))}")
    assert (await anna.http.get(f"{path}/api-keys")).json() == []


async def test_a_key_never_manages_people_or_keys(api: ConfigApiServer, anna: Person, path: str) -> None:
    key = await a_key(anna, path)
    me = f"{path}/members/{anna.account_id}"
    async with with_key(api, key["key"]) as program:
        for answer in (
            await program.get(f"{path}/api-keys"),
            await program.post(f"{path}/api-keys", json={"name": "Noch einer"}),
            await program.delete(f"{path}/api-keys/{key['id']}"),
            await program.get(f"{path}/invitations"),
            await program.post(f"{path}/invitations", json={"email": "x@example.org"}),
            await program.patch(me, json={"role": "member"}),
            await program.patch(path, json={"name": "Meins"}),
            await program.delete(path),
        ):
            assert (answer.status_code, answer.json()["reason"]) in ((403, "owners_only"), (403, "people_only"))
        for answer in (
            await program.get(f"{path}/members"),
            await program.delete(me),
            await program.get("/account"),
            await program.post("/organisations", json={"name": "Meins"}),
            await program.post("/invitations/accept", json={"token": "x"}),
        ):
            is_problem(answer, 403, "people_only")
        is_problem(await program.post("/newsletter", json={}), 403, "operators_only")


async def test_only_owners_have_to_do_with_keys(api: ConfigApiServer, anna: Person, path: str) -> None:
    bert = await a_person(api, "bert")
    is_problem(await bert.http.get(f"{path}/api-keys"), 404, "organisation_unknown")
    key = await a_key(anna, path)
    async with api.service.database.outside_transactions() as connection:
        joined = "INSERT INTO config.membership VALUES (:organisation, :account, 'member', now())"
        values = {"organisation": path.rpartition("/")[2], "account": bert.account_id}
        await connection.execute(text(joined), values)
    for answer in (
        await bert.http.get(f"{path}/api-keys"),
        await bert.http.post(f"{path}/api-keys", json={"name": "Meiner"}),
        await bert.http.delete(f"{path}/api-keys/{key['id']}"),
    ):
        is_problem(answer, 403, "owners_only")
    assert (await api.http.get(f"{path}/api-keys")).status_code == 200
