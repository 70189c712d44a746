"""The account of whoever is logged in."""

from uuid import UUID

from fastapi import APIRouter, Response

from config_api.accounts import lookup, protection, removal, service, sessions
from config_api.accounts.schemas import (
    AccountPublic,
    AccountUpdate,
    CodeOnly,
    EmailChange,
    PasswordAndCode,
    PasswordChange,
    PasswordOnly,
    RecoveryCodes,
    SecondFactorOffer,
    SessionPublic,
)
from config_api.auth.again import require_password
from config_api.auth.call import CallDep
from config_api.auth.cookie import forget
from config_api.auth.schemas import Accepted
from config_api.deps import AccountId, AccountSession, PrincipalDep
from config_api.problems import NotFound

router = APIRouter(prefix="/account", tags=["account"])


@router.get("")
async def get_account(account_id: AccountId, session: AccountSession) -> AccountPublic:
    """The profile."""
    return AccountPublic.model_validate(await lookup.get(session, account_id))


@router.patch("")
async def update_account(data: AccountUpdate, account_id: AccountId, call: CallDep) -> AccountPublic:
    """Changes the profile; what is left out stays as it is."""
    return AccountPublic.model_validate(await service.modify(call, account_id, data))


@router.delete("", status_code=204)
async def delete_account(data: PasswordOnly, account_id: AccountId, call: CallDep, response: Response) -> None:
    """Deletes the account for good. Whoever is an organisation's last owner hands it over or deletes it first."""
    await require_password(call, account_id, data.password)
    await removal.remove(call, account_id, actor=str(account_id))
    forget(response, call.settings)


@router.put("/password", status_code=204)
async def change_password(data: PasswordChange, account_id: AccountId, caller: PrincipalDep, call: CallDep) -> None:
    """Sets a new password, and ends every other session."""
    await service.change_password(call, account_id, caller.session_id, data.password, data.new_password)


@router.post("/email", status_code=202)
async def change_email(data: EmailChange, account_id: AccountId, call: CallDep) -> Accepted:
    """Mails a link to the new address, which is the account's once the link is used."""
    await service.ask_for_email(call, account_id, data)
    return Accepted()


@router.get("/sessions")
async def list_sessions(account_id: AccountId, caller: PrincipalDep, session: AccountSession) -> list[SessionPublic]:
    """Where one is logged in, the session used last first; there are never more than 20."""
    rows = [SessionPublic.model_validate(row) for row in await sessions.of(session, account_id)]
    return [row.model_copy(update={"current": row.id == caller.session_id}) for row in rows]


@router.delete("/sessions", status_code=204)
async def end_other_sessions(account_id: AccountId, caller: PrincipalDep, call: CallDep) -> None:
    """Ends all sessions but the one that asks."""
    await service.end_other_sessions(call, account_id, caller.session_id)


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: UUID, account_id: AccountId, call: CallDep) -> None:
    """Ends one session at once."""
    if not await service.end_session(call, account_id, session_id):
        raise NotFound("session_unknown")


@router.post("/second-factor")
async def offer_second_factor(data: PasswordOnly, account_id: AccountId, call: CallDep) -> SecondFactorOffer:
    """A new secret for an authenticator app; it counts once a code of it has been confirmed."""
    secret, uri = await protection.offer(call, account_id, data.password)
    return SecondFactorOffer(secret=secret, uri=uri)


@router.post("/second-factor/confirm")
async def confirm_second_factor(data: CodeOnly, account_id: AccountId, call: CallDep) -> RecoveryCodes:
    """Switches the second factor on; the recovery codes are shown this once."""
    return RecoveryCodes(codes=await protection.switch_on(call, account_id, data.code))


@router.delete("/second-factor", status_code=204)
async def remove_second_factor(data: PasswordAndCode, account_id: AccountId, call: CallDep) -> None:
    """Switches the second factor off, with a code of the app or a recovery code."""
    await protection.switch_off(call, account_id, data.password, data.code)
