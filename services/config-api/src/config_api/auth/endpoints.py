"""What can be done without being logged in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from config_api.accounts.schemas import AccountPublic
from config_api.auth import login, recovery, registration
from config_api.auth.call import CallDep
from config_api.auth.cookie import forget, remember
from config_api.auth.schemas import Accepted, AddressOnly, Login, PasswordReset, Registration, Terms, TokenOnly
from config_api.deps import SettingsDep, require_own_page, session_token

# Another site's page could otherwise log people in or out as it likes.
router = APIRouter(prefix="/auth", tags=["auth"], dependencies=[Depends(require_own_page)])

SessionToken = Annotated[str | None, Depends(session_token)]


@router.get("/terms")
async def get_terms(settings: SettingsDep) -> Terms:
    """The terms that hold now."""
    return Terms(version=settings.terms_version)


@router.post("/register", status_code=202)
async def register(data: Registration, call: CallDep) -> Accepted:
    """Registers; a mail says how to go on. With an invitation's token one may log in at once."""
    await registration.register(call, data)
    return Accepted()


@router.post("/resend", status_code=202)
async def resend_confirmation(data: AddressOnly, call: CallDep) -> Accepted:
    """Mails the link that confirms a registration once more."""
    await registration.resend(call, data.email)
    return Accepted()


@router.post("/confirm", status_code=204)
async def confirm(data: TokenOnly, call: CallDep) -> None:
    """Confirms a registration, or a new address, with the token of the link."""
    await registration.confirm(call, data.token)


@router.post("/login")
async def log_in(data: Login, call: CallDep, response: Response, former: SessionToken) -> AccountPublic:
    """Logs in: the session is the cookie `__Host-authData`, or `authData` on plain loopback."""
    account, token = await login.log_in(call, data, former)
    remember(response, token, call.settings)
    return AccountPublic.model_validate(account)


@router.post("/logout", status_code=204)
async def log_out(call: CallDep, response: Response, token: SessionToken) -> None:
    """Ends the session at once, here and in the browser."""
    await login.log_out(call, token)
    forget(response, call.settings)


@router.post("/password-reset", status_code=202)
async def ask_for_password_reset(data: AddressOnly, call: CallDep) -> Accepted:
    """Mails a link for a new password."""
    await recovery.ask_for_reset(call, data.email)
    return Accepted()


@router.post("/password-reset/confirm", status_code=204)
async def reset_password(data: PasswordReset, call: CallDep) -> None:
    """Sets a new password with the token of the link, and ends every session."""
    await recovery.reset(call, data.token, data.password)
