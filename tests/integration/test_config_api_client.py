"""The services' client: the kill switch is as of now, and an outage of config-api stops nobody."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from starlette.responses import PlainTextResponse

from shared.config_client import ConfigClient
from shared.errors import PermanentError, TransientError
from tests.servers.config_api import SERVICE_TOKEN, ConfigApiServer, Resource, an_app, serving
from tests.servers.postgres import Postgres

PATIENCE = 10.0


class Gate:
    """In front of the real service: counts what is asked, holds it up, or answers for it with an error."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.status: int | None = None
        self.body = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"].removeprefix("/internal/v1"))
        status = self.status
        await self.open.wait()
        app = self._app if status is None else PlainTextResponse(self.body, status)
        await app(scope, receive, send)


@pytest.fixture
async def gate(api: ConfigApiServer) -> Gate:
    return Gate(an_app(api.service))


@pytest.fixture
async def client(gate: Gate) -> AsyncGenerator[ConfigClient]:
    async with serving(gate) as url:
        client = ConfigClient(url, SecretStr(SERVICE_TOKEN), fresh_seconds=2.0, knowledge_kept=2)
        yield client
        gate.open.set()
        await client.close()


async def asked(gate: Gate, count: int) -> None:
    for _ in range(500):
        if len(gate.asked) >= count:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"only {len(gate.asked)} requests")


async def test_off_means_off_at_the_next_question(
    api: ConfigApiServer, client: ConfigClient, assistant: Resource
) -> None:
    mailbox = await assistant.mailbox()
    mailbox_id, path = UUID(mailbox["id"]), f"{assistant.organisation}/mailboxes/{mailbox['id']}"
    for switch in (assistant.path, path, assistant.organisation):
        known = await client.fresh(mailbox_id)
        assert known is not None
        assert (str(known[0].id), str(known[1].id)) == (mailbox["id"], assistant.id)
        await api.change(switch, active=False)
        assert await client.fresh(mailbox_id) is None
        await api.change(switch, active=True)
    assert [str(each.id) for each in client.active_mailboxes()] == []
    assert await client.fresh(mailbox_id)
    assert [str(each.id) for each in client.active_mailboxes()] == [mailbox["id"]]
    await api.http.delete(path)
    assert await client.fresh(mailbox_id) is None
    assert client.mailboxes() == ()
    assert await client.fresh(uuid4()) is None


async def test_a_question_asked_after_a_change_is_not_answered_from_before_it(
    api: ConfigApiServer, gate: Gate, client: ConfigClient, assistant: Resource
) -> None:
    """A request that was under way at the change may carry the old state: later callers wait for the next one."""
    mailbox = UUID((await assistant.mailbox())["id"])
    assert await client.fresh(mailbox)
    gate.asked.clear()
    gate.open.clear()
    early = asyncio.create_task(client.fresh(mailbox))
    await asked(gate, 1)
    await api.change(assistant.path, active=False)
    late = [asyncio.create_task(client.fresh(mailbox)) for _ in range(50)]
    await asyncio.sleep(0.05)
    gate.open.set()
    assert await asyncio.gather(*late) == [None] * 50
    await early
    assert gate.asked == ["/config", "/config"], "the fifty shared one request"


async def test_callers_that_give_up_leave_the_others_alone(
    gate: Gate, client: ConfigClient, assistant: Resource
) -> None:
    mailbox = UUID((await assistant.mailbox())["id"])
    gate.open.clear()
    callers = [asyncio.create_task(client.fresh(mailbox)) for _ in range(3)]
    await asked(gate, 1)
    callers[0].cancel()
    gate.open.set()
    assert all(await asyncio.gather(*callers[1:]))
    assert callers[0].cancelled()


@pytest.mark.parametrize("outage", [503, 401, 404, 200])
async def test_while_config_api_is_wrong_the_last_known_counts(
    api: ConfigApiServer, gate: Gate, client: ConfigClient, assistant: Resource, outage: int
) -> None:
    mailbox = UUID((await assistant.mailbox())["id"])
    assert await client.fresh(mailbox)
    await api.change(assistant.path, active=False)
    gate.status, gate.body = outage, "{}"
    assert await client.fresh(mailbox)
    with pytest.raises(TransientError, match="config_api"):
        await client.refresh()
    gate.status = None
    assert await client.fresh(mailbox) is None


async def test_a_config_api_that_hangs_holds_up_a_draft_for_a_bounded_time(
    gate: Gate, client: ConfigClient, assistant: Resource
) -> None:
    mailbox = UUID((await assistant.mailbox())["id"])
    assert await client.fresh(mailbox)
    gate.open.clear()
    async with asyncio.timeout(2.5):
        assert await client.fresh(mailbox)


async def test_a_config_api_that_is_gone_stops_nobody(api: ConfigApiServer, assistant: Resource) -> None:
    mailbox = UUID((await assistant.mailbox())["id"])
    async with serving(an_app(api.service)) as url:
        client = ConfigClient(url, SecretStr(SERVICE_TOKEN))
        assert await client.fresh(mailbox)
        snapshot = await client.knowledge(UUID(assistant.id))
    assert await client.fresh(mailbox)
    assert await client.knowledge(UUID(assistant.id)) == snapshot
    with pytest.raises(TransientError, match="config_api_unavailable"):
        await client.content_keys()
    await client.close()


async def test_knowledge_is_fetched_when_it_changed_and_only_then(
    api: ConfigApiServer, gate: Gate, client: ConfigClient, assistant: Resource
) -> None:
    await assistant.entry("Gibt es Parkplätze?", "Ja.")
    await client.refresh()
    gate.asked.clear()
    snapshots = await asyncio.gather(*(client.knowledge(UUID(assistant.id)) for _ in range(20)))
    assert {entry.answer for snapshot in snapshots for entry in snapshot.entries} == {"Ja."}
    await api.change(assistant.path, name="Berta")
    await client.refresh()
    await client.knowledge(UUID(assistant.id))
    assert gate.asked.count(f"/assistants/{assistant.id}/knowledge") == 1
    await assistant.entry("Gibt es WLAN?", "Auch.")
    await client.refresh()
    gate.status = 503
    stale = await client.knowledge(UUID(assistant.id))
    assert [entry.answer for entry in stale.entries] == ["Ja."]
    gate.status = None
    assert [entry.answer for entry in (await client.knowledge(UUID(assistant.id))).entries] == ["Ja.", "Auch."]


async def test_of_knowledge_only_the_latest_used_is_kept(
    api: ConfigApiServer, gate: Gate, client: ConfigClient
) -> None:
    first, second, third = [UUID((await api.an_assistant(f"Haus {n}")).id) for n in range(3)]
    await client.refresh()
    for each in (first, second, first, third):
        await client.knowledge(each)
    gate.asked.clear()
    await client.knowledge(first)
    await client.knowledge(third)
    assert gate.asked == []
    await client.knowledge(second)
    assert gate.asked == [f"/assistants/{second}/knowledge"]


async def test_knowledge_of_nobody(client: ConfigClient) -> None:
    with pytest.raises(PermanentError, match="assistant_unknown"):
        await client.knowledge(uuid4())


async def test_whoever_waits_for_changes_is_woken(
    api: ConfigApiServer, client: ConfigClient, assistant: Resource
) -> None:
    await client.refresh()
    waiting = asyncio.create_task(client.changed(client.revision))
    await client.refresh()
    assert not waiting.done(), "nothing had changed"
    mailbox = await assistant.mailbox()
    await client.refresh()
    async with asyncio.timeout(PATIENCE):
        assert await waiting == client.revision
    assert client.mailbox(UUID(mailbox["id"]))
    assert await client.changed(0) == client.revision


async def test_a_start_waits_for_config_api_and_then_follows_it(
    api: ConfigApiServer, gate: Gate, assistant: Resource
) -> None:
    gate.status = 503
    async with serving(gate) as url:
        client = ConfigClient(url, SecretStr(SERVICE_TOKEN), poll_seconds=0.1)
        running = client.running()
        entering = asyncio.create_task(running.__aenter__())
        await asked(gate, 3)
        assert not entering.done()
        gate.status = None
        async with asyncio.timeout(PATIENCE):
            await entering
            assert client.assistant(UUID(assistant.id))
            seen = client.revision
            await api.change(assistant.path, active=False)
            assert await client.changed(seen) == seen + 1
        await running.__aexit__(None, None, None)


async def test_after_a_restore_what_was_newer_is_forgotten(
    postgres: Postgres, api: ConfigApiServer, client: ConfigClient, assistant: Resource
) -> None:
    mailbox = UUID((await assistant.mailbox())["id"])
    await client.refresh()
    assert client.mailboxes()
    restore = "DELETE FROM config.mailbox; UPDATE config.revision SET n = 1; UPDATE config.assistant SET revision = 1"
    postgres.execute(restore, api.database)
    assert await client.fresh(mailbox) is None
    assert client.mailboxes() == ()
    assert client.assistant(UUID(assistant.id))
