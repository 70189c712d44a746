"""Every transaction takes a role, which says what rows it sees.

`kinamik_tenant`: those of one organisation. `kinamik_account`: those of one person. `kinamik_auth`: everybody's
accounts, and nothing that an organisation owns. `kinamik_service`: reads across organisations.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import create_engine

# SET LOCAL ROLE as a function, so that it is one round trip with the rest.
TAKE_ROLE = text(
    "SELECT set_config('role', :role, true), set_config('kinamik.organisation_id', :organisation, true),"
    " set_config('kinamik.account_id', :account, true)"
)


class Database:
    def __init__(self, url: str, *, connections: int) -> None:
        self._engine = create_engine(url, connections=connections)

    @asynccontextmanager
    async def tenant(self, organisation_id: UUID, *, snapshot: bool = False) -> AsyncGenerator[AsyncSession]:
        """One transaction that sees and writes this organisation's rows; committed at the end.

        `snapshot`: all of it as it was at one moment.
        """
        isolation = "REPEATABLE READ" if snapshot else "READ COMMITTED"
        async with self._session("kinamik_tenant", organisation=str(organisation_id), isolation=isolation) as session:
            yield session

    @asynccontextmanager
    async def account(self, account_id: UUID, *, snapshot: bool = False) -> AsyncGenerator[AsyncSession]:
        """One transaction that sees and writes what is one person's own; `snapshot` as for `tenant`."""
        isolation = "REPEATABLE READ" if snapshot else "READ COMMITTED"
        async with self._session("kinamik_account", account=str(account_id), isolation=isolation) as session:
            yield session

    @asynccontextmanager
    async def auth(self) -> AsyncGenerator[AsyncSession]:
        """One transaction that finds out who is asking, or makes it possible to."""
        async with self._session("kinamik_auth") as session:
            yield session

    @asynccontextmanager
    async def service(self, *, snapshot: bool = False) -> AsyncGenerator[AsyncSession]:
        """One transaction that reads across organisations; `snapshot`: all of it as it was at one moment."""
        isolation = "REPEATABLE READ" if snapshot else "READ COMMITTED"
        async with self._session("kinamik_service", isolation=isolation) as session:
            yield session

    @asynccontextmanager
    async def outside_transactions(self) -> AsyncGenerator[AsyncConnection]:
        """Each statement by itself, as the schema's owner: for VACUUM, and for what is nobody's."""
        async with self._engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def healthy(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.outside_transactions() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError):
            return False
        return True

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _session(
        self,
        role: str,
        *,
        organisation: str = "",
        account: str = "",
        isolation: IsolationLevel = "READ COMMITTED",
    ) -> AsyncGenerator[AsyncSession]:
        async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
            connection = await session.connection(execution_options={"isolation_level": isolation})
            await connection.execute(TAKE_ROLE, {"role": role, "organisation": organisation, "account": account})
            yield session
