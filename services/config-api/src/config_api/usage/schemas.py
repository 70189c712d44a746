from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints

Grouping = Literal["day", "assistant", "model"]


def _month(value: str) -> str:
    """Raises ValueError for a month that there is not."""
    date.fromisoformat(f"{value}-01")
    return value


Month = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"), AfterValidator(_month)]


class Sums(BaseModel):
    """Messages by outcome, how often assistants were `tried` out, and tokens and working time in milliseconds of both.

    `cost` is what the models cost, in EUR at today's prices; `unpriced_tokens` are those of models without a price.
    """

    drafted: int = 0
    skipped: int = 0
    failed: int = 0
    tried: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    duration_ms: int = 0
    cost: Decimal = Decimal(0)
    unpriced_tokens: int = 0


class UsageRow(Sums):
    """Exactly one of the first three is set, as `group_by` says; an empty `model` means that none was used."""

    day: date | None = None
    assistant_id: UUID | None = None
    model: str | None = None


class UsageReport(BaseModel):
    """`first` and `last` are days, both included."""

    first: date
    last: date
    group_by: Grouping
    rows: list[UsageRow]
    total: Sums


class StatementSummary(BaseModel):
    """A month at a glance, amounts in EUR; `preliminary` as long as it has not ended."""

    month: str
    preliminary: bool
    net: Decimal
    gross: Decimal
    drafted: int


class StatementList(BaseModel):
    items: list[StatementSummary]


class StatementLine(BaseModel):
    """One assistant: the days on which the standard plan held and it existed, and what that amounts to."""

    assistant_id: UUID
    name: str
    days: int
    amount: Decimal


class Statement(BaseModel):
    """What an organisation owes for a month, in EUR, and what it used. It is no invoice.

    A month costs its price for each assistant; a part of it as many parts as it has days of the days in the month,
    rounded to the cent for each assistant. `preliminary` as long as the month has not ended.
    """

    organisation: str
    address: str
    month: str
    days_in_month: int
    preliminary: bool
    price_per_assistant: Decimal
    lines: list[StatementLine]
    net: Decimal
    vat_percent: Decimal
    vat: Decimal
    gross: Decimal
    usage: Sums
