"""Which tables hold what belongs to an organisation or to a person.

Asked of the database itself, so that a table that a later migration adds is exported and erased without anybody
thinking of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, text

from config_api.database import Database
from config_api.models import SCHEMA

ORGANISATION, PERSON = "organisation_id", "account_id"
OWNERS = {"organisation": ORGANISATION, "account": PERSON}

# Secrets, or what secrets are recognised by: nobody's business outside.
SECRET = re.compile(r"password|secret|digest|hash|sealed|wrapped|(^|_)(token|key)$")

# Addresses of people who have not joined.
ABOUT_OTHERS = {"invitation": frozenset({"email"})}


@dataclass(frozen=True)
class Inventory:
    """The tables of schema `config`, each after those that it refers to."""

    tables: Sequence[Table]

    def of_organisations(self) -> Sequence[Table]:
        return [table for table in self.tables if owner_column(table, ORGANISATION) is not None]

    def of_people(self) -> Sequence[Table]:
        return [table for table in self.tables if owner_column(table, PERSON) is not None]


def owner_column(table: Table, owner: str) -> Column[object] | None:
    """The column that says whose a row is; `owner` is ORGANISATION or PERSON."""
    return table.columns.get("id" if OWNERS.get(table.name) == owner else owner)


def shown(table: Table) -> Sequence[Column[object]]:
    """The columns that an export has."""
    about_others = ABOUT_OTHERS.get(table.name, frozenset())
    return [column for column in table.columns if not _is_secret(column) and column.name not in about_others]


def _is_secret(column: Column[object]) -> bool:
    return SECRET.search(column.name) is not None or isinstance(column.type, LargeBinary)


async def take_inventory(database: Database) -> Inventory:
    async with database.outside_transactions() as connection:
        return Inventory(await connection.run_sync(_reflected))


def _reflected(connection: Connection) -> Sequence[Table]:
    metadata = MetaData()
    names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"), {"schema": SCHEMA})
    metadata.reflect(connection, SCHEMA, only=list(names.scalars()))
    return metadata.sorted_tables
