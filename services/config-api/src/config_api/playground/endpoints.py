from contextlib import AsyncExitStack
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from config_api.deps import DatabaseDep, KnownOrganisation, MasterKeysDep, SettingsDep
from config_api.event_streams import described
from config_api.playground import service
from config_api.playground.bill import Bill
from config_api.playground.schemas import EVENTS, Pasted
from config_api.turns import Turns

router = APIRouter(prefix="/organisations/{organisation_id}/assistants/{assistant_id}", tags=["playground"])


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


_KINDS = ", ".join(f"`{name}` ({kind.__name__})" if kind else f"`{name}`" for name, kind in EVENTS.items())
TOLD = described(f"Events, each with JSON as its data: {_KINDS}.", EVENTS)


@router.post("/try", response_class=EventStream, responses=TOLD)
async def try_assistant(
    organisation_id: KnownOrganisation,
    assistant_id: UUID,
    data: Pasted,
    database: DatabaseDep,
    master_keys: MasterKeysDep,
    settings: SettingsDep,
    request: Request,
) -> EventStream:
    """Drafts an answer to a pasted mail as the assistant would, and streams it while it is written.

    Nothing is stored but what it cost, which counts towards the month's token budget. What is broken off counts by
    its length.
    """
    await service.require_at_work(database, organisation_id, assistant_id)
    mail = await service.mail_of(data)
    turns: Turns = request.app.state.turns
    held = AsyncExitStack()
    held.enter_context(turns.take(organisation_id))
    bill = Bill(database, master_keys, organisation_id, assistant_id)
    return EventStream(await service.stream(settings, assistant_id, mail, held, bill))
