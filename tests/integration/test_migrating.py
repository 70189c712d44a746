"""Migrating by command, as an operator's upgrade does it before the new version starts."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT

import pytest
from sqlalchemy import text

from shared.database import create_engine
from tests.servers.postgres import Postgres

SCHEMAS = {"config_api": "config", "ingest": "ingest", "audit": "audit"}


async def migrating(service: str, url: str) -> tuple[int | None, str]:
    """Exit code and output of the command; of Kinamik's settings it gets the database's address only."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KINAMIK_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"{service}.migrate",
        env={**environment, "KINAMIK_DATABASE_URL": url},
        stdout=PIPE,
        stderr=STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def version(url: str, schema: str) -> list[str]:
    engine = create_engine(url)
    async with engine.connect() as connection:
        found = list((await connection.execute(text(f"SELECT version_num FROM {schema}.alembic_version"))).scalars())
    await engine.dispose()
    return found


@pytest.mark.parametrize(("service", "schema"), SCHEMAS.items())
async def test_migrating_twice_is_as_good_as_once(
    postgres: Postgres, empty_database: str, service: str, schema: str
) -> None:
    url = postgres.url(empty_database)
    code, output = await migrating(service, url)
    assert code == 0, output
    migrated = await version(url, schema)
    assert len(migrated) == 1
    assert (await migrating(service, url))[0] == 0
    assert await version(url, schema) == migrated


async def test_who_comes_second_waits_for_the_first(postgres: Postgres, empty_database: str) -> None:
    engine = create_engine(postgres.url(empty_database))
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with asyncio.timeout(120), engine.begin() as first:
        await first.execute(text("SELECT pg_advisory_xact_lock(hashtext('kinamik.migrate.audit'))"))
        second = asyncio.create_task(migrating("audit", postgres.url(empty_database)))
        while (await first.execute(waiting)).scalar_one() == 0:
            assert not second.done(), await second
            await asyncio.sleep(0.05)
    assert (await second)[0] == 0
    await engine.dispose()


async def test_a_database_that_is_away_is_told_by_the_exit_code_and_no_password_in_the_log() -> None:
    code, output = await migrating("audit", "postgresql://kinamik:geheim@127.0.0.1:1/kinamik")
    assert code == 1
    assert "geheim" not in output
