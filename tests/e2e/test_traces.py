"""Each mail is one trace, from its mailbox to its draft; what was delivered or handed on again is seen by its links."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests.mails import KNOWLEDGE, QUESTIONS, a_newsletter, an_enquiry
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.kafka import KafkaServer
from tests.servers.mail_server import PASSWORD
from tests.servers.model_stub import ModelStub
from tests.servers.postgres import Postgres
from tests.servers.stack import Stack, a_mailbox, an_organisation, running_stack, until
from tests.servers.traces import Received, Traces, receiving_traces

DRAFTED = [
    "hand on message",
    "send message-received.v1",
    "process message-received.v1",
    "retrieve knowledge",
    "chat stub",
    "send draft-proposed.v1",
    "process draft-proposed.v1",
    "save draft",
    "send message-settled.v1",
    "process message-settled.v1",
    "process message-settled.v1",
]
SKIPPED = ["hand on message", *DRAFTED[-3:]]
REDRIVE_AFTER = 15.0


@dataclass
class Place:
    stack: Stack
    dovecot: Dovecot
    model: ModelStub
    traces: Traces
    conninfo: str

    def outcomes(self) -> dict[UUID, str]:
        with psycopg.connect(self.conninfo) as connection:
            return dict(connection.execute("SELECT id, state FROM ingest.message").fetchall())

    def of(self, message: UUID) -> list[Received]:
        return [span for span in self.traces.spans if span.trace == message.hex]

    async def drafted(self, count: int) -> None:
        await until(lambda: Counter(self.outcomes().values())["drafted"] == count, 60)


@pytest.fixture
async def place(postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path) -> AsyncGenerator[Place]:
    require_dovecot()
    async with AsyncExitStack() as held:
        traces, dovecot = held.enter_context(receiving_traces()), held.enter_context(Dovecot())
        model = held.enter_context(ModelStub())
        settings = {
            "KINAMIK_OTLP_ENDPOINT": traces.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "KINAMIK_LLM_BASE_URL": model.base_url,
            "KINAMIK_LLM_MODEL": "stub",
            "KINAMIK_REDRIVE_AFTER": str(REDRIVE_AFTER),
            "KINAMIK_REDRIVE_EVERY": "0.5",
            "KINAMIK_DRAIN_SECONDS": "0",
        }
        running = running_stack(postgres, database, kafka.bootstrap, tmp_path, **settings)
        stack = await held.enter_async_context(running)
        path, assistant = await an_organisation(stack.api, KNOWLEDGE)
        await a_mailbox(stack.api, path, assistant, "info", dovecot.port, PASSWORD)
        yield Place(stack, dovecot, model, traces, postgres.conninfo(database))


def names(spans: Sequence[Received]) -> Counter[str]:
    return Counter(span.name for span in spans)


def in_one_piece(spans: Sequence[Received]) -> bool:
    """Whether one span began it all, and every other is below one that is there."""
    ids = {span.id for span in spans}
    return [span.parent for span in spans if span.parent not in ids] == [""] and len(ids) == len(spans)


async def test_each_mail_is_one_trace_from_its_mailbox_to_its_draft(place: Place) -> None:
    for number in range(3):
        place.dovecot.deliver("info", an_enquiry(number)[1])
    place.dovecot.deliver("info", a_newsletter(0)[1])
    await place.drafted(3)
    outcomes = place.outcomes()
    assert Counter(outcomes.values()) == {"drafted": 3, "skipped": 1}
    for message, state in outcomes.items():
        expected = Counter(DRAFTED if state == "drafted" else SKIPPED)
        await until(lambda message=message, expected=expected: names(place.of(message)) == expected, 15)
        spans = place.of(message)
        assert in_one_piece(spans)
        assert {str(span.attributes.get("kinamik.message_id", message)) for span in spans} == {str(message)}
        services = {"kinamik-ingest", "kinamik-config-api"}
        services |= {"kinamik-drafter", "kinamik-writer"} if state == "drafted" else set[str]()
        assert {span.service for span in spans} == services
    (call,) = (
        span
        for span in place.of(next(key for key in outcomes if outcomes[key] == "drafted"))
        if span.name == "chat stub"
    )
    assert call.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "stub",
        "gen_ai.request.max_tokens": 2000,
        "gen_ai.request.temperature": 0.2,
        "gen_ai.output.type": "json",
        "gen_ai.response.model": "stub",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 50,
        "server.address": "127.0.0.1",
        "server.port": place.model.port,
    }
    for content in (
        "Gast",
        "example.org",
        "Aufenthalt",
        "Gastro-Ticker",
        "vielen Dank",
        *QUESTIONS,
        KNOWLEDGE[0]["answer"],
    ):
        assert str(content).encode() not in place.traces.received


async def test_what_comes_again_is_linked_to_what_was_before(place: Place) -> None:
    """The drafter goes while the model thinks: the bus delivers again what it had, and ingest hands it on again."""
    place.model.rules(delay=60.0)
    place.dovecot.deliver("info", an_enquiry(0)[1])
    await until(lambda: place.model.stats()["in_flight"] == 1, 30)
    await asyncio.to_thread(place.stack.processes["drafter"].stop)
    (message,) = place.outcomes()
    await until(lambda: names(place.of(message))["hand on message"] == 2, 30)
    place.model.rules(delay=0.0)
    await place.stack.start("drafter")
    await place.drafted(1)
    await until(lambda: names(place.of(message))["process message-received.v1"] >= 3, 30)
    await until(lambda: in_one_piece(place.of(message)), 15)
    spans = place.of(message)
    first, *again = sorted((span for span in spans if span.name == "hand on message"), key=lambda span: span.parent)
    assert (first.parent, first.links) == ("", ())
    assert {span.links for span in again} == {(first.id,)}
    sent = [span.id for span in spans if span.name == "send message-received.v1"]
    worked_on = Counter(span.links for span in spans if span.name == "process message-received.v1")
    assert worked_on.keys() == {(each,) for each in sent}
    assert max(worked_on.values()) == 2


async def test_the_log_names_the_trace(place: Place) -> None:
    place.model.script({"do": "say", "content": "Das ist kein JSON."}, times=2)
    place.dovecot.deliver("info", an_enquiry(0)[1])
    await place.drafted(1)
    (message,) = place.outcomes()
    (line,) = (json.loads(each) for each in place.stack.logs().splitlines() if '"model_failed"' in each)
    await until(lambda: line["span_id"] in {span.id for span in place.of(message)}, 15)
    assert (line["trace_id"], line["message_id"]) == (message.hex, str(message))
