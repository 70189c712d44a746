"""The public API, over HTTP, on a real PostgreSQL."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.problems import is_problem
from tests.servers.config_api import ADMIN_TOKEN, SERVICE_TOKEN, ConfigApiServer
from tests.servers.postgres import Postgres


async def test_an_organisation_lives(api: ConfigApiServer) -> None:
    made = await api.add("/organisations", name="  Hotel Seeblick ")
    assert (made["name"], made["active"]) == ("Hotel Seeblick", True)
    path = f"/organisations/{made['id']}"
    changed = await api.change(path, active=False)
    assert (changed["name"], changed["active"]) == ("Hotel Seeblick", False)
    assert changed["updated_at"] > made["updated_at"]
    assert (await api.http.get(path)).json() == changed
    assert (await api.http.get("/organisations")).json() == {"items": [changed], "next_cursor": None}
    assert (await api.http.delete(path)).status_code == 204
    is_problem(await api.http.get(path), 404, "organisation_unknown")
    assert (await api.http.get("/organisations")).json()["items"] == []


async def test_deleting_an_organisation_takes_everything_with_it(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    mailbox, entry = await anna.mailbox(), await anna.entry("Gibt es Parkplätze?", "Vier davon.")
    await api.http.delete(anna.organisation)
    is_problem(await api.http.get(anna.path), 404, "organisation_unknown")
    delta = await api.internal("/config?since=1")
    assert set(delta["deleted"]) == {anna.id, mailbox["id"]}
    async with api.service.database.tenant(anna.organisation_id) as session:
        connection = await session.connection()
        kept = (await connection.exec_driver_sql("SELECT question, answer FROM config.knowledge_entry")).all()
        passwords = (await connection.exec_driver_sql("SELECT imap_password FROM config.mailbox")).scalars().all()
    assert kept == [("", "")]
    assert passwords == [None]
    assert entry["answer"] == "Vier davon."


async def test_what_a_patch_leaves_out_stays_and_null_is_refused(api: ConfigApiServer) -> None:
    anna = await api.an_assistant(signature="Ihr Team", form_of_address="du")
    changed = await api.change(anna.path, name="Berta")
    assert (changed["name"], changed["signature"], changed["form_of_address"]) == ("Berta", "Ihr Team", "du")
    response = await api.http.patch(anna.path, json={"name": None})
    is_problem(response, 422, "not_valid")
    assert [(each["field"], each["reason"]) for each in response.json()["errors"]] == [("body.name", "string_type")]


async def test_a_mailbox_shows_everything_but_its_password(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    mailbox = await anna.mailbox(aliases=["rezeption@hotel-seeblick.example"])
    assert mailbox["imap"] == {"host": "127.0.0.1", "port": 1143, "security": "none", "username": "info"}
    assert (mailbox["status"], mailbox["last_proof_at"]) == (None, None)
    path = f"{anna.organisation}/mailboxes/{mailbox['id']}"
    changed = await api.change(path, drafts_folder="Entwürfe", imap={"password": "neu und geheim"})
    assert changed["drafts_folder"] == "Entwürfe"
    answers = [await api.http.get(path), await api.http.get(f"{anna.organisation}/mailboxes")]
    for text in (str(mailbox), str(changed), *(answer.text for answer in answers)):
        assert "geheim" not in text
        assert "password" not in text


@pytest.mark.parametrize(
    "imap", [{"host": "mail.evil.example", "security": "tls"}, {"port": 1144}, {"username": "chef"}], ids=str
)
async def test_a_stored_password_does_not_follow_to_another_server(api: ConfigApiServer, imap: dict[str, Any]) -> None:
    anna = await api.an_assistant()
    mailbox = await anna.mailbox()
    path = f"{anna.organisation}/mailboxes/{mailbox['id']}"
    is_problem(await api.http.patch(path, json={"imap": imap}), 422, "password_required")
    assert (await api.http.get(path)).json() == mailbox
    await api.change(path, imap=imap | {"password": "neu"})
    (internal,) = (await api.internal("/config"))["mailboxes"]
    assert internal["account"].items() >= (imap | {"password": "neu"}).items()


async def test_mail_is_fetched_in_the_clear_only_from_this_machine(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    imap = {"host": "mail.example", "port": 143, "security": "none", "username": "u", "password": "p"}
    body = {"assistant_id": anna.id, "address": "a@b.example", "imap": imap}
    is_problem(await api.http.post(f"{anna.organisation}/mailboxes", json=body), 422, "encryption_required")
    assert (await api.http.get(f"{anna.organisation}/mailboxes")).json()["items"] == []


async def test_no_mailbox_is_watched_twice(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    mailbox = await anna.mailbox("info")
    imap = {"host": "127.0.0.1", "port": 1143, "security": "none", "username": "INFO", "password": "geheim"}
    body = {"assistant_id": anna.id, "address": "a@b.example", "imap": imap}
    is_problem(await api.http.post(f"{anna.organisation}/mailboxes", json=body), 409, "mailbox_exists")
    await api.http.delete(f"{anna.organisation}/mailboxes/{mailbox['id']}")
    await api.add(f"{anna.organisation}/mailboxes", **body)


async def test_a_mailbox_needs_an_assistant_of_the_same_organisation(api: ConfigApiServer) -> None:
    anna, other = await api.an_assistant(), await api.an_assistant("Pension Bergblick")
    imap = {"host": "127.0.0.1", "port": 1143, "security": "none", "username": "u", "password": "p"}
    body = {"assistant_id": other.id, "address": "a@b.example", "imap": imap}
    is_problem(await api.http.post(f"{anna.organisation}/mailboxes", json=body), 404, "assistant_unknown")


async def test_knowledge_in_bulk_comes_whole_or_not_at_all(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    entries = [{"question": f"Frage {n}", "answer": f"Antwort {n}"} for n in range(30)]
    response = await api.http.post(f"{anna.path}/knowledge/bulk", json={"entries": [*entries, {"answer": ""}]})
    is_problem(response, 422, "not_valid")
    (fault,) = response.json()["errors"]
    assert (fault["field"], fault["reason"]) == ("body.entries.30.answer", "string_too_short")
    assert (await api.http.get(f"{anna.path}/knowledge")).json()["items"] == []
    made = await api.add(f"{anna.path}/knowledge/bulk", entries=entries)
    assert [entry["question"] for entry in made] == [entry["question"] for entry in entries]


async def test_pages_give_every_entry_once_while_others_are_added(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    await api.add(f"{anna.path}/knowledge/bulk", entries=[{"answer": f"{n}"} for n in range(25)])
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 10}
    for _ in range(4):
        page = (await api.http.get(f"{anna.path}/knowledge", params=query)).json()
        seen += [entry["answer"] for entry in page["items"]]
        await anna.entry("neu", f"{len(seen)}+")
        query["cursor"] = page["next_cursor"]
        if page["next_cursor"] is None:
            break
    assert seen[:25] == [f"{n}" for n in range(25)]
    assert seen[25:] == ["10+", "20+"]


async def test_search_takes_words_as_they_are(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    await anna.entry("Kostet das Frühstück 100% extra?", "Nein.")
    await anna.entry("Gibt es Parkplätze?", "Ja, am Haus.")
    for words, found in {"frühstück": 1, "PARK haus": 1, "park frühstück": 0, "100%": 1, "%": 1, "_": 0, "": 2}.items():
        page = (await api.http.get(f"{anna.path}/knowledge", params={"q": words})).json()
        assert len(page["items"]) == found, words


async def test_an_entry_changes_and_goes(api: ConfigApiServer) -> None:
    anna, other = await api.an_assistant(), await api.an_assistant("Pension Bergblick")
    entry = await api.add(f"{anna.path}/knowledge", answer="Im Winter zu.", valid_until="2027-03-01", tags=["saison"])
    path = f"{anna.path}/knowledge/{entry['id']}"
    changed = await api.change(path, question="Wann ist offen?", valid_until=None)
    assert (changed["question"], changed["answer"], changed["valid_until"]) == (
        "Wann ist offen?",
        "Im Winter zu.",
        None,
    )
    assert changed["tags"] == ["saison"]
    is_problem(await api.http.get(f"{other.path}/knowledge/{entry['id']}"), 404, "knowledge_entry_unknown")
    assert (await api.http.delete(path)).status_code == 204
    is_problem(await api.http.get(path), 404, "knowledge_entry_unknown")
    assert (await api.internal(f"/assistants/{anna.id}/knowledge"))["entries"] == []


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer x", f"Basic {ADMIN_TOKEN}", f"Bearer {SERVICE_TOKEN}"]
)
async def test_without_the_admins_token_nothing_opens(api: ConfigApiServer, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    async with httpx2.AsyncClient(headers=headers) as stranger:
        response = await stranger.get(f"{api.url}/api/v1/organisations")
    is_problem(response, 401, "token_not_valid" if authorization else "login_required")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_the_internal_api_takes_the_services_token_only(api: ConfigApiServer) -> None:
    for path in ("/config", "/content-keys", f"/assistants/{uuid4()}/knowledge"):
        is_problem(await api.http.get(f"{api.url}/internal/v1{path}"), 401, "token_not_valid")


async def test_every_error_is_a_problem(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    unknown = uuid4()
    is_problem(await api.http.get("/nothing"), 404, "not_found")
    is_problem(await api.http.put("/organisations"), 405, "method_not_allowed")
    is_problem(await api.http.get(f"/organisations/{unknown}/activity"), 404, "organisation_unknown")
    is_problem(await api.http.patch(f"{anna.organisation}/assistants/{unknown}", json={}), 404, "assistant_unknown")
    is_problem(await api.http.get("/organisations/no-uuid"), 422, "not_valid")
    is_problem(await api.http.post("/organisations", content=b"{"), 422, "not_valid")
    is_problem(await api.http.get("/organisations", params={"cursor": "%%%"}), 400, "cursor_not_valid")
    is_problem(await api.http.get("/organisations", params={"limit": 0}), 422, "not_valid")


async def test_a_refused_password_is_not_echoed(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    imap = {"host": "no host!", "port": 0, "security": "none", "username": "u", "password": ["geheim"]}
    body = {"assistant_id": anna.id, "address": "geheim", "imap": imap}
    response = await api.http.post(f"{anna.organisation}/mailboxes", json=body)
    is_problem(response, 422, "not_valid")
    assert "geheim" not in response.text
    assert {error["field"] for error in response.json()["errors"]} >= {"body.imap.password", "body.imap.host"}


@pytest.mark.parametrize("bad", ["a\x00b", "x" * 20_001], ids=["NUL", "too long"])
async def test_text_that_cannot_be_stored_is_refused(api: ConfigApiServer, bad: str) -> None:
    anna = await api.an_assistant()
    is_problem(await api.http.post(f"{anna.path}/knowledge", json={"answer": bad}), 422, "not_valid")


async def test_a_database_that_goes_away_is_said_and_comes_back(
    postgres: Postgres, database: str, api: ConfigApiServer
) -> None:
    await api.add("/organisations", name="vorher")
    postgres.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
    is_problem(await api.http.post("/organisations", json={"name": "mittendrin"}), 503, "database_unavailable")
    assert not await api.service.database.healthy()
    postgres.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
    await api.add("/organisations", name="nachher")
    assert await api.service.database.healthy()
    names = [item["name"] for item in (await api.http.get("/organisations")).json()["items"]]
    assert names == ["vorher", "nachher"]


async def test_the_openapi_document_has_plain_names(api: ConfigApiServer) -> None:
    document = (await api.http.get(f"{api.url}/openapi.json")).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert {"list_organisations", "update_mailbox", "create_knowledge_in_bulk", "list_activity"} <= set(names)
    assert all(operation.get("summary") and operation.get("description") for operation in operations)
    update = document["components"]["schemas"]["AssistantUpdate"]
    assert "required" not in update
    assert "default" not in update["properties"]["name"]
    assert update["properties"]["name"]["type"] == "string"


async def test_requests_at_the_same_time_do_not_mix_organisations(api: ConfigApiServer) -> None:
    owners = [await api.an_assistant(f"Haus {n}") for n in range(8)]
    await asyncio.gather(*(owner.entry(owner.organisation_id) for owner in owners for _ in range(5)))
    for owner in owners:
        page = (await api.http.get(f"{owner.path}/knowledge")).json()
        assert [entry["question"] for entry in page["items"]] == [owner.organisation_id] * 5
