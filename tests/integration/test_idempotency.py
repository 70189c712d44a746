"""Creates with an idempotency key: asked for twice, done once, answered the same."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text

from config_api.accounts.upkeep import clean
from config_api.idempotency.store import GIVEN_UP, KEPT
from config_api.models import now
from config_api.outbox import next_revision
from config_api.rotate import main as rotate
from tests.problems import is_problem
from tests.servers.config_api import ConfigApiServer, a_master_key, running_config_api, settings_for
from tests.servers.person import Person, a_person, until_waiting
from tests.servers.postgres import Postgres


def keyed(key: str = "") -> dict[str, str]:
    return {"Idempotency-Key": f'"{key or uuid4()}"'}


async def create(
    http: httpx2.AsyncClient, headers: Mapping[str, str | bytes], name: str = "Hotel Seeblick"
) -> httpx2.Response:
    return await http.post("/organisations", json={"name": name}, headers=headers)


async def names(api: ConfigApiServer) -> list[str]:
    return [item["name"] for item in (await api.http.get("/organisations")).json()["items"]]


async def sql(api: ConfigApiServer, statement: str, **values: Any) -> Any:
    async with api.service.database.outside_transactions() as connection:
        result = await connection.execute(text(statement), values)
        return result.all() if result.returns_rows else None


async def test_what_is_asked_for_twice_is_done_once(api: ConfigApiServer) -> None:
    key = keyed()
    first, second = await create(api.http, key), await create(api.http, key)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second.headers["content-type"] == first.headers["content-type"]
    assert ("Idempotent-Replayed" in first.headers, "Idempotent-Replayed" in second.headers) == (False, True)
    assert await names(api) == ["Hotel Seeblick"]
    await create(api.http, keyed())
    await create(api.http, {})
    assert len(await names(api)) == 3


async def test_also_without_quotes(api: ConfigApiServer) -> None:
    key = str(uuid4())
    first = await create(api.http, {"Idempotency-Key": key})
    assert (await create(api.http, keyed(key))).content == first.content


async def test_a_key_is_for_one_request(api: ConfigApiServer) -> None:
    key = keyed()
    path = f"/organisations/{(await create(api.http, key)).json()['id']}"
    is_problem(await create(api.http, key, "Pension Bergblick"), 422, "idempotency_key_reused")
    assert await names(api) == ["Hotel Seeblick"]
    anna, another = {"name": "Anna"}, keyed()
    assert (await api.http.post(f"{path}/assistants", json=anna, headers=another)).status_code == 201
    for elsewhere in (f"{path}/invitations", f"{path}/assistants?really"):
        is_problem(await api.http.post(elsewhere, json=anna, headers=another), 422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "ä", "a" * 256, '"', "a\tb"], ids=ascii)
async def test_what_is_no_key(api: ConfigApiServer, key: str) -> None:
    response = await create(api.http, {"Idempotency-Key": key.encode("latin-1")})
    is_problem(response, 400, "idempotency_key_not_valid")


async def test_two_at_the_same_moment_make_one(api: ConfigApiServer) -> None:
    for _ in range(5):
        before = len(await names(api))
        key = keyed()
        answers = await asyncio.gather(*(create(api.http, key) for _ in range(8)))
        kinds = Counter(answer.status_code for answer in answers)
        assert kinds[201] >= 1
        assert kinds[201] + kinds[409] == 8
        for answer in answers:
            if answer.status_code == 409:
                is_problem(answer, 409, "idempotency_key_in_use")
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert len(await names(api)) == before + 1


async def test_while_the_first_is_under_way_the_second_is_told_so(postgres: Postgres, api: ConfigApiServer) -> None:
    path = f"/organisations/{(await create(api.http, {})).json()['id']}"
    key = keyed()

    async def assistant() -> httpx2.Response:
        return await api.http.post(f"{path}/assistants", json={"name": "Anna"}, headers=key)

    async with api.service.database.tenant(UUID(path.rpartition("/")[2])) as session:
        await next_revision(session)  # whoever changes something waits for this transaction
        first = asyncio.create_task(assistant())
        await until_waiting(api, 1)
        is_problem(await assistant(), 409, "idempotency_key_in_use")
    assert (await first).status_code == 201
    assert (await assistant()).content == (await first).content
    assert len((await api.http.get(f"{path}/assistants")).json()["items"]) == 1


async def test_what_failed_may_be_tried_again(api: ConfigApiServer) -> None:
    key = keyed()
    is_problem(await create(api.http, key, ""), 422, "not_valid")
    assert (await create(api.http, key)).status_code == 201
    is_problem(
        await api.http.post(f"/organisations/{uuid4()}/assistants", json={"name": "A"}, headers=keyed()),
        404,
        "organisation_unknown",
    )
    assert await sql(api, "SELECT sealed_answer IS NOT NULL FROM config.idempotency_key") == [(True,)]


async def test_a_key_is_its_callers_own(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    key = keyed()
    answers = [await create(each.http, key) for each in (anna, bert)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]


async def test_who_is_no_member_any_more_gets_no_stored_answer(api: ConfigApiServer) -> None:
    anna, bert = await a_person(api, "anna"), await a_person(api, "bert")
    path = f"/organisations/{(await create(anna.http, {})).json()['id']}"
    await sql(api, "INSERT INTO config.membership VALUES (:o, :a, 'owner', now())", o=path[15:], a=bert.account_id)
    invitation, key = {"email": "carl@example.org"}, keyed()

    async def invite(person: Person) -> httpx2.Response:
        return await person.http.post(f"{path}/invitations", json=invitation, headers=key)

    assert (await invite(bert)).status_code == 201
    assert (await invite(bert)).headers["Idempotent-Replayed"] == "true"
    member = f"{path}/members/{bert.account_id}"
    await anna.http.patch(member, json={"role": "member"})
    is_problem(await invite(bert), 403, "owners_only")
    await anna.http.delete(member)
    is_problem(await invite(bert), 404, "organisation_unknown")
    await bert.http.post("/auth/logout")
    is_problem(await invite(bert), 401, "login_required")


async def test_secrets_are_not_kept(api: ConfigApiServer) -> None:
    path = f"/organisations/{(await create(api.http, {})).json()['id']}/api-keys"
    key = keyed()
    answers = [await api.http.post(path, json={"name": "Kasse"}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["key"] != answers[1].json()["key"]
    assert await sql(api, "SELECT * FROM config.idempotency_key") == []


async def test_nothing_lies_there_in_the_clear_and_nothing_for_longer_than_a_day(api: ConfigApiServer) -> None:
    await create(api.http, keyed("mein Schluessel"))
    ((row, expires_at),) = await sql(api, "SELECT k::text, expires_at FROM config.idempotency_key k")
    for word in ("Seeblick", "mein", "organisations", "operator"):
        assert word not in row
    assert abs(expires_at - now() - KEPT) < timedelta(minutes=1)
    await clean(api.service.database, now() + KEPT - timedelta(minutes=1))
    assert await sql(api, "SELECT count(*) FROM config.idempotency_key") == [(1,)]
    await clean(api.service.database, now() + KEPT)
    assert await sql(api, "SELECT count(*) FROM config.idempotency_key") == [(0,)]


async def test_a_day_later_a_key_is_new_even_if_nobody_has_cleaned_up(api: ConfigApiServer) -> None:
    key = keyed()
    await create(api.http, key)
    await sql(api, "UPDATE config.idempotency_key SET expires_at = now()")
    assert (await create(api.http, key, "Pension Bergblick")).status_code == 201
    assert await names(api) == ["Hotel Seeblick", "Pension Bergblick"]


async def test_what_was_cut_off_is_given_up_after_a_while(api: ConfigApiServer) -> None:
    key = keyed()
    made = await create(api.http, key)
    cut_off = "UPDATE config.idempotency_key SET sealed_answer = NULL, expires_at = now() + :left"
    await sql(api, cut_off, left=GIVEN_UP)
    is_problem(await create(api.http, key), 409, "idempotency_key_in_use")
    await sql(api, cut_off, left=timedelta(0))
    again = await create(api.http, key)
    assert (again.status_code, again.json()["id"] == made.json()["id"]) == (201, False)


async def test_answers_outlive_a_change_of_master_keys(postgres: Postgres, database: str) -> None:
    old, new, key = a_master_key("old"), a_master_key("new"), keyed()
    async with running_config_api(postgres, database, master_keys=old) as api:
        first = await create(api.http, key)
    await rotate(settings_for(postgres.url(database), master_keys=f"{new},{old}"))
    async with running_config_api(postgres, database, master_keys=new) as api:
        assert (await create(api.http, key)).content == first.content
        is_problem(await create(api.http, key, "Pension Bergblick"), 422, "idempotency_key_reused")


async def test_the_document_says_where_keys_are_taken(api: ConfigApiServer) -> None:
    document = (await api.http.get(f"{api.url}/openapi.json")).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    taken = {
        operation["operationId"]
        for operation in operations
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
    }
    creating = {operation["operationId"] for operation in operations if "201" in operation["responses"]}
    assert taken >= {"create_organisation", "create_assistant", "create_mailbox", "create_knowledge", "invite_member"}
    assert creating - taken == {"create_api_key"}
