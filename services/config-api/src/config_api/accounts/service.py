"""A person's own account: profile, password and address."""

from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts import lookup, sessions
from config_api.accounts.models import Account
from config_api.accounts.schemas import AccountUpdate, EmailChange
from config_api.auth import passwords, tickets
from config_api.auth.again import require_password
from config_api.auth.call import Call
from config_api.auth.links import send_link, tell_owner
from config_api.auth.registration import change_email, save_unique
from config_api.models import now
from config_api.notices.service import Kind, notify


async def modify(call: Call, account_id: UUID, data: AccountUpdate) -> Account:
    """Raises Conflict (`user_name_taken`)."""
    async with call.database.account(account_id) as session:
        account = await lookup.get(session, account_id, lock=True)
        sent = data.model_dump(exclude_unset=True)
        newsletter = sent.pop("newsletter", account.newsletter_since is not None)
        account.newsletter_since = (account.newsletter_since or now()) if newsletter else None
        for name, value in sent.items():
            setattr(account, name, value)
        account.updated_at = now()
        await save_unique(session)
        await note(call, session, account, "account.changed")
    return account


async def change_password(
    call: Call, account_id: UUID, session_id: UUID | None, old: SecretStr, new: SecretStr
) -> None:
    """Ends every other session. Raises Forbidden (`password_not_valid`), Invalid (see `require_good`)."""
    account = await require_password(call, account_id, old)
    passwords.require_good(new, account.user_name, field="new_password")
    password_hash = await passwords.hashed(new)
    async with call.database.account(account_id) as session:
        account = await lookup.get(session, account_id, lock=True)
        account.password_hash, account.updated_at = password_hash, now()
        await sessions.end_all(session, account_id, but=session_id)
        await tickets.withdraw(session, account_id, "password", "email")
        await tell(call, session, account, "password_changed")
        await note(call, session, account, "account.password_changed")


async def ask_for_email(call: Call, account_id: UUID, data: EmailChange) -> None:
    """Mails a link to the new address. If that is somebody's, it is told so there, and nowhere else.

    Where no mail leaves the address is changed at once; then Conflict (`email_taken`) is raised.
    """
    await require_password(call, account_id, data.password)
    await call.admit("password_reset", user_name=data.email)
    async with call.database.auth() as session:
        account = await lookup.get(session, account_id, lock=True)
        if not call.settings.confirms_by_mail:
            await change_email(call, session, account, data.email)
            return
        known = await lookup.by_email(session, data.email)
        if known and known.id != account_id and known.email:
            await tickets.issue(session, account_id, "email")
            await tell_owner(session, call.master_keys, known)
        else:
            await send_link(session, call.master_keys, account, "email", new_email=data.email)
        await note(call, session, account, "account.email_asked")


async def end_session(call: Call, account_id: UUID, session_id: UUID) -> bool:
    """Whether the person had such a session."""
    async with call.database.account(account_id) as session:
        ended = await sessions.end_one(session, account_id, session_id)
        if ended:
            await call.record(session, "session.ended", actor=str(account_id), subject=str(session_id))
    return ended


async def end_other_sessions(call: Call, account_id: UUID, session_id: UUID | None) -> None:
    async with call.database.account(account_id) as session:
        await sessions.end_all(session, account_id, but=session_id)
        await call.record(session, "session.ended", actor=str(account_id), subject=str(account_id))


async def tell(call: Call, session: AsyncSession, account: Account, kind: Kind) -> None:
    """By mail, in the account's language."""
    if account.email:
        await notify(session, call.master_keys, kind, account.email, language=account.language)


async def note(call: Call, session: AsyncSession, account: Account, action: str) -> None:
    """In the security log, as what the person did to the own account."""
    await call.record(session, action, actor=str(account.id), subject=str(account.id))
