"""Links that somebody asks for by entering an address.

Whether the address is known is looked up after the answer has left, so neither the answer nor its timing tells.
"""

from typing import Literal

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts import lookup
from config_api.auth.links import send_link
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.outbox import open_sealed, put_sealed

QUEUE = "asked-by-mail"


class Asked(BaseModel):
    purpose: Literal["registration", "password"]
    email: str


async def ask(
    session: AsyncSession, master_keys: MasterKeys, purpose: Literal["registration", "password"], email: str
) -> None:
    """Mails the link once this transaction is committed, if there is anything to be mailed."""
    await put_sealed(session, master_keys, QUEUE, Asked(purpose=purpose, email=email).model_dump_json().encode())


class ByMail:
    def __init__(self, database: Database, master_keys: MasterKeys) -> None:
        self._database = database
        self._master_keys = master_keys

    async def answer(self, payload: bytes) -> None:
        """Raises PermanentError where `payload` cannot be opened."""
        asked = Asked.model_validate_json(open_sealed(payload, self._master_keys, QUEUE))
        async with self._database.auth() as session:
            account = await lookup.by_email(session, asked.email)
            if account is None or not account.active:
                return
            if asked.purpose == "password":
                await send_link(session, self._master_keys, account, "password")
            elif account.confirmed_at is None:
                await send_link(session, self._master_keys, account, "registration")
