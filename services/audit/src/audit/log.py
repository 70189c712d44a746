"""The security log: who did what to which id, from where, and how it ended."""

import ipaddress
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import RowMapping, Select, cast, select, text, tuple_
from sqlalchemy.dialects.postgresql import INET, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audit.tables import entries
from shared.audit import After, Entry, Filters
from shared.events import AuditRecorded

TAKE_ROLE = text("SELECT set_config('role', :role, true)")
WRITER = "kinamik_audit_writer"
KEEPER = "kinamik_audit_keeper"

# Actors that are no names: ids, with or without a word before them, and the parts of an installation.
ID = re.compile(r"([a-z]+ )?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PARTS = frozenset({"", "ingest", "drafter", "writer", "config-api", "audit", "operator-token"})
LONGEST_VALUE = 500


class Log:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, event: AuditRecorded) -> None:
        """Idempotent by the event's id."""
        async with taking(self._engine, WRITER) as connection:
            await connection.execute(insertion(event))

    async def search(self, filters: Filters, after: After) -> Sequence[Entry]:
        """The newest first."""
        query = _matching(filters).order_by(entries.c.occurred_at.desc(), entries.c.id.desc()).limit(after.limit)
        if after.moment is not None:
            query = query.where(tuple_(entries.c.occurred_at, entries.c.id) < (after.moment, after.last_id))
        async with taking(self._engine, KEEPER) as connection:
            return [_entry(row) for row in (await connection.execute(query)).mappings()]


@asynccontextmanager
async def taking(engine: AsyncEngine, role: str) -> AsyncGenerator[AsyncConnection]:
    """A transaction with no more rights than `role` has."""
    async with engine.begin() as connection:
        await connection.execute(TAKE_ROLE, {"role": role})
        yield connection


def insertion(event: AuditRecorded) -> Insert:
    """Stores it, or does nothing where it is stored already."""
    return insert(entries).values(**_row(event)).on_conflict_do_nothing()


def _row(event: AuditRecorded) -> dict[str, Any]:
    values = event.model_dump(exclude={"event_id"})
    row = {name: _storable(value) if isinstance(value, str) else value for name, value in values.items()}
    named = event.actor not in PARTS and ID.fullmatch(event.actor) is None
    found = {"address": _address(event.address), "user_name": row["user_name"].lower(), "named": named}
    return row | found | {"id": event.event_id}


def _storable(value: str) -> str:
    """Whatever somebody entered: nothing that PostgreSQL refuses may keep an event out of the log."""
    return value.replace("\x00", "\ufffd")[:LONGEST_VALUE].encode(errors="replace").decode()


def _address(value: str) -> str | None:
    try:
        return str(ipaddress.ip_address(value.partition("%")[0]))
    except ValueError:
        return None


def _matching(filters: Filters) -> Select[Any]:
    query = select(entries)
    if filters.since is not None:
        query = query.where(entries.c.occurred_at >= filters.since)
    if filters.until is not None:
        query = query.where(entries.c.occurred_at < filters.until)
    if filters.address is not None:
        query = query.where(entries.c.address.op("<<=")(cast(str(filters.address), INET)))
    if filters.organisation_id is not None:
        query = query.where(entries.c.organisation_id == filters.organisation_id)
    for name in ("action", "actor", "outcome", "user_name"):
        if value := getattr(filters, name):
            query = query.where(entries.c[name] == value)
    return query


def _entry(row: RowMapping) -> Entry:
    return Entry.model_validate({**row, "address": "" if row["address"] is None else str(row["address"])})
