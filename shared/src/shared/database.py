"""PostgreSQL for the services that have a schema: engines, and migrations that run at every start."""

from importlib.resources import files

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def database_url(url: str, driver: str = "psycopg") -> str:
    """The same database through another driver, `psycopg` or `asyncpg`; `url` may name any or none."""
    return make_url(url).set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)


def create_engine(url: str, *, driver: str = "psycopg", connections: int = 5) -> AsyncEngine:
    """At most `connections` at a time, each tested before use. Errors do not quote the statement's parameters."""
    return create_async_engine(
        database_url(url, driver), pool_size=connections, max_overflow=0, pool_pre_ping=True, hide_parameters=True
    )


async def migrate(url: str, package: str, *, schema: str | None = None) -> None:
    """Brings a service's schema up to date, in one transaction; services that start together take turns.

    The migrations are the Alembic revisions in the package's folder `migrations`. The version table lies in the
    schema itself, which is named like the package unless `schema` says otherwise.
    """
    engine = create_engine(url, connections=1)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, package, schema or package)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, package: str, schema: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"kinamik.migrate.{schema}"})
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    folder = str(files(package) / "migrations")
    scripts = ScriptDirectory(folder, version_locations=[folder])

    def steps(current: tuple[str, ...], _: MigrationContext) -> list[RevisionStep]:
        missing = list(scripts.iterate_revisions("heads", current, implicit_base=True))
        return [MigrationStep.upgrade_from_script(scripts.revision_map, script) for script in reversed(missing)]

    context = MigrationContext.configure(connection, opts={"fn": steps, "version_table_schema": schema})
    with Operations.context(context):
        context.run_migrations()
