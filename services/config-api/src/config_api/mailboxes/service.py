"""Mailboxes, and the passwords that open them: sealed on the way in, and never on the way out of the public API."""

from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, or_, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.fields import is_loopback
from config_api.mailboxes.schemas import MailboxCreate, MailboxUpdate
from config_api.models import Assistant, Mailbox, now
from config_api.outbox import next_revision
from config_api.problems import Conflict, Invalid
from config_api.records import change, find
from shared.events import MailboxStatusChanged

PASSWORD = "imap_password"


async def create(session: AsyncSession, organisation_id: UUID, data: MailboxCreate, master_keys: MasterKeys) -> Mailbox:
    """Raises NotFound (`assistant_unknown`), Conflict (`mailbox_exists`), Invalid (`encryption_required`)."""
    revision = await next_revision(session)
    await find(session, Assistant, data.assistant_id)
    values = data.model_dump(exclude={"imap"}) | _columns(data.imap.model_dump(exclude={"password"}))
    mailbox = Mailbox(organisation_id=organisation_id, revision=revision, **values)
    _seal_password(mailbox, data.imap.password, master_keys)
    session.add(mailbox)
    await _save(session, mailbox)
    return mailbox


async def modify(session: AsyncSession, mailbox_id: UUID, data: MailboxUpdate, master_keys: MasterKeys) -> Mailbox:
    """Raises as `create` does, and Invalid (`password_required`).

    A stored password goes to no other server than the one it was given for: else whoever may change a mailbox, and
    has a server of his own, could read it.
    """
    revision = await next_revision(session)
    mailbox = await find(session, Mailbox, mailbox_id)
    sent = data.model_dump(exclude_unset=True)
    account: dict[str, Any] = sent.pop("imap", {})
    password: SecretStr | None = account.pop("password", None)
    if "assistant_id" in sent:
        await find(session, Assistant, sent["assistant_id"])
    moved = any(getattr(mailbox, name) != value for name, value in _columns(account).items())
    if moved and password is None:
        raise Invalid("password_required")
    if sent.get("active") and not mailbox.active:
        sent = {"watch_since": now()} | sent
    change(mailbox, sent | _columns(account) | {"revision": revision})
    if password is not None:
        _seal_password(mailbox, password, master_keys)
    await _save(session, mailbox)
    return mailbox


async def delete(session: AsyncSession, mailbox_id: UUID) -> None:
    revision = await next_revision(session)
    mailbox = await find(session, Mailbox, mailbox_id)
    change(mailbox, {PASSWORD: None, "active": False, "deleted_at": now(), "revision": revision})


async def watch_from_now(session: AsyncSession, which: ColumnElement[bool], revision: int) -> None:
    """Off means off: what arrived while a switch was off gets no draft when it is on again."""
    mailboxes = update(Mailbox).where(which, col(Mailbox.deleted_at).is_(None))
    await session.exec(mailboxes.values(watch_since=now(), revision=revision))


class StatusRecorder:
    """Keeps what ingest says of its mailboxes. It is no configuration, so no revision comes of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_mailbox_status(self, event: MailboxStatusChanged) -> None:
        """Events may come twice or in the wrong order: an older one changes nothing."""
        values: dict[str, Any] = {"status": event.status, "status_reason": event.reason, "status_at": event.occurred_at}
        if event.last_proof_at is not None:
            values["last_proof_at"] = event.last_proof_at
        newer = or_(col(Mailbox.status_at).is_(None), col(Mailbox.status_at) < event.occurred_at)
        async with self._database.tenant(event.organisation_id) as session:
            await session.exec(update(Mailbox).where(col(Mailbox.id) == event.mailbox_id, newer).values(**values))


def _columns(imap: dict[str, Any]) -> dict[str, Any]:
    return {f"imap_{name}": value for name, value in imap.items()}


def _seal_password(mailbox: Mailbox, password: SecretStr, master_keys: MasterKeys) -> None:
    mailbox.imap_password = master_keys.seal(password.get_secret_value().encode(), mailbox.id, PASSWORD)


async def _save(session: AsyncSession, mailbox: Mailbox) -> None:
    if mailbox.imap_security == "none" and not is_loopback(mailbox.imap_host):
        raise Invalid("encryption_required")
    try:
        await session.flush()
    except IntegrityError:
        raise Conflict("mailbox_exists") from None
