"""Mails with a link in them that proves an address."""

from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.auth.tickets import Purpose, issue
from config_api.crypto import MasterKeys
from config_api.notices.service import Kind, notify

# What the mail is, and the page of the web UI its link leads to.
MAILS: dict[Purpose, tuple[Kind, str]] = {
    "registration": ("confirm_registration", "/confirm"),
    "email": ("confirm_email", "/confirm"),
    "password": ("reset_password", "/reset-password"),
}


async def send_link(
    session: AsyncSession, master_keys: MasterKeys, account: Account, purpose: Purpose, *, new_email: str | None = None
) -> None:
    """To the account's address, or to the new one that is to be proven."""
    token = await issue(session, account.id, purpose, email=new_email)
    kind, page = MAILS[purpose]
    recipient, link = new_email or account.email or "", f"{page}#token={token}"
    await notify(session, master_keys, kind, recipient, language=account.language, link=link)


async def tell_owner(session: AsyncSession, master_keys: MasterKeys, account: Account) -> None:
    """That somebody, perhaps the same person, wants to use the address of this account for another one."""
    await notify(
        session, master_keys, "already_registered", account.email or "", language=account.language, link="/login"
    )
