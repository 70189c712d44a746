import asyncio
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from config_api.deps import SettingsDep, TenantSession
from config_api.fields import Day
from config_api.models import Organisation, now
from config_api.problems import Invalid
from config_api.records import find
from config_api.usage import files, service, statements
from config_api.usage.schemas import Grouping, Month, Statement, StatementList, UsageReport

router = APIRouter(prefix="/organisations/{organisation_id}/usage", tags=["usage"])

MOST_DAYS = 366
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"model": Statement, "content": {"text/csv": BINARY, "application/pdf": BINARY}}
}


@router.get("")
async def get_usage(
    session: TenantSession,
    settings: SettingsDep,
    first: Annotated[Day | None, Query(alias="from", description="The first of this month, if not given")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Today, if not given; this day is included")] = None,
    group_by: Grouping = "day",
) -> UsageReport:
    """How many messages and tokens, and what those cost, in up to a year."""
    last = last or now().astimezone(statements.HOME).date()
    first = first or last.replace(day=1)
    if first > last:
        raise Invalid("range_not_valid")
    if (last - first).days >= MOST_DAYS:
        raise Invalid("range_too_long")
    return await service.report(session, first, last, group_by, settings.model_prices)


@router.get("/statements")
async def list_statements(organisation_id: UUID, session: TenantSession, settings: SettingsDep) -> StatementList:
    """What each month cost, newest first."""
    account = await statements.Account.of(session, await find(session, Organisation, organisation_id))
    return StatementList(items=await statements.summaries(session, account, settings))


@router.get("/statements/{month}", response_model=Statement, responses=FILES)
async def get_statement(
    organisation_id: UUID,
    month: Month,
    session: TenantSession,
    settings: SettingsDep,
    format: Annotated[Literal["json", "csv", "pdf"], Query(description="Of the answer")] = "json",
) -> Statement | Response:
    """What a month (2026-11) cost, by assistant, and what was used; with VAT, but no invoice."""
    account = await statements.Account.of(session, await find(session, Organisation, organisation_id))
    made = await statements.statement(session, account, date.fromisoformat(f"{month}-01"), settings)
    headers = {"Content-Disposition": f'attachment; filename="kinamik-{month}.{format}"'}
    if format == "csv":
        return Response(files.as_csv(made), headers=headers, media_type="text/csv; charset=utf-8")
    if format == "pdf":
        return Response(await asyncio.to_thread(files.as_pdf, made), headers=headers, media_type="application/pdf")
    return made
