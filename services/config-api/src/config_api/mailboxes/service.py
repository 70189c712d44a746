"""Mailboxes, and the passwords that open them: sealed on the way in, and never on the way out of the public API."""

from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.fields import is_loopback
from config_api.mailboxes.schemas import MailboxCreate, MailboxUpdate
from config_api.models import Assistant, Mailbox, now
from config_api.notices.mailboxes import tell_owners
from config_api.oauth.revocation import DESTROYED, revoke_grants
from config_api.outbox import announce, next_revision
from config_api.plans.limits import require_room
from config_api.problems import Conflict, Invalid
from config_api.records import change, find
from shared.config import Account, GmailAccount, GraphAccount, ImapAccount
from shared.events import AuditRecorded, MailboxStatus, MailboxStatusChanged

PASSWORD = "imap_password"


async def create(session: AsyncSession, organisation_id: UUID, data: MailboxCreate, master_keys: MasterKeys) -> Mailbox:
    """Raises NotFound (`assistant_unknown`), Conflict (`mailbox_exists`, `plan_limit_reached`), Invalid
    (`encryption_required`).
    """
    revision = await next_revision(session)
    await find(session, Assistant, data.assistant_id)
    await require_room(session, Mailbox, organisation_id)
    values = data.model_dump(exclude={"imap"}) | _columns(data.imap.model_dump(exclude={"password"}))
    mailbox = Mailbox(organisation_id=organisation_id, revision=revision, **values)
    _seal_password(mailbox, data.imap.password, master_keys)
    session.add(mailbox)
    await _save(session, mailbox)
    return mailbox


async def modify(session: AsyncSession, mailbox_id: UUID, data: MailboxUpdate, master_keys: MasterKeys) -> Mailbox:
    """Raises as `create` does, and Invalid (`password_required`), Conflict (`other_provider`, `address_of_account`).

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
    if mailbox.provider != "imap":
        _require_its_own(mailbox, sent, account or password)
    _require_password(mailbox, account, password)
    if sent.get("active") and not mailbox.active:
        sent = {"watch_since": now()} | sent
    change(mailbox, sent | _columns(account) | {"revision": revision})
    if password is not None:
        _seal_password(mailbox, password, master_keys)
    await _save(session, mailbox)
    return mailbox


async def delete(session: AsyncSession, mailbox_id: UUID, master_keys: MasterKeys) -> None:
    revision = await next_revision(session)
    mailbox = await find(session, Mailbox, mailbox_id)
    await revoke_grants(session, col(Mailbox.id) == mailbox_id, master_keys)
    change(mailbox, {**DESTROYED, "active": False, "deleted_at": now(), "revision": revision})


async def watch_from_now(session: AsyncSession, which: ColumnElement[bool], revision: int) -> None:
    """Off means off: what arrived while a switch was off gets no draft when it is on again."""
    mailboxes = update(Mailbox).where(which, col(Mailbox.deleted_at).is_(None))
    await session.exec(mailboxes.values(watch_since=now(), revision=revision))


class StatusRecorder:
    """Keeps what ingest says of its mailboxes. It is no configuration, so no revision comes of it."""

    def __init__(self, database: Database, master_keys: MasterKeys) -> None:
        self._database = database
        self._master_keys = master_keys

    async def on_mailbox_status(self, event: MailboxStatusChanged) -> None:
        """Events may come twice or in the wrong order: an older one changes nothing, but that a mailbox had stopped is
        in the security log even where it was back before anybody heard of it.
        """
        query = select(Mailbox).where(col(Mailbox.id) == event.mailbox_id).with_for_update()
        async with self._database.tenant(event.organisation_id) as session:
            if (mailbox := (await session.exec(query)).one_or_none()) is None:
                return
            newer = mailbox.status_at is None or mailbox.status_at < event.occurred_at
            known = newer and (mailbox.status, mailbox.status_reason) == (event.status, event.reason)
            if event.status is MailboxStatus.STOPPED and not known:
                await announce(session, _stopped(event))
            if not newer:
                return
            if not known:
                mailbox.status_since = event.occurred_at
            mailbox.status, mailbox.status_reason = event.status, event.reason
            mailbox.status_at = event.occurred_at
            mailbox.last_proof_at = event.last_proof_at or mailbox.last_proof_at
            await tell_owners(session, self._master_keys, mailbox)


def _stopped(event: MailboxStatusChanged) -> AuditRecorded:
    """With the event's id, so that the log has it once."""
    return AuditRecorded(
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        actor="ingest",
        action="mailbox.stopped",
        organisation_id=event.organisation_id,
        subject=str(event.mailbox_id),
        outcome=event.reason,
    )


def account_of(mailbox: Mailbox, master_keys: MasterKeys) -> Account:
    """How the mailbox is opened. Raises PermanentError where its password cannot be read."""
    if mailbox.provider == "gmail":
        return GmailAccount()
    if mailbox.provider == "graph":
        return GraphAccount(user=mailbox.team_mailbox)
    return imap_account(mailbox, {}, master_keys)


def imap_account(mailbox: Mailbox, changes: dict[str, Any], master_keys: MasterKeys) -> ImapAccount:
    """The same of an IMAP mailbox, with these changes tried out. Raises Invalid (`password_required`), as `modify`, and
    Conflict (`other_provider`).
    """
    if mailbox.provider != "imap":
        raise Conflict("other_provider")
    password: SecretStr | None = changes.get("password")
    _require_password(mailbox, changes, password)
    if password is None:
        stored = master_keys.open(mailbox.imap_password or "", mailbox.id, PASSWORD)
        password = SecretStr(stored.decode())
    stored = {name: getattr(mailbox, f"imap_{name}") for name in ("host", "port", "security", "username")}
    return ImapAccount.model_validate(stored | changes | {"password": password})


def _require_its_own(mailbox: Mailbox, sent: dict[str, Any], account: object) -> None:
    """What an account is called is its provider's to say: by that it is known when it is connected anew."""
    if account:
        raise Conflict("other_provider")
    if sent.get("address", mailbox.address) != mailbox.address:
        raise Conflict("address_of_account")


def _require_password(mailbox: Mailbox, account: dict[str, Any], password: SecretStr | None) -> None:
    named = {name: value for name, value in account.items() if name != "password"}
    moved = any(getattr(mailbox, name) != value for name, value in _columns(named).items())
    if moved and password is None:
        raise Invalid("password_required")


def _columns(imap: dict[str, Any]) -> dict[str, Any]:
    return {f"imap_{name}": value for name, value in imap.items()}


def _seal_password(mailbox: Mailbox, password: SecretStr, master_keys: MasterKeys) -> None:
    mailbox.imap_password = master_keys.seal(password.get_secret_value().encode(), mailbox.id, PASSWORD)


async def _save(session: AsyncSession, mailbox: Mailbox) -> None:
    if mailbox.imap_security == "none" and not is_loopback(mailbox.imap_host or ""):
        raise Invalid("encryption_required")
    await require_new(session)


async def require_new(session: AsyncSession) -> None:
    """Writes what is waiting. Raises Conflict (`mailbox_exists`)."""
    try:
        await session.flush()
    except IntegrityError:
        raise Conflict("mailbox_exists") from None
