"""Statements: what a month costs, by day and assistant, over the API and as files."""

import csv
import io
import zlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from config_api.models import Assistant, Organisation
from config_api.plans.models import PlanChange
from config_api.usage.files import as_csv, as_pdf
from config_api.usage.schemas import Statement, StatementLine, Sums
from config_api.usage.statements import Account, statement
from shared.events import Usage
from tests.servers.config_api import ConfigApiServer, Resource, settings_for
from tests.servers.person import a_person
from tests.settled import record, settled

BERLIN = ZoneInfo("Europe/Berlin")
PRICES = {"gross": {"tokens_in": "2.50", "tokens_out": "10"}}


@pytest.fixture
def api_settings() -> dict[str, Any]:
    return {"model_prices": PRICES}


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
    async def of(self, api: ConfigApiServer, assistant: Resource, account: Account, month: str) -> Statement:
        async with api.service.database.tenant(UUID(assistant.organisation_id)) as session:
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
        assistant: Resource,
        changes: list[tuple[str, str]],
        assistants: list[tuple[str, str | None]],
        amounts: list[tuple[int, str]],
    ) -> None:
        account = an_account(*changes, today="2026-02-10", assistants=assistants)
        made = await self.of(api, assistant, account, "2026-01")
        assert [(line.days, str(line.amount)) for line in made.lines] == amounts
        assert made.net == sum(Decimal(amount) for _, amount in amounts)
        assert made.gross == made.net + made.vat
        assert made.vat == (made.net * Decimal("0.19")).quantize(Decimal("0.01"))
        assert not made.preliminary

    async def test_a_month_that_has_not_ended_counts_up_to_today(
        self, api: ConfigApiServer, assistant: Resource
    ) -> None:
        account = an_account(("standard", "2025-11-10"), today="2026-02-14", assistants=[("2025-11-10", None)])
        made = await self.of(api, assistant, account, "2026-02")
        assert (made.preliminary, made.lines[0].days, str(made.net)) == (True, 14, "49.50")
        assert (made.vat, made.gross) == (Decimal("9.41"), Decimal("58.91")), "9.405 is rounded up"

    async def test_over_the_api(self, api: ConfigApiServer, assistant: Resource) -> None:
        await record(api, settled(assistant, uuid4(), usage=Usage(model="gross", tokens_in=2_000_000)))
        month = f"{datetime.now(BERLIN):%Y-%m}"
        path = f"{assistant.organisation}/usage/statements"
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
        self, api: ConfigApiServer, assistant: Resource, month: str, status: int
    ) -> None:
        response = await api.http.get(f"{assistant.organisation}/usage/statements/{month}")
        assert response.status_code == status

    async def test_nobody_sees_anothers(self, api: ConfigApiServer, assistant: Resource) -> None:
        stranger = await a_person(api, "max")
        for path in ("", "/statements", f"/statements/{datetime.now(BERLIN):%Y-%m}"):
            response = await stranger.http.get(f"{assistant.organisation}/usage{path}")
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


async def test_prices_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINAMIK_MODEL_PRICES", '{"gpt": {"tokens_in": "0.15", "tokens_out": 0.6}}')
    monkeypatch.setenv("KINAMIK_PRICE_PER_ASSISTANT", "0")
    settings = settings_for("postgresql://")
    assert (settings.model_prices["gpt"].tokens_in, settings.price_per_assistant) == (Decimal("0.15"), Decimal(0))
