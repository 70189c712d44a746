"""Logging in and out. One reason for every wrong log-in, and the same work, whoever is meant."""

from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts import lookup, second_factor, sessions
from config_api.accounts.lookup import Credentials
from config_api.accounts.models import Account
from config_api.auth import passwords
from config_api.auth.by_mail import ask
from config_api.auth.call import Call
from config_api.auth.schemas import Login
from config_api.notices.service import notify
from config_api.problems import ApiError, Forbidden, Unauthorised

NOT_VALID = "credentials_not_valid"


async def log_in(call: Call, data: Login, former_token: str | None) -> tuple[Account, str]:
    """The account and its new session's token; the session of `former_token` ends.

    Raises Unauthorised (`credentials_not_valid`, `second_factor_required`, `code_not_valid`), Forbidden
    (`not_confirmed`, `account_locked`); all but the first of them only to whoever knows the password.
    """
    locked = await call.admit("login", user_name=data.login)
    found = await lookup.credentials(call.database, data.login)
    right = await passwords.verified(data.password, found.password_hash if found else None)
    async with call.database.auth() as session:
        account = await _unchanged(session, found)
        refusal = await _refusal(call, session, account if right else None, data.code)
        outcome = _outcome(refusal)
        actor = str(account.id) if account else ""
        await call.record(session, "login", actor=actor, subject=actor, user_name=data.login, outcome=outcome)
        token = await _start(call, session, account, former_token) if account and not refusal else ""
        if refusal and locked:
            await ask(session, call.master_keys, "locked", data.login)
    if refusal or not account:
        raise refusal or Unauthorised(NOT_VALID)
    await call.succeeded("login", account, user_name=data.login)
    return account, token


async def log_out(call: Call, token: str | None) -> None:
    """Ends the session on the server; that there is none is fine too."""
    async with call.database.auth() as session:
        account_id = await sessions.end_with(session, token) if token else None
        if account_id:
            await call.record(session, "logout", actor=str(account_id), subject=str(account_id))


async def _unchanged(session: AsyncSession, found: Credentials | None) -> Account | None:
    """The account as it is now, if its password is still the one that was compared with."""
    query = select(Account).where(
        col(Account.id) == (found.account_id if found else uuid4()),
        Account.password_hash == (found.password_hash if found else ""),
    )
    return (await session.exec(query.with_for_update())).one_or_none()


async def _refusal(call: Call, session: AsyncSession, account: Account | None, code: str | None) -> ApiError | None:
    if account is None:
        return Unauthorised(NOT_VALID)
    if account.confirmed_at is None:
        return Forbidden("not_confirmed")
    if not account.active:
        return Forbidden("account_locked")
    if not account.second_factor:
        return None
    if code is None:
        return Unauthorised("second_factor_required")
    if not await second_factor.accepted(session, account, code, call.master_keys):
        return Unauthorised("code_not_valid")
    return None


def _outcome(refusal: ApiError | None) -> str:
    """Half a log-in is neither good nor bad: if it counted as good, codes could be guessed for ever."""
    if refusal is None:
        return "ok"
    return "pending" if refusal.reason == "second_factor_required" else "failed"


async def _start(call: Call, session: AsyncSession, account: Account, former_token: str | None) -> str:
    user_agent = "".join(filter(str.isprintable, call.request.headers.get("user-agent", "")))
    user_agent = user_agent[: sessions.USER_AGENT_CHARACTERS]
    browsers = await sessions.browsers(session, account.id)
    if former_token:
        await sessions.end_with(session, former_token)
    if user_agent not in browsers and account.email:
        await notify(session, call.master_keys, "new_login", account.email, language=account.language)
    return await sessions.start(session, account.id, user_agent, crowded=len(browsers) >= sessions.MOST)
