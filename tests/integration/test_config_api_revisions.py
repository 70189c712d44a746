"""The revision counter misses nothing, and what changed and the news of it commit together."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlmodel import select

from config_api.database import Database
from config_api.models import SCHEMA, Base, Revision
from config_api.outbox import next_revision, relay
from shared.database import create_engine, migrate, migrations
from shared.errors import TransientError
from shared.events import ConfigChanged, Event
from tests.servers.config_api import ConfigApiServer
from tests.servers.postgres import Postgres

PATIENCE = 10.0


async def rows(api: ConfigApiServer, query: str) -> list[object]:
    async with api.service.database.outside_transactions() as connection:
        return list((await connection.execute(text(query))).scalars())


async def published(api: ConfigApiServer, count: int) -> list[int]:
    """The next revisions that come out of the outbox."""
    async with asyncio.timeout(PATIENCE):
        events = [await api.published.get() for _ in range(count)]
    return [event.revision for event in events if isinstance(event, ConfigChanged)]


async def the_outbox_is_empty(api: ConfigApiServer) -> bool:
    for _ in range(200):
        if not await rows(api, "SELECT id FROM config.config_outbox"):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_every_change_makes_a_revision_and_is_told(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    mailbox = await anna.mailbox()
    entry = await anna.entry("Gibt es Parkplätze?")
    await api.change(anna.path, active=False)
    await api.change(f"{anna.organisation}/mailboxes/{mailbox['id']}", active=False)
    await api.change(f"{anna.path}/knowledge/{entry['id']}", answer="Nein.")
    await api.change(anna.organisation, name="Seehotel")
    await api.http.delete(f"{anna.path}/knowledge/{entry['id']}")
    assert await published(api, 8) == list(range(1, 9))
    assert await the_outbox_is_empty(api)


async def test_a_delta_has_what_changed_and_nothing_else(api: ConfigApiServer) -> None:
    anna, other = await api.an_assistant(), await api.an_assistant("Pension Bergblick")
    mailbox = await anna.mailbox()
    before = await api.internal("/config")
    assert {a["id"] for a in before["assistants"]} == {anna.id, other.id}
    unchanged = await api.internal(f"/config?since={before['revision']}")
    assert unchanged == {"revision": before["revision"], "assistants": [], "mailboxes": [], "deleted": []}
    await anna.entry("Gibt es Parkplätze?")
    delta = await api.internal(f"/config?since={before['revision']}")
    (assistant,) = delta["assistants"]
    assert (delta["revision"], delta["mailboxes"]) == (before["revision"] + 1, [])
    assert (assistant["id"], assistant["knowledge_revision"]) == (anna.id, delta["revision"])
    await api.http.delete(f"{anna.organisation}/mailboxes/{mailbox['id']}")
    assert (await api.internal(f"/config?since={delta['revision']}"))["deleted"] == [mailbox["id"]]
    assert (await api.internal("/config"))["deleted"] == []


async def test_a_knowledge_change_is_told_from_a_change_of_settings(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    (first,) = (await api.internal("/config"))["assistants"]
    await api.change(anna.path, name="Berta")
    (second,) = (await api.internal("/config"))["assistants"]
    assert second["knowledge_revision"] == first["knowledge_revision"] < second["revision"]
    snapshot = await api.internal(f"/assistants/{anna.id}/knowledge")
    assert (snapshot["knowledge_revision"], snapshot["entries"]) == (first["knowledge_revision"], [])


async def test_a_paused_organisation_pauses_what_it_has(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    await anna.mailbox()
    since = (await api.internal("/config"))["revision"]
    await api.change(anna.organisation, active=False, name="Seehotel")
    delta = await api.internal(f"/config?since={since}")
    assert [part["active"] for part in (*delta["assistants"], *delta["mailboxes"])] == [False, False]
    assert delta["assistants"][0]["organisation_name"] == "Seehotel"
    assert (await api.http.get(anna.path)).json()["active"] is True
    await api.change(anna.organisation, active=True)
    delta = await api.internal(f"/config?since={delta['revision']}")
    assert [part["active"] for part in (*delta["assistants"], *delta["mailboxes"])] == [True, True]


@pytest.mark.parametrize("switch", ["mailbox", "assistant", "organisation"])
async def test_what_arrived_while_off_stays_without_a_draft(api: ConfigApiServer, switch: str) -> None:
    assistant = await api.an_assistant()
    mailbox = await assistant.mailbox(watch_since="2020-01-01T00:00:00Z")
    path = {
        "mailbox": f"{assistant.organisation}/mailboxes/{mailbox['id']}",
        "assistant": assistant.path,
        "organisation": assistant.organisation,
    }[switch]
    await api.change(path, active=True)
    (as_it_was,) = (await api.internal("/config?since=0"))["mailboxes"]
    await api.change(path, active=False)
    off = datetime.now(UTC).replace(microsecond=0)
    await api.change(path, active=True)
    (after,) = (await api.internal("/config?since=0"))["mailboxes"]
    assert as_it_was["watch_since"].startswith("2020")
    assert datetime.fromisoformat(after["watch_since"]) >= off
    assert after["revision"] > as_it_was["revision"]


async def test_a_reader_that_polls_during_many_changes_misses_none(api: ConfigApiServer) -> None:
    assistants = [await api.an_assistant(f"Haus {n}") for n in range(6)]
    known: dict[str, str] = {}
    revision, done = 0, asyncio.Event()

    async def read() -> None:
        nonlocal revision
        finished = False
        while not finished:
            finished = done.is_set()
            delta = await api.internal(f"/config?since={revision}")
            assert delta["revision"] >= revision
            revision = delta["revision"]
            known.update({assistant["id"]: assistant["name"] for assistant in delta["assistants"]})

    reader = asyncio.create_task(read())
    for turn in range(15):
        await asyncio.gather(*(api.change(each.path, name=f"Anna {turn}") for each in assistants))
    done.set()
    await reader
    assert known == {each.id: "Anna 14" for each in assistants}
    assert revision == 6 + 15 * 6
    assert sorted(await published(api, revision)) == list(range(1, revision + 1))


async def test_revisions_become_visible_in_their_order(api: ConfigApiServer) -> None:
    """The first to count is the first to commit: the second waits for it, even where it is quicker."""
    anna, other = await api.an_assistant(), await api.an_assistant("Pension Bergblick")
    async with api.service.database.tenant(UUID(anna.organisation_id)) as session:
        held = await next_revision(session)
        quick = asyncio.create_task(api.change(other.path, name="Berta"))
        await asyncio.sleep(0.2)
        assert not quick.done()
        assert (await api.internal("/config"))["revision"] == held - 1
    await quick
    assert (await api.internal("/config"))["revision"] == held + 1


async def test_what_is_rolled_back_is_not_told(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    assert await published(api, 1) == [1]
    assert await the_outbox_is_empty(api)
    with pytest.raises(RuntimeError, match="too late"):
        await change_and_fail(api, UUID(anna.organisation_id))
    assert await rows(api, "SELECT id FROM config.config_outbox") == []
    assert (await api.internal("/config"))["revision"] == 1
    await api.change(anna.path, name="Berta")
    assert await published(api, 1) == [2]


async def change_and_fail(api: ConfigApiServer, organisation_id: UUID) -> None:
    async with api.service.database.tenant(organisation_id) as session:
        await next_revision(session)
        connection = await session.connection()
        assert (await connection.execute(text("UPDATE config.organisation SET name = 'x'"))).rowcount == 1
        raise RuntimeError("too late")


async def test_a_change_that_cannot_be_told_is_not_made(postgres: Postgres, api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    postgres.execute("REVOKE INSERT ON config.config_outbox FROM kinamik_tenant", api.database)
    response = await api.http.patch(anna.path, json={"name": "Berta"})
    assert (response.status_code, response.json()["reason"]) == (500, "internal_error")
    assert (await api.http.get(anna.path)).json()["name"] == "Anna"
    assert (await api.internal("/config"))["revision"] == 1


async def test_a_commit_that_fails_is_not_answered_with_success(postgres: Postgres, api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    function = (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'at commit'; END $$;"
        "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON config.assistant DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    postgres.execute(function, api.database)
    response = await api.http.patch(anna.path, json={"name": "Berta"})
    assert response.status_code == 500
    assert (await api.internal("/config"))["revision"] == 1


async def test_a_bus_that_is_away_gets_the_news_later(postgres: Postgres, database: str) -> None:
    attempts = 0
    told: asyncio.Queue[Event] = asyncio.Queue()

    async def publish(event: Event) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise TransientError("bus_unavailable")
        await told.put(event)

    url = postgres.url(database)
    await migrate(url, "config_api", schema=SCHEMA)
    before_the_relay = Database(url, connections=1)
    async with before_the_relay.tenant(uuid4()) as session:
        await next_revision(session)
    await before_the_relay.close()
    async with relay(url, publish), asyncio.timeout(PATIENCE):
        event = await told.get()
    assert isinstance(event, ConfigChanged)
    assert (event.revision, attempts) == (1, 3)


async def test_the_news_arrives_at_once(api: ConfigApiServer) -> None:
    """By NOTIFY, not by polling, which takes ever longer the longer there was none."""
    await asyncio.sleep(6)
    anna = await api.an_assistant()
    async with asyncio.timeout(1.5):
        assert await published(api, 1) == [1]
    assert anna.id


async def test_the_tables_are_as_the_models_say(postgres: Postgres, database: str) -> None:
    await migrate(postgres.url(database), "config_api", schema=SCHEMA)
    engine = create_engine(postgres.url(database))
    async with engine.connect() as connection:
        differences = await connection.run_sync(differences_from_models)
    await engine.dispose()
    assert differences == []


def differences_from_models(connection: Connection) -> list[object]:
    def ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return kind != "table" or name != "alembic_version"

    options = {
        "include_schemas": True,
        "include_object": ours,
        "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


async def test_services_that_start_together_migrate_once(postgres: Postgres, empty_database: str) -> None:
    database = empty_database
    await asyncio.gather(*(migrate(postgres.url(database), "config_api", schema=SCHEMA) for _ in range(4)))
    engine = create_engine(postgres.url(database))
    async with engine.connect() as connection:
        versions = (await connection.execute(text("SELECT version_num FROM config.alembic_version"))).scalars().all()
        counters = (await connection.execute(select(Revision.n))).scalars().all()
    await engine.dispose()
    assert (versions, counters) == ([migrations("config_api").get_current_head()], [0])
