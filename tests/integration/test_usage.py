"""Usage is counted once, costs what the settings say, and bounds what an assistant may do."""

import asyncio
import csv
import io
import zlib
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from config_api.activity.recorder import ActivityRecorder
from config_api.models import Assistant, Organisation
from config_api.plans.models import PlanChange
from config_api.retention import Retention
from config_api.usage.files import as_csv, as_pdf
from config_api.usage.schemas import Statement, StatementLine, Sums
from config_api.usage.statements import Account, statement
from drafter.handlers import Handlers as Drafter
from shared.events import MessageReceived, MessageSettled, Outcome, Usage
from shared.mail import Mail
from tests.servers.config_api import ConfigApiServer, Resource, running_config_api, settings_for
from tests.servers.person import a_person, notices
from tests.servers.postgres import Postgres

BERLIN = ZoneInfo("Europe/Berlin")
PRICES = {"gross": {"tokens_in": "2.50", "tokens_out": "10"}, "klein": {"tokens_in": "0.15", "tokens_out": "0.6"}}


@pytest.fixture
async def api(postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
    async with running_config_api(postgres, database, model_prices=PRICES) as server:
        yield server


@pytest.fixture
async def anna(api: ConfigApiServer) -> Resource:
    return await api.an_assistant()


def settled(anna: Resource, mailbox: str | UUID, **values: Any) -> MessageSettled:
    usage = values.pop("usage", Usage())
    return MessageSettled.model_validate(
        {
            "organisation_id": anna.organisation_id,
            "assistant_id": anna.id,
            "mailbox_id": mailbox,
            "message_id": uuid4(),
            "outcome": Outcome.DRAFTED,
            "received_at": datetime.now(UTC),
            "usage": usage,
        }
        | values
    )


async def record(api: ConfigApiServer, *events: MessageSettled, at: datetime | None = None) -> None:
    clock = (lambda: at) if at else (lambda: datetime.now(UTC))
    recorder = ActivityRecorder(api.service.database, api.service.master_keys, clock)
    await asyncio.gather(*(recorder.on_message_settled(event) for event in events))


async def usage(anna: Resource, **query: str) -> Any:
    response = await anna.api.http.get(f"{anna.organisation}/usage", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def test_each_message_counts_once_however_often_it_is_told(api: ConfigApiServer, anna: Resource) -> None:
    tokens = Usage(model="gross", tokens_in=1000, tokens_out=100, duration_ms=700)
    events = [settled(anna, uuid4(), usage=tokens) for _ in range(20)]
    events += [settled(anna, uuid4(), outcome=Outcome.SKIPPED, reason="newsletter") for _ in range(5)]
    again = [events[0].model_copy(update={"event_id": uuid4()}) for _ in range(3)]
    await record(api, *events, *again, *events)
    retried = events[0].model_copy(update={"generation": 1, "outcome": Outcome.FAILED, "reason": "gave_up"})
    await record(api, retried)
    total = (await usage(anna))["total"]
    assert (total["drafted"], total["skipped"], total["failed"]) == (20, 5, 1)
    assert (total["tokens_in"], total["tokens_out"], total["duration_ms"]) == (21_000, 2100, 14_700)


async def test_usage_by_day_assistant_and_model(api: ConfigApiServer, anna: Resource) -> None:
    berta = Resource(api, anna.organisation, (await api.add(f"{anna.organisation}/assistants", name="Berta"))["id"])
    large, small = (Usage(model=name, tokens_in=1_000_000, tokens_out=500_000) for name in ("gross", "klein"))
    unknown = Usage(model="sonst", tokens_in=70, tokens_out=30)
    first, second = datetime(2026, 3, 3, 12, tzinfo=UTC), datetime(2026, 3, 4, 12, tzinfo=UTC)
    await record(
        api,
        settled(anna, uuid4(), occurred_at=first, usage=large),
        settled(anna, uuid4(), occurred_at=second, usage=small),
        settled(berta, uuid4(), occurred_at=second, usage=small),
        settled(berta, uuid4(), occurred_at=second, usage=unknown),
        settled(berta, uuid4(), occurred_at=second, outcome=Outcome.FAILED, reason="gave_up"),
    )
    march = {"from": "2026-03-01", "to": "2026-03-31"}
    by_model = await usage(anna, **march, group_by="model")
    assert [(row["model"], Decimal(row["cost"]), row["unpriced_tokens"]) for row in by_model["rows"]] == [
        ("", Decimal(0), 0),
        ("gross", Decimal("7.5"), 0),
        ("klein", Decimal("0.9"), 0),
        ("sonst", Decimal(0), 100),
    ]
    by_day = await usage(anna, **march)
    assert [(row["day"], row["drafted"], Decimal(row["cost"])) for row in by_day["rows"]] == [
        ("2026-03-03", 1, Decimal("7.5")),
        ("2026-03-04", 3, Decimal("0.9")),
    ]
    by_assistant = {row["assistant_id"]: row for row in (await usage(anna, **march, group_by="assistant"))["rows"]}
    assert (by_assistant[anna.id]["drafted"], by_assistant[berta.id]["drafted"]) == (2, 2)
    assert by_assistant[berta.id]["failed"] == 1
    for report in (by_model, by_day):
        assert (Decimal(report["total"]["cost"]), report["total"]["drafted"]) == (Decimal("8.4"), 4)
    assert (await usage(anna, **{"from": "2026-03-04", "to": "2026-03-04"}))["total"]["drafted"] == 3
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
async def test_ranges_are_bounded(anna: Resource, query: dict[str, str], reason: str) -> None:
    response = await anna.api.http.get(f"{anna.organisation}/usage", params=query)
    assert (response.status_code, response.json()["reason"]) == (422, reason)


async def test_a_day_is_the_mailboxs(api: ConfigApiServer, anna: Resource) -> None:
    tokyo = await anna.mailbox("tokyo", time_zone="Asia/Tokyo")
    late = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)
    await record(api, settled(anna, tokyo["id"], occurred_at=late), settled(anna, uuid4(), occurred_at=late))
    rows = (await usage(anna, **{"from": "2026-03-01", "to": "2026-03-31"}))["rows"]
    assert [row["day"] for row in rows] == ["2026-03-03", "2026-03-04"]


class TestLimits:
    """An assistant that has reached its limit pauses, says so once, and goes on by itself."""

    async def paused(self, anna: Resource) -> tuple[str, str | None]:
        assistant = (await anna.api.http.get(anna.path)).json()
        return assistant["paused_reason"], assistant["paused_until"]

    async def test_the_daily_limit_pauses_until_midnight(self, api: ConfigApiServer, anna: Resource) -> None:
        mailbox = await anna.mailbox()
        await api.change(anna.path, daily_limit=3)
        await record(api, *(settled(anna, mailbox["id"]) for _ in range(2)))
        await record(api, *(settled(anna, mailbox["id"], outcome=Outcome.SKIPPED, reason="bulk") for _ in range(5)))
        assert await self.paused(anna) == ("", None)
        await record(api, settled(anna, mailbox["id"]))
        reason, until = await self.paused(anna)
        assert reason == "daily_limit"
        assert until is not None
        midnight = datetime.fromisoformat(until).astimezone(BERLIN)
        assert (midnight.date(), midnight.hour) == (datetime.now(BERLIN).date() + timedelta(days=1), 0)

    async def test_the_token_budget_pauses_until_the_month_ends(self, api: ConfigApiServer, anna: Resource) -> None:
        mailbox = await anna.mailbox()
        await api.change(anna.path, monthly_token_budget=1000, daily_limit=1)
        used = Usage(model="gross", tokens_in=600, tokens_out=400)
        await record(api, settled(anna, mailbox["id"], outcome=Outcome.SKIPPED, reason="x", usage=used))
        reason, until = await self.paused(anna)
        assert reason == "token_budget"
        assert until is not None
        first = datetime.fromisoformat(until).astimezone(BERLIN)
        this_month = datetime.now(BERLIN).date().replace(day=1)
        assert (first.day, first.hour, first.date().replace(day=1)) == (1, 0, first.date())
        assert timedelta(27) < first.date() - this_month < timedelta(32)
        await record(api, settled(anna, mailbox["id"]))
        assert await self.paused(anna) == (reason, until), "the longer pause stays"

    async def test_what_arrives_meanwhile_is_skipped_with_that_reason(
        self, api: ConfigApiServer, anna: Resource
    ) -> None:
        mailbox = await anna.mailbox()
        await api.change(anna.path, daily_limit=1)
        async with api.client() as client:
            drafter = Drafter(client, None)
            await client.refresh()
            asked = a_mail(anna, mailbox["id"])
            assert getattr(await drafter.draft(asked), "outcome", None) is None
            await record(api, settled(anna, mailbox["id"]))
            assert await client.fresh(UUID(mailbox["id"])) is None, "the kill switch before each write"
            assert client.why_off(UUID(mailbox["id"])) == "daily_limit"
            assert len(client.active_mailboxes()) == 1, "still watched, so that each message gets its reason"
            answer = await drafter.draft(asked)
            assert isinstance(answer, MessageSettled)
            assert (answer.outcome, answer.reason) == (Outcome.SKIPPED, "daily_limit")
            assistant = client.assistant(UUID(anna.id))
            assert assistant is not None
            assert assistant.paused_until is not None
            assert assistant.why_off(assistant.paused_until - timedelta(seconds=1)) == "daily_limit"
            assert assistant.why_off(assistant.paused_until) == "", "it goes on by itself"

    async def test_owners_are_told_once(self, api: ConfigApiServer) -> None:
        owner = await a_person(api)
        path = f"/organisations/{(await owner.http.post('/organisations', json={'name': 'Hotel'})).json()['id']}"
        anna = Resource(api, path, (await api.add(f"{path}/assistants", name="Anna"))["id"])
        mailbox = await anna.mailbox()
        await api.change(anna.path, daily_limit=5)
        events = [settled(anna, mailbox["id"]) for _ in range(30)]
        await record(api, *events)
        await record(api, *events)
        (notice,) = await notices(api, owner.email, "budget_reached")
        assert notice.values == {"organisation": "Hotel", "assistant": "Anna", "reason": "daily_limit"}
        assert notice.link.endswith(f"/assistants/{anna.id}")

    async def test_a_pause_that_a_crash_prevented_comes_with_the_event_again(
        self, postgres: Postgres, api: ConfigApiServer, anna: Resource
    ) -> None:
        mailbox = await anna.mailbox()
        await api.change(anna.path, daily_limit=1)
        event = settled(anna, mailbox["id"])
        postgres.execute("REVOKE UPDATE ON config.assistant FROM kinamik_tenant", api.database)
        with pytest.raises(Exception, match="permission denied"):
            await record(api, event)
        postgres.execute("GRANT UPDATE ON config.assistant TO kinamik_tenant", api.database)
        assert await self.paused(anna) == ("", None)
        await record(api, event)
        assert (await self.paused(anna))[0] == "daily_limit"
        assert (await usage(anna))["total"]["drafted"] == 1

    async def test_yesterdays_drafts_pause_nobody_today(self, api: ConfigApiServer, anna: Resource) -> None:
        mailbox = await anna.mailbox()
        await api.change(anna.path, daily_limit=1)
        revision = (await api.internal("/config"))["revision"]
        yesterday = datetime.now(UTC) - timedelta(days=1)
        await record(api, *(settled(anna, mailbox["id"], occurred_at=yesterday) for _ in range(3)))
        assert await self.paused(anna) == ("", None)
        assert (await api.internal("/config"))["revision"] == revision

    async def test_another_limit_counts_at_once(self, api: ConfigApiServer, anna: Resource) -> None:
        mailbox = await anna.mailbox()
        await record(api, *(settled(anna, mailbox["id"]) for _ in range(3)))
        assert (await api.change(anna.path, daily_limit=3))["paused_reason"] == "daily_limit"
        assert (await api.change(anna.path, daily_limit=4))["paused_reason"] == ""
        assert (await api.change(anna.path, daily_limit=2))["paused_reason"] == "daily_limit"
        assert (await api.change(anna.path, name="Anne"))["paused_reason"] == "daily_limit"
        assert (await api.change(anna.path, daily_limit=None))["paused_reason"] == ""


def a_mail(anna: Resource, mailbox_id: str) -> MessageReceived:
    return MessageReceived.model_validate(
        {
            "organisation_id": anna.organisation_id,
            "mailbox_id": mailbox_id,
            "assistant_id": anna.id,
            "message_id": uuid4(),
            "received_at": datetime.now(UTC),
            "mail": Mail(subject="Zimmer", text="Haben Sie ein Zimmer frei?"),
        }
    )


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+01:00")


def an_account(*changes: tuple[str, str], today: str, assistants: list[tuple[str, str | None]]) -> Account:
    """`changes` are plans and when they began, `assistants` when each was made, and deleted."""
    organisation = Organisation(name="Hotel", created_at=at("2025-11-10"))
    return Account(
        organisation,
        [
            Assistant(
                organisation_id=organisation.id,
                name=f"Nr. {number}",
                created_at=at(made),
                deleted_at=at(deleted) if deleted else None,
            )
            for number, (made, deleted) in enumerate(assistants)
        ],
        [PlanChange(organisation_id=organisation.id, kind=kind, began_at=at(day), actor="x") for kind, day in changes],
        date.fromisoformat(today),
    )


class TestStatements:
    async def of(self, api: ConfigApiServer, anna: Resource, account: Account, month: str) -> Statement:
        async with api.service.database.tenant(UUID(anna.organisation_id)) as session:
            return await statement(session, account, date.fromisoformat(f"{month}-01"), api.service.settings)

    @pytest.mark.parametrize(
        ("changes", "assistants", "amounts"),
        [
            ([("standard", "2025-11-10")], [("2025-11-10", None)], [(31, "99.00")]),
            ([("trial", "2025-11-10")], [("2025-11-10", None)], []),
            ([("trial", "2025-11-10"), ("standard", "2026-01-17")], [("2025-11-10", None)], [(15, "47.90")]),
            ([("standard", "2025-11-10"), ("ended", "2026-01-10")], [("2025-11-10", None)], [(10, "31.94")]),
            ([("standard", "2025-11-10"), ("ended", "2025-12-31")], [("2025-11-10", None)], []),
            (
                [("standard", "2025-11-10"), ("ended", "2026-01-05"), ("standard", "2026-01-05")],
                [("2025-11-10", None)],
                [(31, "99.00")],
            ),
            (
                [("standard", "2025-11-10")],
                [
                    ("2025-11-10", "2025-12-31"),
                    ("2025-11-10", "2026-01-01"),
                    ("2026-01-31", None),
                    ("2026-02-01", None),
                ],
                [(1, "3.19"), (1, "3.19")],
            ),
            ([], [("2025-11-10", None)], []),
        ],
        ids=str,
    )
    async def test_by_day_and_assistant(
        self,
        api: ConfigApiServer,
        anna: Resource,
        changes: list[tuple[str, str]],
        assistants: list[tuple[str, str | None]],
        amounts: list[tuple[int, str]],
    ) -> None:
        account = an_account(*changes, today="2026-02-10", assistants=assistants)
        made = await self.of(api, anna, account, "2026-01")
        assert [(line.days, str(line.amount)) for line in made.lines] == amounts
        assert made.net == sum(Decimal(amount) for _, amount in amounts)
        assert made.gross == made.net + made.vat
        assert made.vat == (made.net * Decimal("0.19")).quantize(Decimal("0.01"))
        assert not made.preliminary

    async def test_a_month_that_has_not_ended_counts_up_to_today(self, api: ConfigApiServer, anna: Resource) -> None:
        account = an_account(("standard", "2025-11-10"), today="2026-02-14", assistants=[("2025-11-10", None)])
        made = await self.of(api, anna, account, "2026-02")
        assert (made.preliminary, made.lines[0].days, str(made.net)) == (True, 14, "49.50")
        assert (made.vat, made.gross) == (Decimal("9.41"), Decimal("58.91")), "9.405 is rounded up"

    async def test_over_the_api(self, api: ConfigApiServer, anna: Resource) -> None:
        await record(api, settled(anna, uuid4(), usage=Usage(model="gross", tokens_in=2_000_000)))
        month = f"{datetime.now(BERLIN):%Y-%m}"
        path = f"{anna.organisation}/usage/statements"
        (summary,) = (await api.http.get(path)).json()["items"]
        made = (await api.http.get(f"{path}/{month}")).json()
        assert (summary["month"], summary["drafted"], summary["preliminary"]) == (month, 1, True)
        assert (summary["net"], summary["gross"]) == (made["net"], made["gross"])
        assert [line["days"] for line in made["lines"]] == [1]
        assert (made["price_per_assistant"], Decimal(made["usage"]["cost"])) == ("99.00", Decimal(5))
        for form, kind in (("csv", "text/csv; charset=utf-8"), ("pdf", "application/pdf")):
            response = await api.http.get(f"{path}/{month}", params={"format": form})
            assert response.headers["content-type"] == kind
            assert response.headers["content-disposition"] == f'attachment; filename="kinamik-{month}.{form}"'

    @pytest.mark.parametrize(
        ("month", "status"),
        [("2020-01", 404), ("2999-01", 404), ("2026-13", 422), ("0000-01", 422), ("26-01", 422), ("2026-1", 422)],
    )
    async def test_months_there_are_none_of(
        self, api: ConfigApiServer, anna: Resource, month: str, status: int
    ) -> None:
        response = await api.http.get(f"{anna.organisation}/usage/statements/{month}")
        assert response.status_code == status

    async def test_nobody_sees_anothers(self, api: ConfigApiServer, anna: Resource) -> None:
        stranger = await a_person(api, "max")
        for path in ("", "/statements", f"/statements/{datetime.now(BERLIN):%Y-%m}"):
            response = await stranger.http.get(f"{anna.organisation}/usage{path}")
            assert (response.status_code, response.json()["reason"]) == (404, "organisation_unknown")


def a_statement(**values: Any) -> Statement:
    lines = [
        StatementLine(assistant_id=uuid4(), name=name, days=31, amount=Decimal("99.00"))
        for name in ("Jürgen Größe", "=HYPERLINK(1)", "Łukasz 漢字")
    ]
    used = Sums(drafted=12, skipped=3, tokens_in=1000, tokens_out=200, cost=Decimal("0.0105"))
    return Statement(
        **{
            "organisation": "Hotel „Seeblick“ & Söhne",
            "address": "Am See 1\n12345 Überlingen",
            "month": "2026-03",
            "days_in_month": 31,
            "preliminary": False,
            "price_per_assistant": Decimal("99.00"),
            "lines": lines,
            "net": Decimal("297.00"),
            "vat_percent": Decimal(19),
            "vat": Decimal("56.43"),
            "gross": Decimal("353.43"),
            "usage": used,
        }
        | values
    )


def test_a_statement_as_csv() -> None:
    data = as_csv(a_statement())
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[1] == ["2026-03", "Jürgen Größe", "31", "31", "99,00"]
    assert rows[2][1] == "'=HYPERLINK(1)"
    assert ["2026-03", "Summe brutto", "", "", "353,43"] in rows
    assert ["2026-03", "Umsatzsteuer 19 %", "", "", "56,43"] in rows


def test_a_statement_as_pdf() -> None:
    data = as_pdf(a_statement())
    assert data.startswith(b"%PDF-")
    words = words_of(data)
    for expected in ("Abrechnung März 2026", "Hotel „Seeblick“ & Söhne", "12345 Überlingen", "Jürgen Größe"):
        assert expected in words
    for expected in ("99,00 €", "353,43 €", "Umsatzsteuer 19 %", "Entwürfe", "keine Rechnung im Sinne des § 14 UStG"):
        assert expected in words
    assert "Vorläufig" not in words
    assert "Vorläufig" in words_of(as_pdf(a_statement(preliminary=True)))


def test_a_statement_of_many_assistants_goes_on_on_further_pages() -> None:
    lines = [StatementLine(assistant_id=uuid4(), name=f"Nr. {n}", days=1, amount=Decimal(1)) for n in range(200)]
    data = as_pdf(a_statement(lines=lines))
    assert data.count(b"/Type /Page\n") > 3
    assert "Nr. 199" in words_of(data)


def words_of(pdf: bytes) -> str:
    """The text that a PDF of ours shows: its streams are compressed, its letters are cp1252."""
    shown: list[str] = []
    for part in pdf.split(b"stream\n")[1:]:
        try:
            page = zlib.decompress(part.partition(b"\nendstream")[0])
        except zlib.error:
            continue
        shown.append(page.decode("cp1252", "replace"))
    return "\n".join(shown).replace("\\(", "(").replace("\\)", ")")


async def test_old_messages_go_and_their_counts_stay(api: ConfigApiServer, anna: Resource) -> None:
    old, young = datetime.now(UTC) - timedelta(days=400), datetime.now(UTC) - timedelta(days=390)
    await record(api, settled(anna, uuid4(), occurred_at=old), settled(anna, uuid4(), occurred_at=young))
    await anna.entry("Gibt es Parkplätze?")
    retention = Retention(api.service.database, settings_for("postgresql://"))
    await retention.turn()
    left = (await api.http.get(f"{anna.organisation}/activity")).json()["items"]
    assert [datetime.fromisoformat(row["settled_at"]) for row in left] == [young]
    counted = await usage(anna, **{"from": f"{old:%Y-%m-%d}", "to": f"{young:%Y-%m-%d}"})
    assert counted["total"]["drafted"] == 2
    assert await change_sets(api) == 1
    later = datetime.now(UTC) + timedelta(days=91)
    await Retention(api.service.database, settings_for("postgresql://"), clock=lambda: later).turn()
    assert await change_sets(api) == 0


async def change_sets(api: ConfigApiServer) -> int:
    async with api.service.database.service() as session:
        query = text("SELECT count(*) FROM config.knowledge_change_set")
        return (await (await session.connection()).execute(query)).scalar_one()


async def test_prices_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINAMIK_MODEL_PRICES", '{"gpt": {"tokens_in": "0.15", "tokens_out": 0.6}}')
    monkeypatch.setenv("KINAMIK_PRICE_PER_ASSISTANT", "0")
    settings = settings_for("postgresql://")
    assert (settings.model_prices["gpt"].tokens_in, settings.price_per_assistant) == (Decimal("0.15"), Decimal(0))
