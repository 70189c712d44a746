import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response, StreamingResponse

from config_api.deps import DatabaseDep, PrincipalDep, TenantSession, require_member
from config_api.knowledge.exchange import service, writing
from config_api.knowledge.exchange.plan import Plan, Step
from config_api.knowledge.exchange.upload import REQUEST_BODY, UploadDep
from config_api.knowledge.history import Content
from config_api.knowledge.schemas import ImportDone, ImportPreview, KnowledgeContent, RowChange
from config_api.messages import catalogue
from config_api.models import Assistant
from config_api.records import find

router = APIRouter()
# Before anything is read: whoever sends slowly holds no connection, and who may not send at all is told at once.
MEMBERS = Depends(require_member)

MOST_SHOWN = 500
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {"application/json": {}, **{MEDIA[kind].partition(";")[0]: BINARY for kind in ("csv", "xlsx")}},
    }
}


@router.get("/export", response_class=Response, responses=FILES)
async def export_knowledge(
    organisation_id: UUID,
    assistant_id: UUID,
    session: TenantSession,
    database: DatabaseDep,
    format: Annotated[Literal["csv", "xlsx", "json"], Query(description="Of the file")] = "csv",
    language: Annotated[Literal["de", "en"], Query(description="Of the headings")] = "de",
) -> Response:
    """All of an assistant's knowledge as a file, which an import reads without loss."""
    await find(session, Assistant, assistant_id)
    pages = service.pages(database, organisation_id, assistant_id)
    headers = {"Content-Disposition": f'attachment; filename="kinamik-wissen.{format}"'}
    if format == "xlsx":
        entries = [entry async for page in pages for entry in page]
        book = await asyncio.to_thread(writing.as_workbook, entries, language)
        return Response(book, headers=headers, media_type=MEDIA[format])
    file = writing.as_csv(pages, language) if format == "csv" else writing.as_json(pages)
    return StreamingResponse(file, headers=headers, media_type=MEDIA[format])


@router.post("/import/preview", openapi_extra=REQUEST_BODY, dependencies=[MEMBERS])
async def preview_knowledge_import(
    assistant_id: UUID,
    upload: UploadDep,
    session: TenantSession,
    accept_language: Annotated[str, Header(max_length=500)] = "de",
) -> ImportPreview:
    """What importing this file would do, and what is wrong with which of its cells. Nothing is changed."""
    planned = await service.preview(session, assistant_id, upload)
    return _shown(planned.plan, planned.digest, catalogue.preferred(accept_language))


@router.post("/import", openapi_extra=REQUEST_BODY, dependencies=[MEMBERS])
async def import_knowledge(
    assistant_id: UUID, upload: UploadDep, session: TenantSession, caller: PrincipalDep
) -> ImportDone:
    """Does exactly what a preview of the same file has shown, all or nothing; one undo takes all of it back."""
    plan, made = await service.apply(session, assistant_id, upload, actor=caller.name)
    return ImportDone(change_set=made.id if made else None, unchanged=plan.unchanged, **_counts(plan))


def _shown(plan: Plan, digest: str | None, language: catalogue.Language) -> ImportPreview:
    return ImportPreview(
        **_counts(plan),
        unchanged=plan.unchanged,
        changes=[_row(step) for step in plan.steps[:MOST_SHOWN]],
        faults=plan.faults.count,
        errors=plan.faults.told(language),
        ignored_columns=list(plan.ignored_columns),
        digest=digest,
    )


def _counts(plan: Plan) -> dict[str, int]:
    return {"added": plan.count("add"), "changed": plan.count("change"), "removed": plan.count("remove")}


def _row(step: Step) -> RowChange:
    return RowChange(
        action=step.action,
        row=step.row,
        entry_id=step.entry_id,
        fields=step.fields,
        before=_content(step.before),
        after=_content(step.after),
    )


def _content(content: Content | None) -> KnowledgeContent | None:
    return None if content is None else KnowledgeContent.model_validate(content)
