"""What a month cost an organisation: by assistant and day, from which plan it had when."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.models import Assistant, Organisation, now
from config_api.plans.models import PlanChange
from config_api.plans.service import history
from config_api.problems import NotFound
from config_api.settings import Settings
from config_api.usage.schemas import Statement, StatementLine, StatementSummary, Sums
from config_api.usage.service import added, counts

# Where the bills come from: its calendar says which day is which.
HOME = ZoneInfo("Europe/Berlin")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Account:
    """What statements are worked out from; `today` is the last day that counts."""

    organisation: Organisation
    assistants: Sequence[Assistant]
    changes: Sequence[PlanChange]
    today: date

    @classmethod
    async def of(cls, session: AsyncSession, organisation: Organisation) -> "Account":
        query = select(Assistant).where(Assistant.organisation_id == organisation.id)
        assistants = (await session.exec(query.order_by(col(Assistant.created_at), col(Assistant.id)))).all()
        return cls(organisation, assistants, await history(session, organisation.id), _day(now()))

    def months(self) -> list[date]:
        """The first days of the months since there is the organisation, newest first."""
        oldest, month = _day(self.organisation.created_at).replace(day=1), self.today.replace(day=1)
        found: list[date] = []
        while month >= oldest:
            found.append(month)
            month = (month - timedelta(days=1)).replace(day=1)
        return found

    def standard_days(self) -> set[date]:
        """Days on any part of which the standard plan held: that on which it begins, that on which it ends."""
        ends = [*(_day(after.began_at) for _, after in pairwise(self.changes)), self.today]
        spans = zip(self.changes, ends, strict=True) if self.changes else ()
        standard = (_days(_day(change.began_at), end) for change, end in spans if change.kind == "standard")
        return {day for days in standard for day in days}


async def statement(session: AsyncSession, account: Account, month: date, settings: Settings) -> Statement:
    """`month` is its first day. Raises NotFound (`statement_unknown`) before there was the organisation, or ahead."""
    if month not in account.months():
        raise NotFound("statement_unknown")
    days_in_month = monthrange(month.year, month.month)[1]
    last = month.replace(day=days_in_month)
    used = Sums()
    for _, counted in await counts(session, month, last, "model", settings.model_prices):
        used = added(used, counted)
    lines = _lines(account, month, last, settings.price_per_assistant)
    net = sum((line.amount for line in lines), Decimal(0)).quantize(CENT)
    vat = _cents(net * settings.vat_percent / 100)
    return Statement(
        organisation=account.organisation.name,
        address=account.organisation.address,
        month=f"{month:%Y-%m}",
        days_in_month=days_in_month,
        preliminary=account.today <= last,
        price_per_assistant=settings.price_per_assistant,
        lines=lines,
        net=net,
        vat_percent=settings.vat_percent,
        vat=vat,
        gross=net + vat,
        usage=used,
    )


async def summaries(session: AsyncSession, account: Account, settings: Settings) -> list[StatementSummary]:
    """Of every month, newest first."""
    found = [await statement(session, account, month, settings) for month in account.months()]
    return [
        StatementSummary(drafted=each.usage.drafted, **each.model_dump(include=set(StatementSummary.model_fields)))
        for each in found
    ]


def _lines(account: Account, month: date, last: date, price: Decimal) -> list[StatementLine]:
    standard = {day for day in account.standard_days() if month <= day <= last}
    lines: list[StatementLine] = []
    for assistant in account.assistants:
        until = _day(assistant.deleted_at) if assistant.deleted_at else account.today
        days = len(standard.intersection(_days(_day(assistant.created_at), until)))
        if days:
            amount = _cents(price * days / last.day)
            lines.append(StatementLine(assistant_id=assistant.id, name=assistant.name, days=days, amount=amount))
    return lines


def _days(first: date, last: date) -> Iterable[date]:
    """Both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _day(moment: datetime) -> date:
    return moment.astimezone(HOME).date()
