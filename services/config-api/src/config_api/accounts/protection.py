"""Switching the second factor on and off."""

from uuid import UUID

from pydantic import SecretStr

from config_api.accounts import lookup, second_factor
from config_api.accounts.service import note, tell
from config_api.auth.again import failed, require_password
from config_api.auth.call import Call
from config_api.problems import Conflict, Fault, Forbidden

NOT_VALID = "code_not_valid"


async def offer(call: Call, account_id: UUID, password: SecretStr) -> tuple[str, str]:
    """Secret and otpauth URI. Raises Forbidden (`password_not_valid`), Conflict (`second_factor_active`)."""
    await require_password(call, account_id, password)
    async with call.database.account(account_id) as session:
        account = await lookup.get(session, account_id, lock=True)
        if account.second_factor:
            raise Conflict("second_factor_active")
        return second_factor.offer(account, call.master_keys)


async def switch_on(call: Call, account_id: UUID, code: str) -> list[str]:
    """Recovery codes.

    Raises Conflict (`second_factor_active`, `second_factor_not_begun`), Forbidden (`code_not_valid`).
    """
    async with call.database.account(account_id) as session:
        account = await lookup.get(session, account_id, lock=True)
        if account.second_factor:
            raise Conflict("second_factor_active")
        if account.totp_secret is None:
            raise Conflict("second_factor_not_begun")
        codes = await second_factor.switch_on(session, account, code, call.master_keys)
        if codes is None:
            raise _wrong_code()
        await tell(call, session, account, "second_factor_changed")
        await note(call, session, account, "second_factor.on")
    return codes


async def switch_off(call: Call, account_id: UUID, password: SecretStr, code: str) -> None:
    """Raises Forbidden (`password_not_valid`, `code_not_valid`), Conflict (`second_factor_not_active`)."""
    account = await require_password(call, account_id, password)
    async with call.database.account(account_id) as session:
        account = await lookup.get(session, account_id, lock=True)
        if not account.second_factor:
            raise Conflict("second_factor_not_active")
        if right := await second_factor.accepted(session, account, code, call.master_keys):
            await second_factor.switch_off(session, account)
            await tell(call, session, account, "second_factor_changed")
            await note(call, session, account, "second_factor.off")
    if not right:
        await failed(call, account)
        raise _wrong_code()


def _wrong_code() -> Forbidden:
    return Forbidden(NOT_VALID, [Fault(field="body.code", reason=NOT_VALID)])
