"""A draft as it lies in the mailbox at this moment. It is read for whoever asks, and kept nowhere."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.activity.schemas import DraftPublic
from config_api.models import Mailbox, SettledMessage
from config_api.problems import Conflict, NotFound
from config_api.records import find
from shared.events import Outcome
from shared.mail import Address

if TYPE_CHECKING:
    from shared.mailbox.looking import FoundDraft


async def drafted(session: AsyncSession, message_id: UUID) -> tuple[SettledMessage, Mailbox]:
    """The message's last end, and its mailbox.

    Raises NotFound (`message_unknown`, `mailbox_unknown`), Conflict (`message_not_drafted`).
    """
    query = select(SettledMessage).where(SettledMessage.message_id == message_id)
    last = (await session.exec(query.order_by(col(SettledMessage.generation).desc()).limit(1))).one_or_none()
    if last is None:
        raise NotFound("message_unknown")
    if last.outcome != Outcome.DRAFTED:
        raise Conflict("message_not_drafted")
    return last, await find(session, Mailbox, last.mailbox_id)


def shown(message: SettledMessage, found: "FoundDraft | None") -> DraftPublic:
    """Raises NotFound (`draft_gone`)."""
    if found is None:
        raise NotFound("draft_gone")
    text, quoted = apart(found.mail.body)
    return DraftPublic(
        message_id=message.message_id,
        mailbox_id=message.mailbox_id,
        folder=found.folder,
        subject=found.mail.subject,
        to=[_written(address) for address in found.mail.to],
        text=text,
        quoted=quoted,
    )


def apart(body: str) -> tuple[str, str]:
    """The draft's own words with the signature, and what it quotes, with the line above that says whose words."""
    lines = body.rstrip().split("\n")
    start = len(lines)
    while start and lines[start - 1].startswith(">"):
        start -= 1
    if start == len(lines):
        return body.strip(), ""
    while start and lines[start - 1].strip():
        start -= 1
    return "\n".join(lines[:start]).strip(), "\n".join(lines[start:])


def _written(address: Address) -> str:
    return f"{address.name} <{address.address}>" if address.name else address.address
