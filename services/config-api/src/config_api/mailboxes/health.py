"""How a mailbox is, in plain words: what ingest last said of it, and what its switches mean for that."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.mailboxes.advice import advice
from config_api.messages.catalogue import Language
from config_api.models import Assistant, Mailbox, Organisation, now
from shared.events import MailboxStatus

PROOF_EXPECTED_WITHIN = timedelta(minutes=25)
"""Ingest reads every mailbox anew each ten minutes; one that is silent for longer is not being watched."""

State = Literal["working", "waiting", "retrying", "stopped", "off"]


class Health(BaseModel):
    """`sentence` says how the mailbox is, `advice` what to do next, both in the caller's language.

    `state` is `waiting` until it was read for the first time, and when nothing was heard of it for too long. `since`
    is when it came into this state, null where that is not known; `last_proof_at` when its server last answered in
    full.
    """

    state: State
    reason: str
    sentence: str
    advice: str
    since: datetime | None
    last_proof_at: datetime | None


async def health(session: AsyncSession, mailbox: Mailbox, language: Language) -> Health:
    """In the organisation's own transaction."""
    assistant = await session.get_one(Assistant, mailbox.assistant_id)
    organisation = await session.get_one(Organisation, mailbox.organisation_id)
    state, reason, since = _state(mailbox, assistant, organisation, now())
    words = advice(reason, language)
    return Health(state=state, reason=reason, since=since, last_proof_at=mailbox.last_proof_at, **words.model_dump())


def _state(
    mailbox: Mailbox, assistant: Assistant, organisation: Organisation, moment: datetime
) -> tuple[State, str, datetime | None]:
    if not organisation.at_work:
        return "off", "organisation_off", organisation.restricted_at
    if not assistant.active:
        return "off", "assistant_off", None
    if not mailbox.active:
        return "off", "mailbox_off", None
    since = mailbox.status_since or mailbox.status_at
    match mailbox.status:
        case MailboxStatus.WATCHING if _is_stale(mailbox, moment):
            return "waiting", "no_proof_lately", mailbox.last_proof_at
        case MailboxStatus.WATCHING:
            return "working", "watching", since
        case MailboxStatus.RETRYING:
            return "retrying", mailbox.status_reason, since
        case MailboxStatus.STOPPED:
            return "stopped", mailbox.status_reason, since
        case _:
            return "waiting", "not_tried_yet", mailbox.created_at


def _is_stale(mailbox: Mailbox, moment: datetime) -> bool:
    return mailbox.last_proof_at is None or moment - mailbox.last_proof_at > PROOF_EXPECTED_WITHIN
