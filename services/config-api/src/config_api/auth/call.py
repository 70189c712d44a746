"""One request about an account, and what it takes to answer it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.deps import DatabaseDep, MasterKeysDep, SettingsDep
from config_api.security import gate, log
from config_api.settings import Settings

USER_NAME_CHARACTERS = 320


@dataclass(frozen=True)
class Call:
    """No transaction: none may be held while a password is hashed, which takes its time and has to wait its turn."""

    request: Request
    database: Database
    master_keys: MasterKeys
    settings: Settings

    async def admit(self, action: str, *, user_name: str = "") -> bool:
        """Counts as a failure until `succeeded`; whether this one has locked the name. Raises TooManyRequests."""
        return (await gate.admit(self.request, action, user_name=_counted(user_name))).locks_name

    async def succeeded(self, action: str, account: Account, *, user_name: str = "") -> None:
        """Whose account it is has been proven, as `user_name` where that was admitted. Not within a transaction."""
        names = tuple(_counted(name) for name in (account.user_name, account.email) if name)
        entered = _counted(user_name) or names[0]
        await gate.succeeded(self.request, action, user_name=entered, others=names, counted=bool(user_name))

    async def record(
        self,
        session: AsyncSession,
        action: str,
        *,
        actor: str = "",
        subject: str = "",
        user_name: str = "",
        outcome: str = "ok",
    ) -> None:
        """In the security log."""
        await log.record(
            session, self.request, action, actor=actor, subject=subject, user_name=_counted(user_name), outcome=outcome
        )


def _counted(user_name: str) -> str:
    """In small letters, of which there can be more."""
    return user_name.lower()[:USER_NAME_CHARACTERS]


async def get_call(request: Request, database: DatabaseDep, master_keys: MasterKeysDep, settings: SettingsDep) -> Call:
    return Call(request, database, master_keys, settings)


CallDep = Annotated[Call, Depends(get_call)]
