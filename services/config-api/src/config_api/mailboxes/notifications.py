"""Where Microsoft says that a mailbox has changed (Microsoft Graph, "Receive change notifications through webhooks").

It is told nothing but that it was heard, and nothing that it says is believed but that somebody should look.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from config_api.deps import DatabaseDep, SettingsDep
from config_api.outbox import announce
from shared.events import MailboxChanged
from shared.mailbox.graph.notifications import notifications, secret_of
from shared.mailbox.push import NOTIFICATIONS

router = APIRouter()


@router.post(NOTIFICATIONS.removeprefix("/api/v1"), include_in_schema=False)
async def receive_notifications(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    validation: Annotated[str | None, Query(alias="validationToken", max_length=4096)] = None,
) -> Response:
    """Answers the question whether we are there with its own words, within the ten seconds that are allowed for it."""
    if validation is not None:
        return PlainTextResponse(validation, headers={"X-Content-Type-Options": "nosniff"})
    told = notifications(await request.body(), secret_of(settings.service_token))
    changed = {each.mailbox_id: False for each in told}
    changed |= {each.mailbox_id: True for each in told if each.kind in ("reauthorize", "removed")}
    if changed:
        async with database.service() as session:
            for mailbox_id, in_doubt in changed.items():
                await announce(session, MailboxChanged(mailbox_id=UUID(mailbox_id), in_doubt=in_doubt))
    return Response(status_code=202)
