"""A new password for whoever can read the account's mail."""

from pydantic import SecretStr

from config_api.accounts import lookup, sessions
from config_api.auth import passwords, tickets
from config_api.auth.by_mail import ask
from config_api.auth.call import Call
from config_api.models import now
from config_api.notices.service import notify


async def ask_for_reset(call: Call, email: str) -> None:
    await call.admit("password_reset", user_name=email)
    async with call.database.auth() as session:
        await ask(session, call.master_keys, "password", email)
        await call.record(session, "password_reset", outcome="asked")


async def reset(call: Call, token: str, password: SecretStr) -> None:
    """Ends every session, leaves the second factor as it is, and proves the address.

    Raises Invalid (`link_not_valid`, `password_too_common`, `password_too_guessable`).
    """
    async with call.database.auth() as session:
        user_name = (await lookup.get(session, await tickets.holder(session, token, "password"))).user_name
    passwords.require_good(password, user_name)
    password_hash = await passwords.hashed(password)
    async with call.database.auth() as session:
        ticket = await tickets.redeem(session, token, "password")
        account = await lookup.get(session, ticket.account_id, lock=True)
        account.password_hash, account.updated_at = password_hash, now()
        account.confirmed_at = account.confirmed_at or now()
        await sessions.end_all(session, account.id)
        await tickets.withdraw(session, account.id, "registration", "email")
        if account.email:
            await notify(session, call.master_keys, "password_changed", account.email, language=account.language)
        await call.record(session, "password_reset", actor=str(account.id), subject=str(account.id))
    await call.succeeded("login", account)
