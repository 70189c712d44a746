"""The model client against a server that misbehaves on demand."""

import asyncio
import logging
import socket
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import psutil
import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from drafter.llm import Model, ModelSettings
from drafter.prompt import Message, messages
from shared.config import Assistant, KnowledgeEntry
from shared.errors import AuthError, PermanentError, TransientError
from shared.mail import Mail
from tests.servers.model_stub import ModelStub, answer

CANARY = "Kanarienvogel-7391"
ID = UUID(int=1)
ASSISTANT = Assistant(
    id=ID, organisation_id=ID, revision=1, knowledge_revision=1, name="A", organisation_name="Hotel", active=True
)
ENTRY = KnowledgeEntry(id=UUID(int=2), question="Wann gibt es Frühstück?", answer="Frühstück gibt es ab 7 Uhr.")
CHAT: list[Message] = messages(
    Mail(subject="Frage", text=f"Wann gibt es Frühstück? {CANARY}"), ASSISTANT, [ENTRY], now=datetime(2026, 3, 3)
)
GOOD = {"do": "say", "content": answer("Guten Tag, ab 7 Uhr.")}


@pytest.fixture(scope="module")
def server() -> Iterator[ModelStub]:
    with ModelStub() as stub:
        yield stub


@pytest.fixture
def stub(server: ModelStub) -> ModelStub:
    server.reset()
    server.rules(delay=0, reject=[], key="")
    return server


def settings(stub: ModelStub, **changes: Any) -> ModelSettings:
    return ModelSettings(**({"base_url": stub.base_url, "model": "stub", "timeout": 2, "deadline": 6} | changes))


@pytest.fixture
async def model(stub: ModelStub) -> AsyncIterator[Model]:
    model = Model(settings(stub))
    yield model
    await model.close()


async def test_a_good_answer_takes_one_call(stub: ModelStub, model: Model) -> None:
    completion = await model.complete(CHAT)
    assert ENTRY.answer in completion.answer.body
    assert (completion.usage.model, completion.usage.tokens_in, completion.usage.tokens_out) == ("stub", 100, 50)
    assert stub.stats()["calls"] == 1
    assert stub.last()["response_format"]["json_schema"]["schema"]["additionalProperties"] is False


async def test_every_call_is_counted_by_what_came_of_it(stub: ModelStub, model: Model) -> None:
    def calls(result: str) -> float:
        return REGISTRY.get_sample_value("kinamik_model_calls_total", {"result": result}) or 0.0

    before = calls("ok"), calls("model_unavailable"), REGISTRY.get_sample_value("kinamik_model_call_seconds_count") or 0
    stub.script({"do": "status", "status": 503})
    await model.complete(CHAT)
    assert (calls("ok"), calls("model_unavailable")) == (before[0] + 1, before[1] + 1)
    assert REGISTRY.get_sample_value("kinamik_model_call_seconds_count") == before[2] + 2


@pytest.mark.parametrize("dated", [False, True], ids=["seconds", "date"])
async def test_429_waits_as_long_as_it_was_told(stub: ModelStub, model: Model, dated: bool) -> None:
    # An HTTP date has whole seconds: three ahead means more than two.
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    stub.script({"do": "status", "status": 429, "retry_after": date if dated else "2"})
    start = time.monotonic()
    await model.complete(CHAT)
    assert 1.9 <= time.monotonic() - start < 5
    assert stub.stats()["calls"] == 2


async def test_429_beyond_the_deadline_comes_back_at_once_with_its_time(stub: ModelStub, model: Model) -> None:
    stub.script({"do": "status", "status": 429, "retry_after": "90"})
    start = time.monotonic()
    for _ in range(2):  # the second is not even asked: the endpoint named its time
        with pytest.raises(TransientError, match="model_rate_limited") as caught:
            await model.complete(CHAT)
        assert caught.value.retry_after == pytest.approx(90, abs=2)
    assert time.monotonic() - start < 45
    assert stub.stats()["calls"] == 1


async def test_an_exhausted_quota_is_not_retried(stub: ModelStub, model: Model) -> None:
    stub.script({"do": "status", "status": 429, "error": {"code": "insufficient_quota"}})
    with pytest.raises(TransientError, match="model_quota_exhausted"):
        await model.complete(CHAT)
    assert stub.stats()["calls"] == 1


@pytest.mark.parametrize("step", [{"do": "status", "status": 503}, {"do": "drop"}], ids=["503", "drop"])
async def test_server_errors_and_lost_connections_are_retried(stub: ModelStub, model: Model, step: Any) -> None:
    stub.script(step, times=2)
    assert (await model.complete(CHAT)).answer.decision == "reply"
    assert stub.stats()["calls"] == 3


async def test_a_server_that_stays_broken_ends_at_the_deadline(stub: ModelStub) -> None:
    stub.script({"do": "status", "status": 500}, times=50)
    model = Model(settings(stub, deadline=3))
    start = time.monotonic()
    with pytest.raises(TransientError, match="model_unavailable"):
        await model.complete(CHAT)
    assert 1 < time.monotonic() - start < 10
    assert 2 <= stub.stats()["calls"] <= 6
    await model.close()


async def test_nobody_listening_is_transient(stub: ModelStub) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        model = Model(settings(stub, base_url=f"http://127.0.0.1:{unused.getsockname()[1]}/v1", deadline=1))
        with pytest.raises(TransientError, match="model_unavailable"):
            await model.complete(CHAT)
        await model.close()


async def test_a_hanging_server_costs_one_timeout_and_then_answers(stub: ModelStub) -> None:
    stub.script({"do": "answer", "delay": 30})
    model = Model(settings(stub, timeout=0.5))
    assert (await model.complete(CHAT)).answer.decision == "reply"
    stub.script({"do": "answer", "delay": 30}, times=5)
    with pytest.raises(TransientError, match="model_timeout"):
        await Model(settings(stub, timeout=0.5, deadline=0.8)).complete(CHAT)
    await model.close()


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_stop_at_once(stub: ModelStub, model: Model, status: int) -> None:
    stub.script({"do": "status", "status": status})
    with pytest.raises(AuthError, match="model_credentials_refused"):
        await model.complete(CHAT)
    assert stub.stats()["calls"] == 1


async def test_the_key_is_sent_and_never_shown(stub: ModelStub) -> None:
    stub.rules(key="sk-geheim")
    known = settings(stub, api_key=SecretStr("sk-geheim"))
    model = Model(known)
    await model.complete(CHAT)
    assert "sk-geheim" not in repr(known)
    await model.close()


@pytest.mark.parametrize(
    ("step", "reason", "calls"),
    [
        ({"do": "status", "status": 404}, "model_not_found", 1),
        ({"do": "status", "status": 413}, "model_request_rejected", 1),
        ({"do": "status", "status": 400, "error": {"code": "content_filter"}}, "model_refused", 1),
        ({"do": "say", "refusal": "I cannot help with that."}, "model_refused", 1),
        ({"do": "say", "content": "", "finish": "content_filter"}, "model_refused", 1),
    ],
)
async def test_what_cannot_be_mended_is_permanent(
    stub: ModelStub, model: Model, step: Any, reason: str, calls: int
) -> None:
    stub.script(step, times=calls)
    with pytest.raises(PermanentError, match=reason):
        await model.complete(CHAT)
    assert stub.stats()["calls"] == calls


UNUSABLE = {
    "garbage": {"do": "say", "content": "Gern! Hier ist meine Antwort: {oh je"},
    "empty": {"do": "say", "content": ""},
    "no content": {"do": "say", "content": None},
    "no completion": {"do": "status", "status": 200, "body": {"error": "x"}},
    "no json": {"do": "status", "status": 200, "body": "<html>502</html>"},
    "truncated": {"do": "say", "content": GOOD["content"][:60], "finish": "length"},
    "too long": {"do": "say", "content": answer("lang " * 5000)},
    "wrong field": {"do": "say", "content": answer("x", decision="vielleicht")},
    "empty body": {"do": "say", "content": answer(" ")},
}


@pytest.mark.parametrize("step", UNUSABLE.values(), ids=UNUSABLE.keys())
async def test_an_unusable_answer_is_repaired_once(stub: ModelStub, model: Model, step: Any) -> None:
    stub.script(step)
    completion = await model.complete(CHAT)
    assert completion.answer.decision == "reply"
    assert stub.stats()["calls"] == 2
    repair = stub.last()["messages"][-1]["content"]
    assert "unbrauchbar" in repair
    assert len(repair) < 200  # says what was wrong, does not repeat it


@pytest.mark.parametrize("step", UNUSABLE.values(), ids=UNUSABLE.keys())
async def test_a_second_unusable_answer_is_the_last(stub: ModelStub, model: Model, step: Any) -> None:
    stub.script(step, times=2)
    with pytest.raises(PermanentError, match="model_answer_unusable"):
        await model.complete(CHAT)
    assert stub.stats()["calls"] == 2


async def test_a_truncated_answer_gets_more_room(stub: ModelStub, model: Model) -> None:
    await model.complete(CHAT)
    room = stub.last()["max_tokens"]
    stub.script(UNUSABLE["truncated"])
    await model.complete(CHAT)
    assert stub.last()["max_tokens"] == 2 * room


@pytest.mark.parametrize(
    "content",
    [
        f"```json\n{GOOD['content']}\n```",
        f"Hier {{ist}} sie:\n{GOOD['content']}\nViel Erfolg!",
        f'<think>{{"decision": "skip"}}</think>{GOOD["content"]}',
    ],
    ids=["fence", "words around", "thoughts"],
)
async def test_json_is_found_where_models_put_it(stub: ModelStub, model: Model, content: str) -> None:
    stub.script({"do": "say", "content": content})
    assert (await model.complete(CHAT)).answer.body == "Guten Tag, ab 7 Uhr."
    assert stub.stats()["calls"] == 1


@pytest.mark.parametrize(
    ("reject", "calls", "kept"),
    [
        (["json_schema"], 2, {"response_format": {"type": "json_object"}}),
        (["response_format"], 3, {"response_format": None}),
        (["max_tokens"], 2, {"max_tokens": None, "max_completion_tokens": 2000}),
        (["max_tokens", "temperature", "response_format"], 5, {"temperature": None}),
    ],
)
async def test_what_an_endpoint_rejects_is_left_out_from_then_on(
    stub: ModelStub, model: Model, reject: list[str], calls: int, kept: dict[str, Any]
) -> None:
    stub.rules(reject=reject)
    await model.complete(CHAT)
    assert stub.stats()["calls"] == calls
    await model.complete(CHAT)
    assert stub.stats()["calls"] == calls + 1
    last = stub.last()
    assert {name: last.get(name) for name in kept} == kept


async def test_a_rejected_mail_does_not_change_how_the_next_is_sent(stub: ModelStub, model: Model) -> None:
    stub.script({"do": "status", "status": 400}, times=3)
    with pytest.raises(PermanentError, match="model_request_rejected"):
        await model.complete(CHAT)
    await model.complete(CHAT)
    assert stub.last()["response_format"]["type"] == "json_schema"


async def test_a_redirect_is_not_followed(stub: ModelStub, model: Model) -> None:
    stub.script({"do": "status", "status": 307})
    with pytest.raises(PermanentError, match="model_request_rejected"):
        await model.complete(CHAT)
    assert stub.stats()["calls"] == 1


@pytest.mark.parametrize(
    "step",
    [
        {"do": "status", "status": 401, "error": {"message": CANARY}},
        {"do": "status", "status": 413, "error": {"message": CANARY}},
        {"do": "status", "status": 429, "retry_after": "60", "error": {"message": CANARY}},
        {"do": "say", "content": CANARY},
        {"do": "say", "content": answer(CANARY, decision=CANARY)},
        {"do": "say", "refusal": CANARY},
        {"do": "status", "status": 200, "body": CANARY},
    ],
)
async def test_no_content_in_errors_or_logs(
    stub: ModelStub, model: Model, caplog: pytest.LogCaptureFixture, step: Any
) -> None:
    stub.script(step, times=2)
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception, match=r"^model_[a-z_]+$") as caught:
        await model.complete(CHAT)
    told = "".join(traceback.format_exception(caught.value, chain=True)) + caplog.text
    assert CANARY not in told
    error: BaseException | None = caught.value
    while error is not None:  # a log formatter may walk the chain itself
        assert CANARY not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__
    assert not [record for record in caplog.records if record.name.startswith(("openai", "httpx2", "httpcore2"))]


@pytest.mark.alone
async def test_600_calls_are_in_flight_at_once(stub: ModelStub) -> None:
    stub.rules(delay=5)
    model = Model(settings(stub, timeout=30, deadline=60))
    before = psutil.Process().memory_info().rss
    start = time.monotonic()
    completions = await asyncio.gather(*(model.complete(CHAT) for _ in range(600)))
    seconds = time.monotonic() - start
    assert len(completions) == 600
    assert stub.stats()["max_in_flight"] == 600
    assert seconds < 45  # one after the other they would take 50 minutes
    assert psutil.Process().memory_info().rss - before < 100e6
    await model.close()
