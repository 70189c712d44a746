"""Everything that is held about somebody, as a ZIP of JSON: nothing missing, nothing secret, nothing of others."""

import io
import json
import zipfile
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from sqlalchemy import text

from config_api.models import now
from config_api.privacy import exporter, jobs
from config_api.privacy.inventory import shown, take_inventory
from config_api.privacy.models import ExportJob
from shared.errors import PermanentError
from tests.servers.canaries import Canaries
from tests.servers.config_api import SERVICE_TOKEN, ConfigApiServer, Resource
from tests.servers.owner import eventually
from tests.servers.person import Person, a_person, the_notice
from tests.servers.postgres import Postgres
from tests.servers.whole import running_whole, tables_with

# Seconds that the background may take on a busy machine.
PATIENCE = 120
# Columns that no export has. One more has to be secret, and one less not.
WITHHELD = {
    "account.password_hash",
    "account.totp_secret",
    "api_key.token_digest",
    "export_job.data_key",
    "idempotency_key.digest",
    "idempotency_key.sealed_answer",
    "idempotency_key.sealed_request",
    "invitation.email",
    "invitation.token_digest",
    "login_session.token_digest",
    "mailbox.access_token",
    "mailbox.imap_password",
    "mailbox.refresh_token",
    "recovery_code.code_digest",
    "ticket.token_digest",
}


@pytest.fixture
async def whole(postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
    async with running_whole(postgres, database) as server:
        yield server


async def exported(http: httpx2.AsyncClient, path: str, *, seconds: float = PATIENCE) -> dict[str, Any]:
    """Asks for an export of what is at `path`, waits, and reads it: the README as text, all else as JSON."""
    made = await http.post(f"{path}/export")
    assert made.status_code == 202, made.text
    job = f"{path}/export/{made.json()['id']}"

    async def state() -> str:
        return (await http.get(job)).json()["state"]

    await eventually(state, "ready", seconds)
    answer = await http.get(f"{job}/download")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    return {"README.txt": files.pop("README.txt").decode()} | {name: json.loads(data) for name, data in files.items()}


async def an_owner(api: ConfigApiServer, name: str = "anna", **organisation: Any) -> tuple[Person, Resource]:
    person = await a_person(api, name, first_name=f"{name} Vorname", last_name=f"{name} Nachname")
    response = await person.http.post("/organisations", json={"name": f"Hotel {name}"} | organisation)
    path = f"/organisations/{response.json()['id']}"
    assistant = await person.http.post(f"{path}/assistants", json={"name": "Anna"})
    return person, Resource(api, path, assistant.json()["id"])


async def test_an_organisations_export_has_all_of_it(whole: ConfigApiServer) -> None:
    owner = await whole.an_assistant("Hotel Seeblick")
    entries = [{"question": f"Frage {n}?", "answer": f"Antwort {n}."} for n in range(1000)]
    await whole.add(f"{owner.path}/knowledge/bulk", entries=entries)
    mailbox = await owner.mailbox(active=False)
    await insert_messages(whole, owner, mailbox["id"], 10_000)
    files = await exported(whole.http, owner.organisation)
    assert {entry["question"] for entry in files["knowledge_entry.json"]} == {entry["question"] for entry in entries}
    assert len(files["settled_message.json"]) == 10_000
    assert len(files["ledger.json"]) == 700
    assert [row["address"] for row in files["mailbox.json"]] == ["info@hotel-seeblick.example"]
    assert [row["name"] for row in files["organisation.json"]] == ["Hotel Seeblick"]
    assert "export.requested" in {entry["action"] for entry in files["security_log.json"]}
    assert "Ihre Daten bei Kinamik" in files["README.txt"]
    assert "Your data at Kinamik" in files["README.txt"]
    assert "knowledge_entry.json" in files["README.txt"]


async def insert_messages(api: ConfigApiServer, owner: Resource, mailbox: str, count: int) -> None:
    values = {"organisation": owner.organisation_id, "assistant": owner.id, "mailbox": mailbox, "n": count}
    async with api.service.database.outside_transactions() as connection:
        for statement in INSERTS:
            await connection.execute(text(statement), values)


INSERTS = (
    """
    INSERT INTO config.settled_message (message_id, generation, organisation_id, assistant_id, mailbox_id, outcome,
        reason, needs_human, knowledge_ids, model, tokens_in, tokens_out, duration_ms, received_at, settled_at)
    SELECT gen_random_uuid(), 0, :organisation, :assistant, :mailbox, 'drafted', '', false, '{}', '', 1, 1, 1,
        now(), now() FROM generate_series(1, :n)""",
    """
    INSERT INTO ingest.message (id, organisation_id, assistant_id, mailbox_id, folder, epoch, uidvalidity, provider_id,
        fingerprint, received_at, state, reason, generation, publications)
    SELECT gen_random_uuid(), :organisation, :assistant, :mailbox, 'INBOX', 0, 1, n, 'x', now(),
        'pending', '', 0, 0 FROM generate_series(1, 700) AS n""",
)


async def test_no_secret_and_no_other_person_is_in_it(whole: ConfigApiServer) -> None:
    anna, owner = await an_owner(whole)
    ben = await a_person(whole, "bernd", first_name="Bernd", last_name="Berger")
    await join(whole, owner, ben)
    stranger, _ = await an_owner(whole, "clara")
    imap = {"host": "imap.example.org", "port": 993, "username": "info", "password": "sehr-geheim"}
    box = {"assistant_id": owner.id, "address": "info@hotel.example", "imap": imap, "active": False}
    assert (await anna.http.post(f"{owner.organisation}/mailboxes", json=box)).status_code == 201
    key = (await anna.http.post(f"{owner.organisation}/api-keys", json={"name": "Kasse", "scopes": ["read"]})).json()
    invited = {"email": "dora@example.org", "role": "member"}
    assert (await anna.http.post(f"{owner.organisation}/invitations", json=invited)).status_code == 201
    files = await exported(anna.http, owner.organisation)
    whole_text = json.dumps(files, ensure_ascii=False)
    for absent in (
        *("sehr-geheim", "argon2", "first:", "dora@example.org", ben.email, stranger.email, "clara", "127.0.0.1"),
        key.get("token") or key["key"],
    ):
        assert absent not in whole_text, absent
    members = {(row["user_name"], row["first_name"], row["role"]) for row in files["members.json"]}
    assert members == {("anna", "anna Vorname", "owner"), ("bernd", "Bernd", "member")}


async def join(api: ConfigApiServer, owner: Resource, person: Person) -> None:
    query = "INSERT INTO config.membership VALUES (:organisation, :account, 'member', now())"
    async with api.service.database.outside_transactions() as connection:
        await connection.execute(text(query), {"organisation": owner.organisation_id, "account": person.account_id})


async def test_a_persons_export_has_all_of_the_person(whole: ConfigApiServer) -> None:
    anna, _ = await an_owner(whole)
    await an_owner(whole, "clara")
    files = await exported(anna.http, "/account")
    (account,) = files["account.json"]
    assert (account["email"], account["first_name"]) == (anna.email, "anna Vorname")
    assert [row["user_agent"] for row in files["login_session.json"]] == ["a browser"]
    assert [(row["name"], row["role"]) for row in files["memberships.json"]] == [("Hotel anna", "owner")]
    log_in = [entry for entry in files["security_log.json"] if entry["action"].startswith("login")]
    assert {entry["address"] for entry in log_in} == {"127.0.0.1"}
    assert "clara" not in json.dumps(files)
    assert "argon2" not in json.dumps(files)


async def test_what_an_export_withholds_is_known_by_name(api: ConfigApiServer) -> None:
    """So that a column that looks like a secret is looked at, and one that is a secret is seen to be withheld."""
    inventory = await take_inventory(api.service.database)
    withheld = {
        f"{table.name}.{column.name}"
        for table in {*inventory.of_organisations(), *inventory.of_people()}
        for column in set(table.columns) - set(shown(table))
    }
    assert withheld == WITHHELD


async def test_a_table_that_is_added_later_is_exported_too(whole: ConfigApiServer, postgres: Postgres) -> None:
    owner = await whole.an_assistant()
    for statement in (
        "CREATE TABLE config.afterthought (organisation_id uuid, words varchar, door_token varchar)",
        "GRANT SELECT, DELETE ON config.afterthought TO kinamik_tenant",
        f"INSERT INTO config.afterthought VALUES ('{owner.organisation_id}', 'auch dies', 'geheim')",
    ):
        postgres.execute(statement, whole.database)
    files = await exported(whole.http, owner.organisation)
    assert files["afterthought.json"] == [{"organisation_id": owner.organisation_id, "words": "auch dies"}]


async def test_nothing_of_an_archive_is_at_rest_in_the_clear(whole: ConfigApiServer, postgres: Postgres) -> None:
    """Not even its compressed form: a stored archive would show the names of its files."""
    word = Canaries().mark
    owner = await whole.an_assistant()
    await owner.entry(word)
    await exported(whole.http, owner.organisation)
    conninfo = postgres.conninfo(whole.database)
    assert "config.export_chunk" not in tables_with(conninfo, word, "knowledge_entry.json", "README.txt")
    with psycopg.connect(conninfo) as connection:
        (size,) = connection.execute("SELECT sum(length(sealed)) FROM config.export_chunk").fetchone() or (0,)
    assert size > 1000


async def test_a_notice_says_that_it_is_ready(whole: ConfigApiServer) -> None:
    anna, owner = await an_owner(whole)
    for path in ("/account", owner.organisation):
        await exported(anna.http, path)
        notice = await the_notice(whole, anna.email, "export_ready")
        assert notice.link.startswith(f"{path}/export/")


async def test_exports_are_for_owners_and_for_oneself(whole: ConfigApiServer) -> None:
    anna, owner = await an_owner(whole)
    ben = await a_person(whole, "bernd")
    await exported(anna.http, "/account")
    await exported(anna.http, owner.organisation)
    for path in ("/account", owner.organisation):
        job = (await anna.http.post(f"{path}/export")).json()["id"]
        for tail in ("", "/download"):
            assert (await ben.http.get(f"{path}/export/{job}{tail}")).status_code == 404
    assert (await ben.http.post(f"{owner.organisation}/export")).status_code == 404
    await join(whole, owner, ben)
    assert (await ben.http.post(f"{owner.organisation}/export")).status_code == 403


async def test_the_ledger_answers_the_services_only(whole: ConfigApiServer) -> None:
    owner = await whole.an_assistant()
    path = f"{whole.url}/internal/v1/ledger/{owner.organisation_id}"
    assert (await whole.http.get(path)).status_code == 401
    services = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    assert (await whole.http.get(path, headers=services)).json() == []
    for query in ("after=x", "limit=0", "limit=1001"):
        assert (await whole.http.get(f"{path}?{query}", headers=services)).status_code == 422


async def test_asked_for_twice_it_is_made_once(api: ConfigApiServer) -> None:
    owner = await api.an_assistant()
    first, second = [(await api.http.post(f"{owner.organisation}/export")).json() for _ in range(2)]
    assert first["id"] == second["id"]
    assert (await api.http.get(f"{owner.organisation}/export/{first['id']}/download")).status_code == 409


async def test_where_another_service_is_away_it_is_tried_again_and_then_has_failed(api: ConfigApiServer) -> None:
    """Ingest and audit do not run here."""
    owner = await api.an_assistant()
    path = f"{owner.organisation}/export/{(await api.http.post(f'{owner.organisation}/export')).json()['id']}"

    async def reason() -> str:
        return (await api.http.get(path)).json()["reason"]

    await eventually(reason, "ingest_unavailable", PATIENCE)

    async def state_after_another_try() -> str:
        """By whoever comes first: the service looks by itself from time to time."""
        async with api.service.database.outside_transactions() as connection:
            await connection.execute(text("UPDATE config.export_job SET due_at = now() WHERE state = 'waiting'"))
        await api.service.exporter.work()
        return (await api.http.get(path)).json()["state"]

    await eventually(state_after_another_try, "failed", PATIENCE)
    assert await reason() == "ingest_unavailable"
    assert await attempts(api) == exporter.ATTEMPTS
    assert (await api.http.post(f"{owner.organisation}/export")).json()["id"] not in path


async def test_a_worker_that_dies_is_replaced_and_cannot_come_back(whole: ConfigApiServer) -> None:
    owner = await whole.an_assistant()
    job = await a_running_job(whole, UUID(owner.organisation_id))
    late = exporter._Storing(whole.service.database, job, bytes(32))

    async def state() -> str:
        return (await whole.http.get(f"{owner.organisation}/export/{job.id}")).json()["state"]

    await eventually(state, "ready", PATIENCE)
    with pytest.raises(PermanentError, match="taken_over"):
        async with whole.service.database.service() as session:
            await late.finish(session)
    assert (await whole.http.get(f"{owner.organisation}/export/{job.id}/download")).status_code == 200


async def a_running_job(api: ConfigApiServer, organisation_id: UUID) -> ExportJob:
    """Taken up by somebody whose time is over."""
    async with api.service.database.tenant(organisation_id) as session:
        job = ExportJob(
            organisation_id=organisation_id,
            state="running",
            attempts=1,
            data_key=api.service.master_keys.seal(bytes(32), organisation_id, jobs.DATA_KEY),
            due_at=now() - timedelta(seconds=1),
            expires_at=now() + timedelta(days=1),
        )
        session.add(job)
    return job


async def attempts(api: ConfigApiServer) -> int:
    async with api.service.database.outside_transactions() as connection:
        return (await connection.execute(text("SELECT attempts FROM config.export_job"))).scalar_one()


async def test_after_seven_days_it_is_gone(whole: ConfigApiServer, postgres: Postgres) -> None:
    owner = await whole.an_assistant()
    await exported(whole.http, owner.organisation)
    await jobs.expire(whole.service.database, now() + timedelta(days=6, hours=23))
    with psycopg.connect(postgres.conninfo(whole.database), autocommit=True) as connection:
        counts = "SELECT (SELECT count(*) FROM config.export_job), (SELECT count(*) FROM config.export_chunk)"
        assert connection.execute(counts).fetchone() == (1, 1)
        await jobs.expire(whole.service.database, now() + timedelta(days=7, hours=1))
        assert connection.execute(counts).fetchone() == (0, 0)
