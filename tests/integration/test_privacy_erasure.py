"""What is to be erased is gone from every table of every service, and the search for it is seen to find it before."""

import asyncio
import gc
import weakref
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from config_api.accounts.models import Account
from config_api.members.models import Membership
from config_api.models import Organisation, now
from config_api.notices.service import QUEUE as NOTICES
from config_api.notices.service import notify, opened
from config_api.outbox import announce
from config_api.privacy import erasure
from config_api.privacy.inventory import Inventory, take_inventory
from config_api.privacy.people import name_digest
from drafter.handlers import Handlers
from shared.events import AuditRecorded, ConfigChanged, ErasureRequested
from tests.servers.canaries import Canaries
from tests.servers.config_api import ConfigApiServer, Resource
from tests.servers.owner import eventually
from tests.servers.person import a_person
from tests.servers.postgres import Postgres
from tests.servers.whole import running_whole, tables, tables_with

ENTRIES, USAGE_ROWS = 1_000, 10_000
# Seconds that the background may take on a busy machine.
PATIENCE = 120

# Tables of schema config that are neither an organisation's nor a person's, and why they need no erasing.
NOBODYS = {
    "alembic_version": "which migrations have run",
    "content_key": "destroyed by age",
    "config_outbox": "waits for minutes, and is cleaned on ErasureRequested",
    "export_chunk": "goes with its job",
    "revision": "a counter",
}
ELSEWHERE = {
    "ingest": {"message", "mailbox", "alembic_version"},
    "audit": {"entry", "lock", "known_address", "legal_hold", "alembic_version"},
}


@pytest.fixture
async def whole(postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
    async with running_whole(postgres, database) as server:
        yield server


async def an_organisation(api: ConfigApiServer, word: str) -> Resource:
    """One with `word` in every field that takes it."""
    values = dict.fromkeys(("name", "industry", "contact", "address", "notes"), word)
    made = await api.add("/organisations", **values, email=f"{word}@hotel.example", phone=f"030 {word}")
    path = f"/organisations/{made['id']}"
    texts = {"instructions": word, "signature": word, "description": word}
    assistant = await api.add(f"{path}/assistants", name=word, **texts)
    owner = Resource(api, path, assistant["id"])
    imap = {"host": f"{word}.example", "port": 993, "security": "tls", "username": word, "password": word}
    addresses = {"address": f"{word}@hotel.example", "aliases": [f"{word}+info@hotel.example"]}
    box = {"assistant_id": owner.id, "imap": imap, "drafts_folder": word, "active": False}
    await api.add(f"{path}/mailboxes", **addresses, **box)
    await api.add(f"{path}/api-keys", name=word, scopes=["read"])
    await api.add(f"{path}/invitations", email=f"gast.{word}@hotel.example", role="member")
    entry = await api.add(f"{owner.path}/knowledge", question=word, answer=word, examples=[word], tags=[word])
    await api.change(f"{owner.path}/knowledge/{entry['id']}", answer=f"Nein, {word}.")
    return owner


async def sweep(
    api: ConfigApiServer, owner: Resource, *, without: str = "", only: frozenset[str] | None = None
) -> None:
    """As the background does when it is due; with a table left out, or with some only."""
    database, organisation_id = api.service.database, UUID(owner.organisation_id)
    inventory = await take_inventory(database)
    looked_at = [each for each in inventory.tables if each.name != without and (only is None or each.name in only)]
    moment = await due_at(api, owner)
    async with database.tenant(organisation_id) as session:
        await erasure.sweep(session, Inventory(looked_at), organisation_id, moment, api.service.master_keys)


async def due_at(api: ConfigApiServer, owner: Resource) -> datetime:
    async with api.service.database.service() as session:
        query = select(Organisation.erase_at).where(Organisation.id == UUID(owner.organisation_id))
        moment = (await session.exec(query)).one()
    assert moment is not None
    return moment


async def schedule(api: ConfigApiServer, owner: Resource) -> None:
    """As an owner does, whose organisation is left alone by the background for a week."""
    async with api.service.database.tenant(UUID(owner.organisation_id)) as session:
        await erasure.schedule(session, UUID(owner.organisation_id))


async def test_every_table_is_somebodys_or_named(postgres: Postgres, whole: ConfigApiServer) -> None:
    """So that nobody adds a table whose rows would stay."""
    inventory = await take_inventory(whole.service.database)
    owned = {table.name for table in (*inventory.of_organisations(), *inventory.of_people())}
    with psycopg.connect(postgres.conninfo(whole.database)) as connection:
        found = tables(connection)
    assert {table for schema, table in found if schema == "config"} - owned == set(NOBODYS)
    for schema, known in ELSEWHERE.items():
        assert {table for of, table in found if of == schema} == known


async def test_a_tenant_may_erase_all_that_is_its_own(postgres: Postgres, api: ConfigApiServer) -> None:
    inventory = await take_inventory(api.service.database)
    with psycopg.connect(postgres.conninfo(api.database)) as connection:
        for table in inventory.of_organisations():
            query = "SELECT has_table_privilege('kinamik_tenant', %s, 'SELECT, DELETE')"
            assert connection.execute(query, (f"config.{table.name}",)).fetchone() == (True,), table.name


async def test_all_that_refers_to_an_account_goes_with_it_or_lets_go(postgres: Postgres, api: ConfigApiServer) -> None:
    inventory = await take_inventory(api.service.database)
    with psycopg.connect(postgres.conninfo(api.database)) as connection:
        query = (
            "SELECT conrelid::regclass::text FROM pg_constraint"
            " WHERE confrelid = 'config.account'::regclass AND confdeltype IN ('c', 'n')"
        )
        referring = {row[0] for row in connection.execute(query)}
    assert {f"config.{table.name}" for table in inventory.of_people()} - {"config.account"} <= referring


async def test_each_table_that_is_left_out_is_found(postgres: Postgres, api: ConfigApiServer) -> None:
    """The search can fail: it finds what an erasure leaves behind, table by table."""
    conninfo, word = postgres.conninfo(api.database), Canaries().mark
    await schedule(api, owner := await an_organisation(api, word))
    await fill(api, owner, word, entries=1, usage=1, others=False)
    await sweep(api, owner, only=frozenset())
    left = traces(conninfo, owner, word)
    assert left >= {f"config.{name}" for name in ("organisation", "assistant", "mailbox", "settled_message", "plan")}
    for table in sorted(left):
        word = Canaries().mark
        await schedule(api, owner := await an_organisation(api, word))
        await fill(api, owner, word, entries=1, usage=1, others=False)
        await sweep(api, owner, without=table.removeprefix("config."))
        assert traces(conninfo, owner, word) == {table}
        await sweep(api, owner)
        assert traces(conninfo, owner, word) == set()


def traces(conninfo: str, owner: Resource, word: str) -> set[str]:
    """The tables that have the word, or a row of the organisation that is not meant to stay."""
    return tables_with(conninfo, word) | rows_of(conninfo, owner).keys() - KEPT.keys()


async def test_nothing_of_an_organisation_is_left_in_any_service(postgres: Postgres, whole: ConfigApiServer) -> None:
    word, conninfo = Canaries().mark, postgres.conninfo(whole.database)
    owner = await an_organisation(whole, word)
    other = await an_organisation(whole, bystander := Canaries().mark)
    await fill(whole, owner, word, entries=ENTRIES - 1, usage=USAGE_ROWS)
    for each, named in ((owner, word), (other, bystander)):
        await create_with_a_key(whole.http, f"{each.path}/knowledge", question=named, answer=named)
        discovered = await whole.http.post(f"{each.organisation}/mailboxes/discover", json={"address": "info@gmx.de"})
        assert discovered.status_code == 200
    made = await create_with_a_key(whole.http, "/organisations", name="Bergblick")
    assert {"config.idempotency_key", "audit.lock"} < rows_of(conninfo, owner).keys()
    sealed = sealed_values(conninfo, owner)
    assert len(sealed) == 1
    assert {"config.knowledge_entry", "config.knowledge_change", "audit.entry"} < tables_with(conninfo, word)
    before = tables_with(conninfo, bystander)

    assert (await whole.http.delete(owner.organisation)).status_code == 204
    assert (await whole.http.get(owner.organisation)).status_code == 404
    await eventually(lambda: asyncio.to_thread(tables_with, conninfo, word, *sealed), set(), PATIENCE)
    await eventually(lambda: asyncio.to_thread(rows_of, conninfo, owner), KEPT, PATIENCE)
    assert tables_with(conninfo, bystander) == before
    assert (await whole.http.get(other.organisation)).status_code == 200

    assert (await whole.http.delete(f"/organisations/{made['id']}")).status_code == 204
    await eventually(lambda: asyncio.to_thread(counts_of, conninfo, "config.idempotency_key"), [1], PATIENCE)


async def create_with_a_key(http: httpx2.AsyncClient, path: str, **body: str) -> Any:
    response = await http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
    assert response.status_code == 201, response.text
    return response.json()


def counts_of(conninfo: str, *tables: str) -> list[int]:
    """How many rows each has: whose they are a digest does not tell."""
    with psycopg.connect(conninfo) as connection:
        return [len(connection.execute(f"SELECT 1 FROM {table}".encode()).fetchall()) for table in tables]


# Of an organisation: its bare tombstones, and what invoices rest on.
KEPT = {"config.organisation": 1, "config.assistant": 1, "config.mailbox": 1, "config.plan_change": 1}


def rows_of(conninfo: str, owner: Resource) -> dict[str, int]:
    """How many rows of every table name the organisation or one of its mailboxes, but for the security log's."""
    counts: dict[str, int] = {}
    with psycopg.connect(conninfo) as connection:
        mine = connection.execute("SELECT id FROM config.mailbox WHERE organisation_id = %s", (owner.organisation_id,))
        ids = [owner.organisation_id, *(str(row[0]) for row in mine)]
        for schema, table in tables(connection):
            query = f'SELECT count(*) FROM "{schema}"."{table}" t WHERE t::text LIKE ANY (%s)'
            (count,) = connection.execute(query.encode(), ([f"%{each}%" for each in ids],)).fetchone() or (0,)
            if count and (schema, table) != ("audit", "entry"):
                counts[f"{schema}.{table}"] = count
    return counts


async def fill(
    api: ConfigApiServer, owner: Resource, word: str, *, entries: int, usage: int, others: bool = True
) -> None:
    """Knowledge, usage rows, a member, and what ingest and audit keep."""
    many = [{"question": f"{word} {n}?", "answer": f"{word} {n}."} for n in range(entries)]
    await api.add(f"{owner.path}/knowledge/bulk", entries=many)
    values = {"organisation": owner.organisation_id, "assistant": owner.id, "word": word, "n": usage}
    account = Account(email=None, user_name=f"jemand {uuid4()}", password_hash="", terms_version="1")
    async with api.service.database.auth() as session:
        session.add(account)
    async with api.service.database.tenant(UUID(owner.organisation_id)) as session:
        session.add(Membership(organisation_id=UUID(owner.organisation_id), account_id=account.id, role="member"))
    async with api.service.database.outside_transactions() as connection:
        query = text("SELECT id FROM config.mailbox WHERE organisation_id = :organisation")
        mailbox = (await connection.execute(query, values)).scalar_one()
        for statement in FILLING if others else FILLING[:1]:
            await connection.execute(text(statement), values | {"mailbox": mailbox})


FILLING = (
    """
    INSERT INTO config.settled_message (message_id, generation, organisation_id, assistant_id, mailbox_id, outcome,
        reason, needs_human, knowledge_ids, model, tokens_in, tokens_out, duration_ms, received_at, settled_at)
    SELECT gen_random_uuid(), 0, :organisation, :assistant, :mailbox, 'drafted', '', false, '{}', :word, 1, 1, 1,
        now(), now() FROM generate_series(1, :n)""",
    "INSERT INTO ingest.mailbox VALUES (:mailbox, 1, 2, 0, now())",
    """
    INSERT INTO ingest.message (id, organisation_id, assistant_id, mailbox_id, folder, epoch, uidvalidity, provider_id,
        fingerprint, received_at, state, reason, generation, publications)
    SELECT gen_random_uuid(), :organisation, :assistant, :mailbox, CAST(:word AS varchar), 0, 1, n,
        convert_to(CAST(:word AS varchar), 'UTF8'), now(), 'pending', '', 0, 0 FROM generate_series(1, 100) AS n""",
    """
    INSERT INTO audit.entry
        (id, occurred_at, actor, action, organisation_id, subject, outcome, address, user_name, named)
    VALUES (gen_random_uuid(), now(), CAST(:word AS varchar), 'login', :organisation, '', 'failed',
        '203.0.113.7', CAST(:word AS varchar), true)""",
    "UPDATE config.mailbox SET team_mailbox = CAST(:word AS varchar) WHERE organisation_id = :organisation",
)


def sealed_values(conninfo: str, owner: Resource) -> list[str]:
    with psycopg.connect(conninfo) as connection:
        query = "SELECT imap_password FROM config.mailbox WHERE organisation_id = %s"
        return [row[0] for row in connection.execute(query, (owner.organisation_id,))]


async def test_what_comes_late_goes_with_the_next_sweep_and_what_invoices_need_with_the_last(
    postgres: Postgres, api: ConfigApiServer
) -> None:
    conninfo, word = postgres.conninfo(api.database), Canaries().mark
    await schedule(api, owner := await an_organisation(api, word))
    for _ in range(3):
        await fill_usage(api, owner)
        await sweep(api, owner)
        assert rows_of(conninfo, owner) == KEPT | {"config.usage_day": 1}
    assert (await due_at(api, owner)) > now() + timedelta(days=8 * 366)
    await sweep(api, owner)
    assert rows_of(conninfo, owner) == {}


async def fill_usage(api: ConfigApiServer, owner: Resource) -> None:
    values = {"organisation": owner.organisation_id, "assistant": owner.id, "word": "", "n": 3}
    async with api.service.database.outside_transactions() as connection:
        await connection.execute(text(FILLING[0]), values | {"mailbox": str(uuid4())})
        day = (
            "INSERT INTO config.usage_day VALUES (:organisation, :assistant, '2026-11-01', '', 1, 1, 1, 1, 1, 1, 1)"
            " ON CONFLICT DO NOTHING"
        )
        await connection.execute(text(day), values)


async def test_an_erasure_that_is_undone_is_not_made(postgres: Postgres, api: ConfigApiServer) -> None:
    await schedule(api, owner := await an_organisation(api, word := Canaries().mark))
    moment = await due_at(api, owner)
    before = tables_with(postgres.conninfo(api.database), word)
    assert (await api.http.delete(f"{owner.organisation}/erasure")).status_code == 200
    await api.service.eraser.sweep_due(moment)
    assert tables_with(postgres.conninfo(api.database), word) == before
    await api.http.patch(owner.organisation, json={"name": word})
    await schedule(api, owner)
    await api.service.eraser.sweep_due(await due_at(api, owner))
    assert tables_with(postgres.conninfo(api.database), word) == set()


async def test_nothing_of_a_person_is_left_in_any_service(postgres: Postgres, whole: ConfigApiServer) -> None:
    word, conninfo = Canaries().mark, postgres.conninfo(whole.database)
    anna = await a_person(whole, word, first_name=word, last_name=word)
    bystander = await a_person(whole, other := Canaries().mark)
    await anna.another_browser(user_agent=word)
    await anna.http.post("/auth/login", json={"login": word, "password": "falsch"})
    await anna.http.post("/auth/password-reset", json={"email": anna.email})
    assert (await anna.http.post("/account/export")).status_code == 202
    made = await create_with_a_key(anna.http, "/organisations", name="Hotel Seeblick")
    assert (await anna.http.delete(f"/organisations/{made['id']}")).status_code == 202
    await create_with_a_key(bystander.http, "/organisations", name="Pension Bergblick")
    digests = "config.idempotency_key", "audit.known_address"
    assert counts_of(conninfo, *digests) == [2, 4]
    await eventually(lambda: asyncio.to_thread(has_word, conninfo, "audit.entry", word), True, PATIENCE)

    response = await anna.http.request("DELETE", "/account", json={"password": anna.password})
    assert response.status_code == 204, response.text
    await eventually(lambda: asyncio.to_thread(tables_with, conninfo, word), set(), PATIENCE)
    assert (await anna.http.get("/account")).status_code == 401
    await eventually(lambda: asyncio.to_thread(acting, conninfo, anna.account_id), 0, PATIENCE)
    assert acting(conninfo, bystander.account_id) > 0
    await eventually(lambda: asyncio.to_thread(counts_of, conninfo, *digests), [1, 2], PATIENCE)
    assert {"config.account", "audit.entry"} <= tables_with(conninfo, other)


def has_word(conninfo: str, table: str, word: str) -> bool:
    return table in tables_with(conninfo, word)


def acting(conninfo: str, account_id: str) -> int:
    """How many entries of the security log say that this account did something."""
    with psycopg.connect(conninfo) as connection:
        query = "SELECT count(*) FROM audit.entry WHERE actor = %s"
        return (connection.execute(query, (account_id,)).fetchone() or (0,))[0]


async def test_a_legal_hold_keeps_what_it_holds(postgres: Postgres, whole: ConfigApiServer) -> None:
    """It goes, by its age, once the hold is released."""
    owner, free = await an_organisation(whole, held := Canaries().mark), await an_organisation(whole, Canaries().mark)
    hold = {"name": "Az. 12/26", "organisation_id": owner.organisation_id}
    assert (await whole.http.post("/operator/audit/legal-holds", json=hold)).status_code == 201
    conninfo = postgres.conninfo(whole.database)
    for each in (owner, free):
        await fill(whole, each, held, entries=1, usage=1)
        assert (await whole.http.delete(each.organisation)).status_code == 204
    await eventually(lambda: asyncio.to_thread(names_of, conninfo, free), {""}, PATIENCE)
    await eventually(lambda: asyncio.to_thread(tables_with, conninfo, held), {"audit.entry"}, PATIENCE)
    assert held in names_of(conninfo, owner)


def names_of(conninfo: str, owner: Resource) -> set[str]:
    with psycopg.connect(conninfo) as connection:
        query = "SELECT user_name FROM audit.entry WHERE organisation_id = %s"
        return {row[0] for row in connection.execute(query, (owner.organisation_id,))}


# So that nobody takes a row away while it is looked at.
NOT_YET = (
    """
    CREATE FUNCTION public.not_yet() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.next_attempt_at = now() + interval '1 hour';
        RETURN NEW;
    END $$""",
    """
    CREATE TRIGGER not_yet BEFORE INSERT ON config.config_outbox FOR EACH ROW EXECUTE FUNCTION public.not_yet()""",
)


async def test_what_waits_in_the_outbox_is_cleaned(postgres: Postgres, api: ConfigApiServer) -> None:
    for statement in NOT_YET:
        postgres.execute(statement, api.database)
    word, account_id, address = Canaries().mark, uuid4(), "203.0.113.7"
    database, keys = api.service.database, api.service.master_keys
    async with database.auth() as session:
        line = {"action": "login", "address": address, "user_name": word}
        await announce(session, AuditRecorded(actor=str(account_id), **line))
        await announce(session, AuditRecorded(actor="", **line))
        await announce(session, AuditRecorded(actor=str(uuid4()), action="login", address="203.0.113.8"))
        for kind in ("new_login", "account_deleted"):
            await notify(session, keys, kind, f"{word}@Example.org")
        await notify(session, keys, "new_login", "bernd@example.org")
    names = tuple(map(name_digest, (word, f"{word}@example.org")))
    await api.service.eraser.on_erasure_requested(ErasureRequested(account_id=account_id, name_digests=names))
    async with database.outside_transactions() as connection:
        rows = (await connection.execute(text("SELECT queue, payload FROM config.config_outbox"))).all()
    lines = [AuditRecorded.model_validate_json(row.payload) for row in rows if row.queue == AuditRecorded.topic]
    assert sorted(line.address for line in lines) == ["", "", "203.0.113.8"]
    assert {line.user_name for line in lines} == {""}
    notices = [opened(row.payload, keys) for row in rows if row.queue == NOTICES]
    kinds = sorted((notice.kind, notice.recipient) for notice in notices)
    assert kinds == [("account_deleted", f"{word}@Example.org"), ("new_login", "bernd@example.org")]


async def test_the_drafter_forgets_what_a_deleted_assistant_knew(api: ConfigApiServer) -> None:
    owner = await an_organisation(api, Canaries().mark)
    async with api.client() as client:
        await client.refresh()
        handlers = Handlers(client, None)
        known = weakref.ref(await handlers.author._indexes.of(UUID(owner.id)))
        assert known() is not None
        await api.http.delete(owner.organisation)
        await handlers.config_changed(ConfigChanged(revision=0))
        gc.collect()
        assert known() is None
