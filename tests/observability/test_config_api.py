"""What config-api says of itself: keys, costs, backups, requests."""

import math
import os
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config_api import backups
from config_api.activity.recorder import ActivityRecorder
from config_api.security.gate import Gate
from config_api.settings import ModelPrice
from shared.audit import Attempt, Success
from shared.audit_client import Admissions
from shared.errors import TransientError
from shared.events import Usage
from shared.limits import ACTIONS, Kind, Limit, Rules
from tests.observability.figures import figure
from tests.servers.config_api import ConfigApiServer, running_config_api
from tests.servers.postgres import Postgres
from tests.settled import settled

DUE = "kinamik_content_key_destruction_due_timestamp_seconds"
HOUR = timedelta(hours=1)
PRICES = {"priced": ModelPrice(tokens_in=Decimal(2), tokens_out=Decimal(10))}


@pytest.fixture
def stamp(tmp_path: Path) -> Path:
    return tmp_path / "last-backup"


@pytest.fixture
def api_settings(stamp: Path) -> dict[str, Any]:
    return {"backup_stamp": stamp, "content_retention": 3600.0}


@pytest.fixture
async def api(postgres: Postgres, database: str, api_settings: dict[str, Any]) -> AsyncGenerator[ConfigApiServer]:
    async with running_config_api(postgres, database, **api_settings) as server:
        yield server


async def test_a_content_key_that_should_be_gone_is_overdue_until_it_is_destroyed(api: ConfigApiServer) -> None:
    keys, now = api.service.content_keys, datetime.now(UTC)
    await keys.issue(now - 3 * HOUR)
    await keys.destroy(now - 3 * HOUR)
    assert figure(DUE) < now.timestamp()
    await keys.destroy(now)
    assert now.timestamp() < figure(DUE) <= (now + 2 * HOUR).timestamp()


async def test_keys_are_issued_a_day_ahead(api: ConfigApiServer) -> None:
    await api.service.content_keys.destroy(datetime.now(UTC))
    ahead = figure("kinamik_content_keys_end_timestamp_seconds") - datetime.now(UTC).timestamp()
    assert 24 * 3600 < ahead <= 25 * 3600
    assert figure(DUE) != math.inf


def test_a_backup_is_as_old_as_its_mark(stamp: Path) -> None:
    backups.watch(stamp)
    assert figure("kinamik_backup_timestamp_seconds") == 0
    stamp.touch()
    os.utime(stamp, (1_800_000_000, 1_800_000_000))
    assert figure("kinamik_backup_timestamp_seconds") == 1_800_000_000


async def test_a_request_counts_by_how_it_ended(api: ConfigApiServer) -> None:
    def count(status: str) -> float:
        return figure("kinamik_http_request_seconds_count", status=status)

    before = count("2xx"), count("4xx")
    await api.http.get("/organisations")
    await api.http.get("/organisations/nothing/of/the/kind")
    assert (count("2xx"), count("4xx")) == (before[0] + 1, before[1] + 1)


async def test_a_settled_message_costs_once_what_its_model_does(api: ConfigApiServer) -> None:
    anna = await api.an_assistant()
    mailbox = (await anna.mailbox())["id"]
    recorder = ActivityRecorder(api.service.database, api.service.master_keys, prices=PRICES)
    assert figure("kinamik_model_cost_euros_total", model="priced") == 0
    unpriced = figure("kinamik_unpriced_tokens_total")
    event = settled(anna, mailbox, usage=Usage(model="priced", tokens_in=100_000, tokens_out=10_000))
    for _ in range(2):
        await recorder.on_message_settled(event)
    await recorder.on_message_settled(settled(anna, mailbox, usage=Usage(model="other", tokens_in=7, tokens_out=2)))
    assert figure("kinamik_model_cost_euros_total", model="priced") == pytest.approx(0.3)
    assert figure("kinamik_unpriced_tokens_total") == unpriced + 9


class Away(Admissions):
    async def admit(self, attempt: Attempt) -> Any:
        raise TransientError("audit_unavailable")

    async def succeeded(self, success: Success) -> None:
        raise TransientError("audit_unavailable")


async def test_log_ins_count_as_admitted_and_as_right() -> None:
    limit = Limit(5, HOUR)
    gate = Gate(Away(), Rules(guessing={Kind.NAME: limit}, others={}))
    by_process = {"action": "login", "counted_by": "process", "result": "admitted"}
    before = figure("kinamik_attempts_total", **by_process), figure("kinamik_attempts_succeeded_total", action="login")
    for _ in range(2):
        await gate.admit(Attempt(action="login", user_name="anna", address="192.0.2.1"))
    await gate.succeeded(Success(action="login", user_name="anna", address="192.0.2.1", others=(), counted=True))
    assert figure("kinamik_attempts_total", **by_process) == before[0] + 2
    assert figure("kinamik_attempts_succeeded_total", action="login") == before[1] + 1


def test_every_action_that_is_counted_begins_at_zero(api_settings: dict[str, Any]) -> None:
    for action in ACTIONS:
        figure("kinamik_attempts_total", action=action, counted_by="audit", result="refused")
