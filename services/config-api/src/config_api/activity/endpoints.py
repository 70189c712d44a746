from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import StreamingResponse

from config_api.activity import drafts, service
from config_api.activity.feed import Feed, Feeds, seen_until
from config_api.activity.schemas import DraftPublic, SettledMessagePublic
from config_api.activity.service import Filters
from config_api.deps import (
    Bearer,
    Cookie,
    DatabaseDep,
    KnownOrganisation,
    MemberDep,
    PrincipalDep,
    SettingsDep,
    TenantSession,
    get_principal,
    require_member,
)
from config_api.event_streams import described
from config_api.fields import NO_CONTROLS, Moment
from config_api.mailboxes.looking import MailboxReaderDep
from config_api.records import Page, Paging, get_paging
from config_api.security import log
from shared.events import Outcome

router = APIRouter(prefix="/organisations/{organisation_id}/activity", tags=["activity"])

FEED = described("Events, each with a SettledMessagePublic as its data.", ["settled"])


async def get_filters(
    assistant_id: UUID | None = None,
    mailbox_id: UUID | None = None,
    outcome: Outcome | None = None,
    reason: Annotated[str | None, Query(max_length=100, pattern=NO_CONTROLS)] = None,
    since: Annotated[Moment | None, Query(description="Settled at this moment or later")] = None,
    until: Annotated[Moment | None, Query(description="Settled before this moment")] = None,
) -> Filters:
    return Filters(
        assistant_id=assistant_id, mailbox_id=mailbox_id, outcome=outcome, reason=reason, since=since, until=until
    )


FiltersDep = Annotated[Filters, Depends(get_filters)]


async def get_feeds(request: Request) -> Feeds:
    return request.app.state.feeds


@router.get("")
async def list_activity(
    session: TenantSession, wanted: FiltersDep, paging: Annotated[Paging, Depends(get_paging)]
) -> Page[SettledMessagePublic]:
    """What became of the organisation's messages, newest first."""
    rows, cursor = await service.newest(session, wanted, paging)
    return Page(items=[SettledMessagePublic.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/feed", response_class=StreamingResponse, responses=FEED)
async def follow_activity(
    organisation_id: UUID,
    request: Request,
    _: MemberDep,
    wanted: FiltersDep,
    database: DatabaseDep,
    settings: SettingsDep,
    bearer: Bearer,
    cookie: Cookie,
    feeds: Annotated[Feeds, Depends(get_feeds)],
    seconds: Annotated[int, Query(ge=1, le=300, description="Then the stream ends, and may be asked for again")] = 60,
    last_event_id: Annotated[str, Header(max_length=200)] = "",
) -> StreamingResponse:
    """What settles from now on, each as an event `settled`; one that was seen last may come twice."""

    async def still_allowed() -> None:
        caller = await get_principal(request, settings, database, bearer, cookie)
        await require_member(organisation_id, caller)

    feeds.require_room(organisation_id)
    feed = Feed(database, organisation_id, wanted, still_allowed, seen_until(last_event_id))

    async def events() -> AsyncIterator[str]:
        with feeds.open(organisation_id):
            async for event in feed.events(seconds):
                yield event

    # Proxies that hold back what they pass on would make a live feed of it no more.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


@router.post("/{message_id}/retry", status_code=202)
async def retry_message(
    organisation_id: UUID, message_id: UUID, session: TenantSession, caller: PrincipalDep, request: Request
) -> None:
    """Has a message that failed read again from its mailbox, within half a minute; a new draft may come of it."""
    await service.retry(session, message_id)
    await log.record(
        session, request, "message.retried", actor=caller, organisation_id=organisation_id, subject=str(message_id)
    )


@router.get("/{message_id}/draft")
async def get_draft(
    organisation_id: KnownOrganisation,
    message_id: UUID,
    reader: MailboxReaderDep,
    database: DatabaseDep,
    caller: PrincipalDep,
    request: Request,
) -> DraftPublic:
    """The draft as it lies in the mailbox now, read within 15 seconds; changes nothing, and keeps nothing."""
    async with database.tenant(organisation_id) as session:
        message, mailbox = await drafts.drafted(session, message_id)
        await log.record(
            session, request, "draft.read", actor=caller, organisation_id=organisation_id, subject=str(message_id)
        )
    return drafts.shown(message, await reader.draft(mailbox, message.message_id, message.generation))
