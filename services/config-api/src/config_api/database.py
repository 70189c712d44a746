"""Every transaction takes a role, which says what rows it sees.

`kinamik_tenant`: those of one organisation. `kinamik_account`: those of one person. `kinamik_auth`: everybody's
accounts, and nothing that an organisation owns. `kinamik_service`: reads across organisations.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import create_engine

# SET LOCAL ROLE as a function, so that it is one round trip with the rest.
TAKE_ROLE = text(
    "SELECT set_config('role', :role, true), set_config('kinamik.organisation_id', :organisation, true),"
    " set_config('kinamik.account_id', :account, true)"
)
# Connections of their own for finding out who is asking, each for as long as one statement takes.
LOOKUPS = 2
PATIENCE_SECONDS = 30.0


class _Turns:
    """Connections go to whoever has waited longest. In SQLAlchemy's pool newcomers overtake, and some wait for ever."""

    def __init__(self, connections: int) -> None:
        self._free = asyncio.Semaphore(connections)

    @asynccontextmanager
    async def take(self) -> AsyncGenerator[None]:
        """Raises SQLAlchemy's TimeoutError where it takes too long."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise PoolTimeout("no connection is free") from None
        try:
            yield
        finally:
            self._free.release()


class Database:
    def __init__(self, url: str, *, connections: int) -> None:
        self._engine = create_engine(url, connections=connections)
        self._turns = _Turns(connections)
        as_auth = {"options": "-c role=kinamik_auth"}
        self._askers = create_engine(url, connections=LOOKUPS, isolation_level="AUTOCOMMIT", connect_args=as_auth)
        self._askers_turns = _Turns(LOOKUPS)

    @asynccontextmanager
    async def tenant(self, organisation_id: UUID, *, snapshot: bool = False) -> AsyncGenerator[AsyncSession]:
        """One transaction that sees and writes this organisation's rows; committed at the end.

        `snapshot`: all of it as it was at one moment.
        """
        async with self._session("kinamik_tenant", organisation=str(organisation_id), snapshot=snapshot) as session:
            yield session

    @asynccontextmanager
    async def asker(self) -> AsyncGenerator[AsyncConnection]:
        """As `auth`, but each statement by itself: for every request anew, so it must not cost a transaction."""
        async with self._askers_turns.take(), self._askers.connect() as connection:
            yield connection

    @asynccontextmanager
    async def account(self, account_id: UUID, *, snapshot: bool = False) -> AsyncGenerator[AsyncSession]:
        """One transaction that sees and writes what is one person's own; `snapshot` as for `tenant`."""
        async with self._session("kinamik_account", account=str(account_id), snapshot=snapshot) as session:
            yield session

    @asynccontextmanager
    async def auth(self) -> AsyncGenerator[AsyncSession]:
        """One transaction that finds out who is asking, or makes it possible to."""
        async with self._session("kinamik_auth") as session:
            yield session

    @asynccontextmanager
    async def service(self, *, snapshot: bool = False) -> AsyncGenerator[AsyncSession]:
        """One transaction that reads across organisations; `snapshot`: all of it as it was at one moment."""
        async with self._session("kinamik_service", snapshot=snapshot) as session:
            yield session

    @asynccontextmanager
    async def outside_transactions(self) -> AsyncGenerator[AsyncConnection]:
        """Each statement by itself, as the schema's owner: for VACUUM, and for what is nobody's."""
        async with self._turns.take(), self._engine.connect() as connection:
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
        await self._askers.dispose()

    @asynccontextmanager
    async def _session(
        self, role: str, *, organisation: str = "", account: str = "", snapshot: bool = False
    ) -> AsyncGenerator[AsyncSession]:
        options = {"isolation_level": "REPEATABLE READ"} if snapshot else None
        async with (
            self._turns.take(),
            AsyncSession(self._engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            connection = await session.connection(execution_options=options)
            await connection.execute(TAKE_ROLE, {"role": role, "organisation": organisation, "account": account})
            yield session
