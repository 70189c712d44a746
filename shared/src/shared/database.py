"""PostgreSQL for the services that have a schema: engines, and migrations that run at every start."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from typing import Any

import structlog
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

log = structlog.get_logger(__name__)

TRUSTED_SECONDS = 1.0

# Roles belong to the whole server: another database's migration may be creating them at this moment.
_ROLE = """
DO $$ BEGIN
    CREATE ROLE {name} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
_MAY_TAKE = """
DO $$ BEGIN
    IF NOT pg_has_role(CURRENT_USER, '{name}', 'SET') THEN
        GRANT {name} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
    END IF;
END $$
"""


def database_url(url: str, driver: str = "psycopg") -> str:
    """The same database through another driver, `psycopg` or `asyncpg`; `url` may name any or none."""
    return make_url(url).set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)


def create_engine(url: str, *, driver: str = "psycopg", connections: int = 5, **options: Any) -> AsyncEngine:
    """At most `connections` at a time, each tested before use. Errors do not quote the statement's parameters.

    One that was in use less than a second ago is taken for good: asking it would cost as much as most queries.
    `options` are SQLAlchemy's.
    """
    engine = create_async_engine(
        database_url(url, driver), pool_size=connections, max_overflow=0, hide_parameters=True, **options
    )
    dialect = engine.sync_engine.dialect

    def returned(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["returned_at"] = time.monotonic()

    def taken(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() < entry.info.get("returned_at", time.monotonic()) + TRUSTED_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None

    event.listen(engine.sync_engine, "checkin", returned)
    event.listen(engine.sync_engine, "checkout", taken)
    return engine


async def repeatedly(work: Callable[[], Awaitable[object]], *, seconds: float, complaint: str) -> None:
    """At once and then again and again, with a pause between; a database that is away for a while does not end it.

    `complaint` is what the log then says.
    """
    while True:
        try:
            await work()
        except (SQLAlchemyError, OSError):
            log.exception(complaint)
        await asyncio.sleep(seconds)


def role_statements(name: str) -> Sequence[str]:
    """For migrations: a role nobody can log in with, which this user may take, and has no rights of by itself."""
    return _ROLE.format(name=name), _MAY_TAKE.format(name=name)


async def migrate(url: str, package: str, *, schema: str | None = None) -> None:
    """Brings a service's schema up to date, in one transaction; services that start together take turns.

    The version table lies in the schema itself, which is named like the package unless `schema` says otherwise.
    """
    engine = create_engine(url, connections=1)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, package, schema or package)
    finally:
        await engine.dispose()


def migrations(package: str) -> ScriptDirectory:
    """The revisions in the package's folder `migrations`."""
    folder = str(files(package) / "migrations")
    return ScriptDirectory(folder, version_locations=[folder])


def _upgrade(connection: Connection, package: str, schema: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"kinamik.migrate.{schema}"})
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    scripts = migrations(package)

    def steps(current: tuple[str, ...], _: MigrationContext) -> list[RevisionStep]:
        missing = list(scripts.iterate_revisions("heads", current, implicit_base=True))
        return [MigrationStep.upgrade_from_script(scripts.revision_map, script) for script in reversed(missing)]

    context = MigrationContext.configure(connection, opts={"fn": steps, "version_table_schema": schema})
    with Operations.context(context):
        context.run_migrations()
