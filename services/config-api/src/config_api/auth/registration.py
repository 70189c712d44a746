"""New accounts. Neither the answer nor its timing tells whether the address has one already."""

from psycopg import IntegrityError as Violation
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts import lookup
from config_api.accounts.models import Account
from config_api.auth import passwords, tickets
from config_api.auth.by_mail import ask
from config_api.auth.call import Call
from config_api.auth.links import send_link, tell_owner
from config_api.auth.schemas import Registration
from config_api.members.invitations import accept
from config_api.members.models import Invitation
from config_api.models import now
from config_api.notices.service import notify
from config_api.problems import Conflict, Fault, Forbidden, Invalid
from config_api.tokens import digest


class EmailTaken(Conflict):
    pass


async def register(call: Call, data: Registration) -> None:
    """Raises Invalid (`terms_outdated`, `password_too_common`, `password_too_guessable`, `link_not_valid`), Forbidden
    (`registration_closed`) and Conflict (`user_name_taken`); where nobody proves an address, `email_taken` too.
    """
    if not call.settings.registration and data.invitation is None:
        raise Forbidden("registration_closed")
    if data.terms_version != call.settings.terms_version:
        raise _fault(Invalid, "terms_outdated", "terms_version")
    passwords.require_good(data.password, data.user_name)
    await call.admit("register")
    password_hash = await passwords.hashed(data.password)
    try:
        try:
            await _store(call, data, password_hash)
        except EmailTaken:  # by another request, at this moment: the address is known now
            if not call.settings.confirms_by_mail:
                raise
            await _store(call, data, password_hash)
    except Conflict:
        async with call.database.auth() as session:
            await call.record(session, "register", outcome="failed")
        raise


async def confirm(call: Call, token: str) -> None:
    """Of a new account, or of a new address. Raises Invalid (`link_not_valid`), Conflict (`email_taken`)."""
    async with call.database.auth() as session:
        ticket = await tickets.redeem(session, token, "registration", "email")
        account = await lookup.get(session, ticket.account_id, lock=True)
        if ticket.email is None:
            account.confirmed_at = account.confirmed_at or now()
            await call.record(session, "account.confirmed", actor=str(account.id), subject=str(account.id))
        else:
            await change_email(call, session, account, ticket.email)


async def resend(call: Call, email: str) -> None:
    """The mail with the link again, where somebody has registered and not confirmed."""
    await call.admit("password_reset", user_name=email)
    async with call.database.auth() as session:
        await ask(session, call.master_keys, "registration", email)
        await call.record(session, "resend")


async def save_unique(session: AsyncSession) -> None:
    """Raises Conflict (`user_name_taken`, `email_taken`)."""
    try:
        await session.flush()
    except IntegrityError as error:
        if isinstance(error.orig, Violation) and error.orig.diag.constraint_name == "account_email":
            raise _fault(EmailTaken, "email_taken", "email") from None
        raise _fault(Conflict, "user_name_taken", "user_name") from None


async def _store(call: Call, data: Registration, password_hash: str) -> None:
    """The same statements whether the address is known or not; where it is, the account stays without one."""
    async with call.database.auth() as session:
        invited = await _is_invited(session, data)
        known = await lookup.by_email(session, data.email)
        account = _account(data, password_hash)
        by_mail = call.settings.confirms_by_mail
        account.email = None if known and by_mail else data.email
        session.add(account)
        await save_unique(session)
        if not by_mail:
            await _confirm_at_once(session, account, data)
        elif known and known.email:
            await tickets.issue(session, account.id, "registration")
            await tell_owner(session, call.master_keys, known)
        elif invited and data.invitation:
            account.confirmed_at = now()
            await accept(session, account.id, data.invitation)
        else:
            await send_link(session, call.master_keys, account, "registration")
        await call.record(session, "register", actor=str(account.id), subject=str(account.id))


async def _confirm_at_once(session: AsyncSession, account: Account, data: Registration) -> None:
    """On one's own machine, where no mail could say anything to anybody."""
    account.confirmed_at = now()
    if data.invitation:
        await accept(session, account.id, data.invitation)


def _account(data: Registration, password_hash: str) -> Account:
    return Account(
        email=None,
        password_hash=password_hash,
        newsletter_since=now() if data.newsletter else None,
        **data.model_dump(exclude={"email", "password", "newsletter", "invitation"}),
    )


async def _is_invited(session: AsyncSession, data: Registration) -> bool:
    """Whoever has the token that was mailed to an address has proven it. Raises Invalid (`link_not_valid`)."""
    if data.invitation is None:
        return False
    to_them = func.lower(Invitation.email) == func.lower(data.email), col(Invitation.expires_at) > now()
    query = select(Invitation.id).where(Invitation.token_digest == digest(data.invitation), *to_them)
    if (await session.exec(query)).one_or_none() is None:
        raise _fault(Invalid, "link_not_valid", "invitation")
    return True


async def change_email(call: Call, session: AsyncSession, account: Account, email: str) -> None:
    """Links that were mailed to the old address are good no longer."""
    old, account.email, account.updated_at = account.email, email, now()
    await save_unique(session)
    await tickets.withdraw(session, account.id, "password", "registration")
    if old:
        await notify(session, call.master_keys, "email_changed", old, language=account.language)
    await call.record(session, "account.email_changed", actor=str(account.id), subject=str(account.id))


def _fault(kind: type[Conflict] | type[Invalid], reason: str, field: str) -> Conflict | Invalid:
    return kind(reason, [Fault(field=f"body.{field}", reason=reason)])
