"""Trying an assistant out on a pasted mail. The mail passes through; nothing is kept but what it cost."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import httpx2
from anyio import CancelScope

from config_api.database import Database
from config_api.models import Assistant, Organisation
from config_api.playground.bill import Bill
from config_api.playground.schemas import PastedSource, PastedText
from config_api.problems import Conflict, NotFound, Unavailable
from config_api.records import find
from config_api.settings import Settings
from shared.mail import Address, Mail
from shared.mailbox.imap.transport import default_context

PATH = "/internal/v1/drafts/try"
_TIMEOUT = httpx2.Timeout(30.0, connect=3.0)
"""Seconds of silence; the drafter says at least every ten that it is still there."""
UNAVAILABLE = "drafter_unavailable"


async def require_at_work(database: Database, organisation_id: UUID, assistant_id: UUID) -> None:
    """Raises NotFound (`assistant_unknown`), Conflict (`organisation_off`)."""
    async with database.tenant(organisation_id) as session:
        await find(session, Assistant, assistant_id)
        if not (await find(session, Organisation, organisation_id)).at_work:
            raise Conflict("organisation_off")


async def mail_of(pasted: PastedText | PastedSource) -> Mail:
    """The mail as the drafter would get it from a mailbox."""
    from shared.mailbox.mime import new_text, parse  # for few requests only: HTML and charsets cost memory

    if isinstance(pasted, PastedSource):
        return (await asyncio.to_thread(parse, pasted.source.encode())).mail
    text = pasted.text.replace("\r\n", "\n").replace("\r", "\n")
    return Mail(
        date=datetime.now(UTC),
        sender=Address(name=pasted.sender_name, address=pasted.sender) if pasted.sender else None,
        subject=pasted.subject,
        text=new_text(text, subject=pasted.subject, threaded=False),
        body=text,
    )


async def stream(
    settings: Settings, assistant_id: UUID, mail: Mail, held: AsyncExitStack, bill: Bill
) -> AsyncGenerator[bytes]:
    """The drafter's events, as they come; at their end, or when nobody listens any more, `held` is closed and the
    bill settled.

    Raises Unavailable (`drafter_unavailable`), NotFound (`assistant_unknown`), Conflict (`plan_ended` and the like).
    """
    try:
        chunks = await held.enter_async_context(_asked(settings, assistant_id, mail))
    except BaseException:
        await held.aclose()
        raise
    return _passed_on(chunks, held, bill)


@asynccontextmanager
async def _asked(settings: Settings, assistant_id: UUID, mail: Mail) -> AsyncGenerator[AsyncIterator[bytes]]:
    body = {"assistant_id": str(assistant_id), "mail": mail.model_dump(mode="json")}
    headers = {"Authorization": f"Bearer {settings.service_token.get_secret_value()}"}
    async with httpx2.AsyncClient(verify=default_context(), trust_env=False, timeout=_TIMEOUT) as client:
        request = client.build_request("POST", f"{settings.drafter_url}{PATH}", json=body, headers=headers)
        try:
            response = await client.send(request, stream=True)
        except (httpx2.HTTPError, OSError):
            raise Unavailable(UNAVAILABLE) from None
        try:
            await _require_ok(response)
            yield response.aiter_raw()
        finally:
            await response.aclose()


async def _require_ok(response: httpx2.Response) -> None:
    match response.status_code:
        case 200:
            return
        case 404:
            raise NotFound("assistant_unknown")
        case 409:
            await response.aread()
            raise Conflict(response.json()["reason"])
        case _:
            raise Unavailable(UNAVAILABLE)


async def _passed_on(chunks: AsyncIterator[bytes], held: AsyncExitStack, bill: Bill) -> AsyncGenerator[bytes]:
    try:
        async with held:
            try:
                async for chunk in chunks:
                    bill.hear(chunk)
                    yield chunk
            except (httpx2.HTTPError, OSError):
                yield f"event: failed\ndata: {json.dumps({'reason': UNAVAILABLE})}\n\n".encode()
    finally:
        with CancelScope(shield=True):  # whoever goes away has had it all the same
            await bill.settle()
