"""All services in this process on one database, as one machine runs them, to be asked and looked into."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import httpx2
import psycopg
from psycopg import sql
from pydantic import SecretStr

from config_api.app import ConfigApi, create_app
from embedded import house
from embedded.settings import Settings
from tests.servers.canaries import forms
from tests.servers.config_api import ADMIN_TOKEN, SERVICE_TOKEN, ConfigApiServer, a_master_key, settings_for
from tests.servers.mail_server import free_ports
from tests.servers.postgres import Postgres


@asynccontextmanager
async def running_whole(postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
    """`service` is a second config-api on the same database, which is not running: only its parts are used."""
    (port,) = free_ports(1)
    key = a_master_key("first")
    secrets = house.Secrets(SecretStr(SERVICE_TOKEN), SecretStr(ADMIN_TOKEN), SecretStr(key))
    service = ConfigApi.of(settings_for(postgres.url(database), master_keys=key))
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    url = f"http://127.0.0.1:{port}"
    try:
        async with (
            house.running(postgres.url(database), Settings(api_port=port, demo=False), secrets),
            httpx2.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=30) as http,
        ):
            yield ConfigApiServer(service, url, http, database, asyncio.Queue(), create_app(service))
    finally:
        await service.database.close()


def tables(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Schema and name of every table that is not PostgreSQL's own."""
    query = (
        "SELECT schemaname, tablename FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
    )
    return connection.execute(query).fetchall()


def cells(connection: psycopg.Connection, schema: str, table: str) -> Iterator[bytes]:
    """Every value of every row: bytes as they are, everything else as text."""
    name = sql.Identifier(schema, table)
    columns = connection.execute(
        "SELECT attname, atttypid = 'bytea'::regtype FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        (name.as_string(connection),),
    ).fetchall()
    for column, is_bytes in columns:
        form = sql.SQL("{}") if is_bytes else sql.SQL("convert_to({}::text, 'UTF8')")
        query = sql.SQL("SELECT {} FROM {}").format(form.format(sql.Identifier(column)), name)
        yield from (row[0] for row in connection.execute(query) if row[0])


def tables_with(conninfo: str, *words: str) -> set[str]:
    """The tables in which any of the words is, in any form, as `schema.table`."""
    looked_for = [form for word in words for form in forms(word)]
    with psycopg.connect(conninfo) as connection:
        return {
            f"{schema}.{table}"
            for schema, table in tables(connection)
            if any(form in data for data in cells(connection, schema, table) for form in looked_for)
        }
