"""Trying an assistant out: the draft is streamed while it is written and says what it rests on; only costs are kept."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from tests.mails import KNOWLEDGE
from tests.servers.canaries import Canaries
from tests.servers.config_api import SERVICE_TOKEN, ConfigApiServer, Resource
from tests.servers.drafter import running_drafter
from tests.servers.kafka import KafkaServer
from tests.servers.model_stub import ModelStub, answer, error
from tests.servers.observed import Run, an_observed_run
from tests.servers.owner import Owner, wait_for
from tests.servers.postgres import Postgres
from tests.servers.stack import Stack, an_organisation

QUESTION = "Guten Tag,\n\nab wann gibt es bei Ihnen Frühstück?\n\nViele Grüße\nJörg Ünal"
Events = list[tuple[str, Any]]


@pytest.fixture(scope="module")
def stub() -> Iterator[ModelStub]:
    with ModelStub() as stub:
        yield stub


@pytest.fixture
def model(stub: ModelStub) -> ModelStub:
    stub.reset()
    stub.rules(pace=0.0, reject=[], delay=0.0)
    return stub


@pytest.fixture
async def assistant(api: ConfigApiServer) -> Resource:
    return await an_assistant(api)


async def an_assistant(api: ConfigApiServer, **values: Any) -> Resource:
    assistant = await api.an_assistant(**values)
    await api.add(f"{assistant.path}/knowledge/bulk", entries=KNOWLEDGE)
    return assistant


async def tried(assistant: Resource, **body: Any) -> Events:
    response = await assistant.api.http.post(f"{assistant.path}/try", json=body or {"text": QUESTION}, timeout=30)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    return events_of(response.text)


def events_of(stream: str) -> Events:
    found: Events = []
    for block in stream.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def the(kind: str, events: Events) -> Any:
    (found,) = [data for event, data in events if event == kind]
    return found


def shown(events: Events) -> str:
    """What stands on the screen while it is written."""
    text = ""
    for event, data in events:
        text = "" if event == "restart" else text + data["text"] if event == "text" else text
    return text


class TestFromTheKnowledgeAlone:
    @pytest.fixture(autouse=True)
    async def drafter(self, api: ConfigApiServer) -> AsyncGenerator[str]:
        async with running_drafter(api) as url:
            yield url

    async def test_the_draft_and_what_it_rests_on(self, assistant: Resource) -> None:
        events = await tried(assistant, text=QUESTION, subject="Frühstück", sender="joerg@gast.example")
        draft, result = the("draft", events), the("result", events)
        assert "Frühstück" in draft["body"]
        assert (draft["language"], draft["open_questions"]) == ("de", [])
        (entry,) = the("entries", events)["items"]
        assert entry["used"]
        assert 0.15 < entry["score"] <= 1
        assert any("Frühstück" in passage for passage in entry["passages"])
        assert (result["outcome"], result["needs_human"]) == ("drafted", False)
        assert (result["model"], result["tokens_in"], result["model_failure"]) == ("", 0, "")
        assert [event for event, _ in events] == ["progress", "draft", "entries", "result"]

    async def test_what_is_not_known_stays_open(self, assistant: Resource) -> None:
        events = await tried(assistant, text="Guten Tag,\n\nvermieten Sie Elefanten?\n\nGruß")
        assert the("draft", events)["open_questions"] == ["Vermieten Sie Elefanten?"]
        assert the("result", events)["needs_human"]
        assert the("entries", events)["items"] == []

    async def test_the_source_of_a_mail(self, assistant: Resource) -> None:
        message = EmailMessage()
        message["Subject"], message["From"] = "Re: Anreise", "Jörg Ünal <joerg@gast.example>"
        message.set_content(f"{QUESTION}\n\nAm 3. März 2026 um 10:12 schrieb Hotel:\n> Vermieten Sie Elefanten?\n")
        events = await tried(assistant, source=message.as_string())
        assert the("draft", events)["body"].startswith("Guten Tag Jörg Ünal,")
        assert the("draft", events)["open_questions"] == []

    @pytest.mark.parametrize(
        ("languages", "language"), [(["de"], "de"), (["en"], "en"), (["de", "en"], "en"), (["en", "de"], "en")]
    )
    async def test_only_in_the_assistants_languages(
        self, api: ConfigApiServer, languages: list[str], language: str
    ) -> None:
        assistant = await an_assistant(api, languages=languages)
        events = await tried(assistant, text="Hello,\n\nwhen do you serve breakfast? Could you let me know?\n\nRegards")
        assert the("draft", events)["language"] == language
        assert the("result", events)["needs_human"]
        events = await tried(assistant)
        assert the("draft", events)["language"] == ("de" if "de" in languages else "en")

    async def test_before_it_is_switched_on_and_with_the_newest_knowledge(
        self, api: ConfigApiServer, assistant: Resource
    ) -> None:
        await api.change(assistant.path, active=False)
        await assistant.entry("Vermieten Sie Elefanten?", "Nein, nur Fahrräder.")
        events = await tried(assistant, text="Guten Tag,\n\nvermieten Sie Elefanten?\n\nGruß")
        assert "nur Fahrräder" in the("draft", events)["body"]

    async def test_not_while_the_organisation_rests(self, api: ConfigApiServer, assistant: Resource) -> None:
        await api.change(assistant.organisation, active=False)
        response = await api.http.post(f"{assistant.path}/try", json={"text": QUESTION})
        assert (response.status_code, response.json()["reason"]) == (409, "organisation_off")

    async def test_nobody_elses_assistant(self, api: ConfigApiServer, assistant: Resource) -> None:
        other = await api.an_assistant("Nachbar")
        path = f"{other.organisation}/assistants/{assistant.id}/try"
        response = await api.http.post(path, json={"text": QUESTION})
        assert (response.status_code, response.json()["reason"]) == (404, "assistant_unknown")

    @pytest.mark.parametrize(
        "body", [{}, {"text": ""}, {"text": "x" * 20_001}, {"source": ""}, {"text": "x", "sender": "nein"}, {"text": 1}]
    )
    async def test_bad_input(self, api: ConfigApiServer, assistant: Resource, body: Any) -> None:
        assert (await api.http.post(f"{assistant.path}/try", json=body)).status_code == 422

    @pytest.mark.parametrize("source", ["x", "\n", "Subject: 😀\n\n\0", "From: <>\nContent-Type: multipart/mixed\n\n-"])
    async def test_whatever_is_pasted_as_a_source(self, assistant: Resource, source: str) -> None:
        assert the("result", await tried(assistant, source=source))["outcome"] == "drafted"

    async def test_the_drafter_answers_its_own_services_only(self, drafter: str, assistant: Resource) -> None:
        body = {"assistant_id": assistant.id, "mail": {}}
        async with httpx2.AsyncClient(base_url=drafter) as http:
            for headers in ({}, {"Authorization": "Bearer falsch"}, {"Authorization": "falsch"}):
                response = await http.post("/internal/v1/drafts/try", json=body, headers=headers)
                assert response.status_code == 401
            http.headers["Authorization"] = f"Bearer {SERVICE_TOKEN}"
            for wrong in (b"{}", b"\xff"):
                assert (await http.post("/internal/v1/drafts/try", content=wrong)).status_code == 422
            unknown = body | {"assistant_id": assistant.organisation_id}
            assert (await http.post("/internal/v1/drafts/try", json=unknown)).status_code == 404


class TestWithAModel:
    @pytest.fixture(autouse=True)
    async def drafter(self, api: ConfigApiServer, model: ModelStub) -> AsyncGenerator[str]:
        async with running_drafter(api, model) as url:
            yield url

    async def test_is_streamed_as_it_is_written(self, assistant: Resource, model: ModelStub) -> None:
        model.rules(pace=0.05)
        model.script({"do": "say", "content": answer("Guten Tag,\n\n„Frühstück“ gibt es täglich \\ für alle.\n\nGruß")})
        arrived: list[float] = []
        async with assistant.api.http.stream("POST", f"{assistant.path}/try", json={"text": QUESTION}) as response:
            stream = ""
            async for piece in response.aiter_text():
                arrived += [time.monotonic()] * ("event: text" in piece)
                stream += piece
        events = events_of(stream)
        assert shown(events) == the("draft", events)["body"]
        assert [event for event, _ in events if event != "text"] == [
            *("progress", "progress", "draft", "entries", "result")
        ]
        assert len([event for event, _ in events if event == "text"]) > 4
        assert arrived[-1] - arrived[0] > 0.05
        result = the("result", events)
        assert (result["model"], result["tokens_in"], result["tokens_out"]) == ("stub", 100, 50)
        assert result["duration_ms"] >= 20
        assert [entry["used"] for entry in the("entries", events)["items"]] == [True]

    async def test_what_is_shown_is_checked_in_the_end(self, assistant: Resource, model: ModelStub) -> None:
        model.script({"do": "say", "content": answer("Guten Tag,\n\nzahlen Sie an DE02120300000000202051.")})
        events = await tried(assistant)
        assert "DE02120300000000202051" in shown(events)
        assert "[bitte ergänzen: Bankverbindung]" in the("draft", events)["body"]
        result = the("result", events)
        assert (result["needs_human"], result["removed"]) == (True, ["account"])

    async def test_begins_anew_when_the_model_is_asked_again(self, assistant: Resource, model: ModelStub) -> None:
        model.script({"do": "say", "content": answer("Das bricht a", confidence="x")[:60]})
        events = await tried(assistant)
        assert "restart" in [event for event, _ in events]
        assert shown(events) == the("draft", events)["body"]
        assert the("result", events)["tokens_in"] == 200

    async def test_a_mail_that_wants_no_answer(self, assistant: Resource, model: ModelStub) -> None:
        model.script({"do": "say", "content": answer("", decision="skip")})
        events = await tried(assistant)
        assert (the("result", events)["outcome"], the("result", events)["reason"]) == ("skipped", "no_answer_expected")
        assert "draft" not in [event for event, _ in events]

    @pytest.mark.parametrize("field", ["stream_options", "json_schema", "max_tokens"])
    async def test_a_server_that_knows_less(self, assistant: Resource, model: ModelStub, field: str) -> None:
        model.rules(reject=[field])
        events = await tried(assistant)
        assert the("result", events)["model"] == "stub"
        assert shown(events)

    async def test_a_server_that_does_not_stream(self, assistant: Resource, model: ModelStub) -> None:
        body = {"choices": [{"message": {"content": answer("Guten Tag,\n\nja.")}, "finish_reason": "stop"}]}
        model.script({"do": "status", "status": 200, "body": json.dumps(body)})
        events = await tried(assistant)
        assert the("draft", events)["body"] == "Guten Tag,\n\nja."

    async def test_a_model_that_fails(self, api: ConfigApiServer, assistant: Resource, model: ModelStub) -> None:
        model.script({"do": "status", "status": 401, "body": error("nein")}, times=2)
        result = the("result", await tried(assistant))
        assert (result["model"], result["model_failure"]) == ("", "model_credentials_refused")
        await api.change(assistant.path, extractive_fallback=False)
        events = await tried(assistant)
        assert the("failed", events) == {"reason": "model_credentials_refused"}
        assert "draft" not in [event for event, _ in events]

    async def test_an_answer_in_a_language_that_was_not_wanted(self, api: ConfigApiServer, model: ModelStub) -> None:
        assistant = await an_assistant(api, languages=["de"])
        model.script({"do": "say", "content": answer("Hello, yes.", language="en")})
        assert the("result", await tried(assistant))["needs_human"]
        assert "Antworte immer auf Deutsch" in model.last()["messages"][0]["content"]

    async def test_who_goes_away_ends_it(self, assistant: Resource, model: ModelStub) -> None:
        model.rules(pace=0.5)
        async with assistant.api.http.stream("POST", f"{assistant.path}/try", json={"text": QUESTION}) as response:
            await anext(response.aiter_bytes())
        await asyncio.to_thread(wait_for, lambda: model.stats()["in_flight"] == 0, 5)
        model.rules(pace=0.0)
        for _ in range(4):
            await tried(assistant)

    async def test_a_few_at_once_and_no_more(self, assistant: Resource, model: ModelStub) -> None:
        model.rules(delay=3.0)
        running = [asyncio.create_task(tried(assistant)) for _ in range(3)]
        await asyncio.to_thread(wait_for, lambda: model.stats()["in_flight"] == 3, 20)
        response = await assistant.api.http.post(f"{assistant.path}/try", json={"text": QUESTION})
        assert (response.status_code, response.json()["reason"]) == (429, "too_many_at_once")
        await asyncio.gather(*running)


async def test_without_a_drafter(api: ConfigApiServer, assistant: Resource) -> None:
    for _ in range(5):
        response = await api.http.post(f"{assistant.path}/try", json={"text": QUESTION})
        assert (response.status_code, response.json()["reason"]) == (503, "drafter_unavailable")


async def test_nothing_is_recorded_but_what_it_cost(
    api: ConfigApiServer, assistant: Resource, model: ModelStub
) -> None:
    """Every row of every other table is the same before and after."""
    async with running_drafter(api, model):
        await tried(assistant)
        before = await rows(api)
        for _ in range(2):
            await tried(assistant)
        after = await rows(api)
    assert {table for table in after if before[table] != after[table]} == {"config.usage_day"}
    assert len(before) > 15


class TestWhatItCosts:
    @pytest.fixture
    def api_settings(self) -> dict[str, Any]:
        return {"model_prices": {"stub": {"tokens_in": "1000", "tokens_out": "2000"}}}

    @pytest.fixture(autouse=True)
    async def drafter(self, api: ConfigApiServer, model: ModelStub) -> AsyncGenerator[str]:
        async with running_drafter(api, model) as url:
            yield url

    async def test_counts_as_usage_and_not_as_messages(self, api: ConfigApiServer, assistant: Resource) -> None:
        statements = f"{assistant.organisation}/usage/statements"
        (before,) = (await api.http.get(statements)).json()["items"]
        results = [the("result", await tried(assistant)) for _ in range(2)]
        used = await used_by(assistant)
        assert (used["tried"], used["drafted"], used["skipped"], used["failed"]) == (2, 0, 0, 0)
        assert (used["tokens_in"], used["tokens_out"], float(used["cost"])) == (200, 100, 0.4)
        assert used["duration_ms"] == sum(result["duration_ms"] for result in results) > 0
        (month,) = (await api.http.get(statements)).json()["items"]
        assert month == before, "which has nothing of it"
        whole = (await api.http.get(f"{statements}/{month['month']}")).json()["usage"]
        assert (whole["tried"], whole["tokens_in"], float(whole["cost"])) == (2, 200, 0.4)
        file = (await api.http.get(f"{statements}/{month['month']}", params={"format": "csv"})).text
        assert "Ausprobiert;;;2" in file

    async def test_counts_towards_the_months_budget(self, api: ConfigApiServer, assistant: Resource) -> None:
        await api.change(assistant.path, monthly_token_budget=300, daily_limit=1)
        assert [the("result", await tried(assistant))["tokens_in"] for _ in range(2)] == [100, 100]
        assert (await api.http.get(assistant.path)).json()["paused_reason"] == "token_budget"
        response = await api.http.post(f"{assistant.path}/try", json={"text": QUESTION})
        assert (response.status_code, response.json()["reason"]) == (409, "token_budget")

    async def test_who_goes_away_has_had_it_all_the_same(self, assistant: Resource, model: ModelStub) -> None:
        model.rules(pace=0.2)
        async with assistant.api.http.stream("POST", f"{assistant.path}/try", json={"text": QUESTION}) as response:
            seen = ""
            async for piece in response.aiter_text():
                seen += piece
                if "vielen Dank" in shown(events_of(seen.rpartition("\n\n")[0])):
                    break
        for _ in range(400):
            if (used := await used_by(assistant))["tried"]:
                break
            await asyncio.sleep(0.05)
        assert used["tried"] == 1
        assert used["tokens_in"] > 500, "the whole prompt"
        assert 5 <= used["tokens_out"] < 50
        assert used["duration_ms"] >= 200

    async def test_a_model_that_refuses_costs_nothing(self, api: ConfigApiServer, model: ModelStub) -> None:
        assistant = await an_assistant(api, extractive_fallback=False)
        model.script({"do": "status", "status": 401, "body": error("nein")})
        the("failed", await tried(assistant))
        used = await used_by(assistant)
        assert (used["tried"], used["tokens_in"]) == (1, 0)


async def used_by(assistant: Resource) -> Any:
    response = await assistant.api.http.get(f"{assistant.organisation}/usage")
    assert response.status_code == 200, response.text
    return response.json()["total"]


async def rows(api: ConfigApiServer) -> dict[str, list[str]]:
    async with api.service.database.outside_transactions() as connection:
        tables = await connection.execute(
            text("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'")
        )
        found: dict[str, list[str]] = {}
        for (table,) in tables.all():
            content = await connection.execute(text(f"SELECT t::text FROM {table} t ORDER BY 1"))
            found[table] = [row for (row,) in content.all()]
        return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with an_observed_run(tmp_path, kafka=False) as run:
        yield run


async def test_no_word_of_it_is_found_anywhere(run: Run, model: ModelStub) -> None:
    """In one's own house, as talkative as it can be, with the database's statements logged, and with all that fails."""
    canaries = run.canaries
    model.rules(key=canaries.words["model key"])
    await asyncio.to_thread(run.start, model, sealing=True)
    async with run.owner() as owner, run.owner(extractive_fallback=False) as strict:
        await play(canaries, model, owner, strict)
    await asyncio.to_thread(run.stop)
    model.rules(key="")
    assert '"model_failed"' in run.log()
    assert await asyncio.to_thread(run.found) == {}


async def play(canaries: Canaries, model: ModelStub, owner: Owner, strict: Owner) -> None:
    word = canaries.words["model answer"]

    async def tries(who: Owner, source: bytes) -> str:
        path = f"{who.path}/assistants/{who.assistant}/try"
        response = await who.api.post(path, json={"source": source.decode("utf-8", "replace")}, timeout=60)
        assert response.status_code == 200, response.text
        return response.text

    model.script({"do": "say", "content": answer(f"Guten Tag,\n\n{word}", open_questions=[word])})
    assert word in await tries(owner, canaries.plain_mail(1))
    model.script({"do": "obey"})
    assert canaries.found_in((await tries(owner, canaries.plain_mail(2))).encode())
    model.script({"do": "say", "content": f"Kein JSON, aber {word}"}, times=2)
    assert "model_answer_unusable" in await tries(owner, canaries.html_mail(3))
    model.script({"do": "status", "status": 400, "body": error(canaries.words["model error"])}, times=6)
    assert "failed" in await tries(strict, canaries.html_mail(4))
    model.reset()
    body = {"text": canaries.words["text"], "subject": canaries.words["subject"], "sender": "keine Adresse"}
    response = await owner.api.post(f"{owner.path}/assistants/{owner.assistant}/try", json=body)
    assert response.status_code == 422


async def test_as_processes_of_their_own(postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path) -> None:
    stack = Stack(postgres, database, kafka.bootstrap, tmp_path, {})
    try:
        await stack.start("config-api")
        await stack.start("drafter")
        path, assistant = await an_organisation(stack.api, KNOWLEDGE)
        response = await stack.api.post(f"{path}/assistants/{assistant}/try", json={"text": QUESTION})
        assert response.status_code == 200, response.text
        assert "Frühstück" in the("draft", events_of(response.text))["body"]
    finally:
        await stack.stop()
