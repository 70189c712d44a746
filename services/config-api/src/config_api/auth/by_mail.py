"""Mails that somebody brings about by entering an address, or a user name.

Whether it is known is looked up after the answer has left, so neither the answer nor its timing tells.
"""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts import lookup
from config_api.accounts.models import Account
from config_api.auth.links import send_link
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import now
from config_api.notices.service import notify
from config_api.outbox import open_sealed, put_sealed

QUEUE = "asked-by-mail"
LOCKS_TOLD_EVERY = timedelta(days=1)

Purpose = Literal["registration", "password", "locked"]


class Asked(BaseModel):
    """`locked` tells of failed log-ins, the others mail a link."""

    purpose: Purpose
    login: str


async def ask(session: AsyncSession, master_keys: MasterKeys, purpose: Purpose, login: str) -> None:
    """Mails the link, or tells the person, once this transaction is committed, if there is anybody to be told."""
    await put_sealed(session, master_keys, QUEUE, Asked(purpose=purpose, login=login).model_dump_json().encode())


class ByMail:
    def __init__(self, database: Database, master_keys: MasterKeys) -> None:
        self._database = database
        self._master_keys = master_keys

    async def answer(self, payload: bytes) -> None:
        """Raises PermanentError where `payload` cannot be opened."""
        asked = Asked.model_validate_json(open_sealed(payload, self._master_keys, QUEUE))
        async with self._database.auth() as session:
            account = await lookup.by_login(session, asked.login, lock=True)
            if account is None or not account.active:
                return
            if asked.purpose == "locked":
                await self._tell_of_lock(session, account)
            elif asked.purpose == "password":
                await send_link(session, self._master_keys, account, "password")
            elif account.confirmed_at is None:
                await send_link(session, self._master_keys, account, "registration")

    async def _tell_of_lock(self, session: AsyncSession, account: Account) -> None:
        """Once a day, so that nobody can fill a stranger's mailbox; and nobody who has not confirmed the address."""
        told = account.lock_told_at
        if not account.email or account.confirmed_at is None or (told and told > now() - LOCKS_TOLD_EVERY):
            return
        account.lock_told_at = now()
        await notify(session, self._master_keys, "account_locked", account.email, language=account.language)
