"""Usage: counts by the day, of which reports and statements are made."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.settings import ModelPrice
from config_api.usage.models import usage_days
from config_api.usage.schemas import Grouping, Sums, UsageReport, UsageRow

COUNTS = ("drafted", "skipped", "failed", "tried", "tokens_in", "tokens_out", "duration_ms")
MILLION = Decimal(1_000_000)
# A millionth of a euro is finer than any price.
FINEST = Decimal("0.000001")

S = TypeVar("S", bound=Sums)
Prices = Mapping[str, ModelPrice]


async def report(session: AsyncSession, first: date, last: date, group_by: Grouping, prices: Prices) -> UsageReport:
    """Both days included, in the order of days, or of names."""
    name = "assistant_id" if group_by == "assistant" else group_by
    rows: dict[Any, UsageRow] = {}
    total = Sums()
    for key, counted in await counts(session, first, last, name, prices):
        rows[key] = added(rows.get(key) or UsageRow.model_validate({name: key}), counted)
        total = added(total, counted)
    return UsageReport(first=first, last=last, group_by=group_by, rows=list(rows.values()), total=total)


async def counts(
    session: AsyncSession, first: date, last: date, name: str, prices: Prices, assistant_id: UUID | None = None
) -> Sequence[tuple[Any, Sums]]:
    """Sums by a column and by model, since each model has its price; all assistants' unless one is named."""
    columns = usage_days.c
    key, model, day = columns[name], columns["model"], columns["day"]
    sums = [func.sum(columns[each]).label(each) for each in COUNTS]
    query = select(key.label("key"), model.label("of_model"), *sums).where(day >= first, day <= last)
    if assistant_id is not None:
        query = query.where(columns["assistant_id"] == assistant_id)
    rows = await (await session.connection()).execute(query.group_by(key, model).order_by(key, model))
    return [(row.key, _priced(row, prices)) for row in rows]


def added(sums: S, more: Sums) -> S:
    """`sums` with `more` on top."""
    return sums.model_copy(update={name: getattr(sums, name) + getattr(more, name) for name in Sums.model_fields})


def _priced(row: Row[Any], prices: Prices) -> Sums:
    counted = Sums.model_validate({name: int(getattr(row, name)) for name in COUNTS})
    price = prices.get(row.of_model)
    if price is None:
        counted.unpriced_tokens = counted.tokens_in + counted.tokens_out
    else:
        counted.cost = cost(price, counted.tokens_in, counted.tokens_out)
    return counted


def cost(price: ModelPrice, tokens_in: int, tokens_out: int) -> Decimal:
    """In EUR."""
    return ((tokens_in * price.tokens_in + tokens_out * price.tokens_out) / MILLION).quantize(FINEST)
