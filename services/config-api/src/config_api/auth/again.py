"""Asking for the password once more, before something that a stolen cookie alone must not do."""

from uuid import UUID

from pydantic import SecretStr

from config_api.accounts import lookup
from config_api.accounts.models import Account
from config_api.auth import passwords
from config_api.auth.by_mail import ask
from config_api.auth.call import Call
from config_api.problems import Fault, Forbidden


async def require_password(call: Call, account_id: UUID, password: SecretStr) -> Account:
    """The account, as it was then. Raises Forbidden (`password_not_valid`), TooManyRequests.

    A wrong one is a failed log-in: guessing is not to be easier here than there.
    """
    async with call.database.account(account_id) as session:
        account = await lookup.get(session, account_id)
    locked = await call.admit("login", user_name=account.user_name)
    if not await passwords.verified(password, account.password_hash):
        await failed(call, account, locked=locked)
        raise Forbidden("password_not_valid", [Fault(field="body.password", reason="password_not_valid")])
    await call.succeeded("login", account, user_name=account.user_name)
    return account


async def failed(call: Call, account: Account, *, locked: bool = False) -> None:
    async with call.database.account(account.id) as session:
        actor = str(account.id)
        await call.record(session, "login", actor=actor, subject=actor, user_name=account.user_name, outcome="failed")
        if locked:
            await ask(session, call.master_keys, "locked", account.user_name)
