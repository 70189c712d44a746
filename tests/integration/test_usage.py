"""Usage is counted once, costs what the settings say, and bounds what an assistant may do."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from config_api.retention import Retention
from drafter.handlers import Handlers as Drafter
from shared.events import MessageReceived, MessageSettled, Outcome, Usage
from shared.mail import Mail
from tests.servers.config_api import ConfigApiServer, Resource, settings_for
from tests.servers.person import a_person, notices
from tests.servers.postgres import Postgres
from tests.settled import record, settled

BERLIN = ZoneInfo("Europe/Berlin")
PRICES = {"gross": {"tokens_in": "2.50", "tokens_out": "10"}, "klein": {"tokens_in": "0.15", "tokens_out": "0.6"}}


@pytest.fixture
def api_settings() -> dict[str, Any]:
    return {"model_prices": PRICES}


async def usage(assistant: Resource, **query: str) -> Any:
    response = await assistant.api.http.get(f"{assistant.organisation}/usage", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def test_each_message_counts_once_however_often_it_is_told(api: ConfigApiServer, assistant: Resource) -> None:
    tokens = Usage(model="gross", tokens_in=1000, tokens_out=100, duration_ms=700)
    events = [settled(assistant, uuid4(), usage=tokens) for _ in range(20)]
    events += [settled(assistant, uuid4(), outcome=Outcome.SKIPPED, reason="newsletter") for _ in range(5)]
    again = [events[0].model_copy(update={"event_id": uuid4()}) for _ in range(3)]
    await record(api, *events, *again, *events)
    retried = events[0].model_copy(update={"generation": 1, "outcome": Outcome.FAILED, "reason": "gave_up"})
    await record(api, retried)
    total = (await usage(assistant))["total"]
    assert (total["drafted"], total["skipped"], total["failed"]) == (20, 5, 1)
    assert (total["tokens_in"], total["tokens_out"], total["duration_ms"]) == (21_000, 2100, 14_700)


async def test_usage_by_day_assistant_and_model(api: ConfigApiServer, assistant: Resource) -> None:
    berta = Resource(
        api, assistant.organisation, (await api.add(f"{assistant.organisation}/assistants", name="Berta"))["id"]
    )
    large, small = (Usage(model=name, tokens_in=1_000_000, tokens_out=500_000) for name in ("gross", "klein"))
    unknown = Usage(model="sonst", tokens_in=70, tokens_out=30)
    first, second = datetime(2026, 3, 3, 12, tzinfo=UTC), datetime(2026, 3, 4, 12, tzinfo=UTC)
    await record(
        api,
        settled(assistant, uuid4(), occurred_at=first, usage=large),
        settled(assistant, uuid4(), occurred_at=second, usage=small),
        settled(berta, uuid4(), occurred_at=second, usage=small),
        settled(berta, uuid4(), occurred_at=second, usage=unknown),
        settled(berta, uuid4(), occurred_at=second, outcome=Outcome.FAILED, reason="gave_up"),
    )
    march = {"from": "2026-03-01", "to": "2026-03-31"}
    by_model = await usage(assistant, **march, group_by="model")
    assert [(row["model"], Decimal(row["cost"]), row["unpriced_tokens"]) for row in by_model["rows"]] == [
        ("", Decimal(0), 0),
        ("gross", Decimal("7.5"), 0),
        ("klein", Decimal("0.9"), 0),
        ("sonst", Decimal(0), 100),
    ]
    by_day = await usage(assistant, **march)
    assert [(row["day"], row["drafted"], Decimal(row["cost"])) for row in by_day["rows"]] == [
        ("2026-03-03", 1, Decimal("7.5")),
        ("2026-03-04", 3, Decimal("0.9")),
    ]
    by_assistant = {row["assistant_id"]: row for row in (await usage(assistant, **march, group_by="assistant"))["rows"]}
    assert (by_assistant[assistant.id]["drafted"], by_assistant[berta.id]["drafted"]) == (2, 2)
    assert by_assistant[berta.id]["failed"] == 1
    for report in (by_model, by_day):
        assert (Decimal(report["total"]["cost"]), report["total"]["drafted"]) == (Decimal("8.4"), 4)
    assert (await usage(assistant, **{"from": "2026-03-04", "to": "2026-03-04"}))["total"]["drafted"] == 3
    other = await api.an_assistant("Pension Bergblick")
    assert (await usage(other, **march))["rows"] == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"from": "2026-03-04", "to": "2026-03-03"}, "range_not_valid"),
        ({"from": "2025-01-01", "to": "2026-01-02"}, "range_too_long"),
        ({"from": "gestern"}, "not_valid"),
        ({"group_by": "hour"}, "not_valid"),
    ],
    ids=str,
)
async def test_ranges_are_bounded(assistant: Resource, query: dict[str, str], reason: str) -> None:
    response = await assistant.api.http.get(f"{assistant.organisation}/usage", params=query)
    assert (response.status_code, response.json()["reason"]) == (422, reason)


async def test_a_day_is_the_mailboxs(api: ConfigApiServer, assistant: Resource) -> None:
    tokyo = await assistant.mailbox("tokyo", time_zone="Asia/Tokyo")
    late = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)
    await record(api, settled(assistant, tokyo["id"], occurred_at=late), settled(assistant, uuid4(), occurred_at=late))
    rows = (await usage(assistant, **{"from": "2026-03-01", "to": "2026-03-31"}))["rows"]
    assert [row["day"] for row in rows] == ["2026-03-03", "2026-03-04"]


class TestLimits:
    """An assistant that has reached its limit pauses, says so once, and goes on by itself."""

    async def paused(self, assistant: Resource) -> tuple[str, str | None]:
        seen = (await assistant.api.http.get(assistant.path)).json()
        return seen["paused_reason"], seen["paused_until"]

    async def test_the_daily_limit_pauses_until_midnight(self, api: ConfigApiServer, assistant: Resource) -> None:
        mailbox = await assistant.mailbox()
        await api.change(assistant.path, daily_limit=3)
        await record(api, *(settled(assistant, mailbox["id"]) for _ in range(2)))
        await record(
            api, *(settled(assistant, mailbox["id"], outcome=Outcome.SKIPPED, reason="bulk") for _ in range(5))
        )
        assert await self.paused(assistant) == ("", None)
        await record(api, settled(assistant, mailbox["id"]))
        reason, until = await self.paused(assistant)
        assert reason == "daily_limit"
        assert until is not None
        midnight = datetime.fromisoformat(until).astimezone(BERLIN)
        assert (midnight.date(), midnight.hour) == (datetime.now(BERLIN).date() + timedelta(days=1), 0)

    async def test_the_token_budget_pauses_until_the_month_ends(
        self, api: ConfigApiServer, assistant: Resource
    ) -> None:
        mailbox = await assistant.mailbox()
        await api.change(assistant.path, monthly_token_budget=1000, daily_limit=1)
        used = Usage(model="gross", tokens_in=600, tokens_out=400)
        await record(api, settled(assistant, mailbox["id"], outcome=Outcome.SKIPPED, reason="x", usage=used))
        reason, until = await self.paused(assistant)
        assert reason == "token_budget"
        assert until is not None
        first = datetime.fromisoformat(until).astimezone(BERLIN)
        this_month = datetime.now(BERLIN).date().replace(day=1)
        assert (first.day, first.hour, first.date().replace(day=1)) == (1, 0, first.date())
        assert timedelta(27) < first.date() - this_month < timedelta(32)
        await record(api, settled(assistant, mailbox["id"]))
        assert await self.paused(assistant) == (reason, until), "the longer pause stays"

    async def test_what_arrives_meanwhile_is_skipped_with_that_reason(
        self, api: ConfigApiServer, assistant: Resource
    ) -> None:
        mailbox = await assistant.mailbox()
        await api.change(assistant.path, daily_limit=1)
        async with api.client() as client:
            drafter = Drafter(client, None)
            await client.refresh()
            asked = a_mail(assistant, mailbox["id"])
            assert getattr(await drafter.draft(asked), "outcome", None) is None
            await record(api, settled(assistant, mailbox["id"]))
            assert await client.fresh(UUID(mailbox["id"])) is None, "the kill switch before each write"
            assert client.why_off(UUID(mailbox["id"])) == "daily_limit"
            assert len(client.active_mailboxes()) == 1, "still watched, so that each message gets its reason"
            answer = await drafter.draft(asked)
            assert isinstance(answer, MessageSettled)
            assert (answer.outcome, answer.reason) == (Outcome.SKIPPED, "daily_limit")
            known = client.assistant(UUID(assistant.id))
            assert known is not None
            assert known.paused_until is not None
            assert known.why_off(known.paused_until - timedelta(seconds=1)) == "daily_limit"
            assert known.why_off(known.paused_until) == "", "it goes on by itself"

    async def test_owners_are_told_once(self, api: ConfigApiServer) -> None:
        owner = await a_person(api)
        path = f"/organisations/{(await owner.http.post('/organisations', json={'name': 'Hotel'})).json()['id']}"
        assistant = Resource(api, path, (await api.add(f"{path}/assistants", name="Anna"))["id"])
        mailbox = await assistant.mailbox()
        await api.change(assistant.path, daily_limit=5)
        events = [settled(assistant, mailbox["id"]) for _ in range(30)]
        await record(api, *events)
        await record(api, *events)
        (notice,) = await notices(api, owner.email, "budget_reached")
        assert notice.values == {"organisation": "Hotel", "assistant": "Anna", "reason": "daily_limit"}
        assert notice.link.endswith(f"/assistants/{assistant.id}")

    async def test_a_pause_that_a_crash_prevented_comes_with_the_event_again(
        self, postgres: Postgres, api: ConfigApiServer, assistant: Resource
    ) -> None:
        mailbox = await assistant.mailbox()
        await api.change(assistant.path, daily_limit=1)
        event = settled(assistant, mailbox["id"])
        postgres.execute("REVOKE UPDATE ON config.assistant FROM kinamik_tenant", api.database)
        with pytest.raises(Exception, match="permission denied"):
            await record(api, event)
        postgres.execute("GRANT UPDATE ON config.assistant TO kinamik_tenant", api.database)
        assert await self.paused(assistant) == ("", None)
        await record(api, event)
        assert (await self.paused(assistant))[0] == "daily_limit"
        assert (await usage(assistant))["total"]["drafted"] == 1

    async def test_yesterdays_drafts_pause_nobody_today(self, api: ConfigApiServer, assistant: Resource) -> None:
        mailbox = await assistant.mailbox()
        await api.change(assistant.path, daily_limit=1)
        revision = (await api.internal("/config"))["revision"]
        yesterday = datetime.now(UTC) - timedelta(days=1)
        await record(api, *(settled(assistant, mailbox["id"], occurred_at=yesterday) for _ in range(3)))
        assert await self.paused(assistant) == ("", None)
        assert (await api.internal("/config"))["revision"] == revision

    async def test_another_limit_counts_at_once(self, api: ConfigApiServer, assistant: Resource) -> None:
        mailbox = await assistant.mailbox()
        await record(api, *(settled(assistant, mailbox["id"]) for _ in range(3)))
        assert (await api.change(assistant.path, daily_limit=3))["paused_reason"] == "daily_limit"
        assert (await api.change(assistant.path, daily_limit=4))["paused_reason"] == ""
        assert (await api.change(assistant.path, daily_limit=2))["paused_reason"] == "daily_limit"
        assert (await api.change(assistant.path, name="Anne"))["paused_reason"] == "daily_limit"
        assert (await api.change(assistant.path, daily_limit=None))["paused_reason"] == ""


def a_mail(assistant: Resource, mailbox_id: str) -> MessageReceived:
    return MessageReceived.model_validate(
        {
            "organisation_id": assistant.organisation_id,
            "mailbox_id": mailbox_id,
            "assistant_id": assistant.id,
            "message_id": uuid4(),
            "received_at": datetime.now(UTC),
            "mail": Mail(subject="Zimmer", text="Haben Sie ein Zimmer frei?"),
        }
    )


async def test_old_messages_go_and_their_counts_stay(api: ConfigApiServer, assistant: Resource) -> None:
    old, young = (datetime.now(BERLIN) - timedelta(days=days) for days in (400, 390))
    await record(api, settled(assistant, uuid4(), occurred_at=old), settled(assistant, uuid4(), occurred_at=young))
    await assistant.entry("Gibt es Parkplätze?")
    retention = Retention(api.service.database, settings_for("postgresql://"))
    await retention.turn()
    left = (await api.http.get(f"{assistant.organisation}/activity")).json()["items"]
    assert [datetime.fromisoformat(row["settled_at"]) for row in left] == [young]
    counted = await usage(assistant, **{"from": f"{old:%Y-%m-%d}", "to": f"{young:%Y-%m-%d}"})
    assert counted["total"]["drafted"] == 2
    assert await change_sets(api) == 1
    later = datetime.now(UTC) + timedelta(days=91)
    await Retention(api.service.database, settings_for("postgresql://"), clock=lambda: later).turn()
    assert await change_sets(api) == 0


async def change_sets(api: ConfigApiServer) -> int:
    async with api.service.database.service() as session:
        query = text("SELECT count(*) FROM config.knowledge_change_set")
        return (await (await session.connection()).execute(query)).scalar_one()
