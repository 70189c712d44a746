"""What an export holds: rows of our own tables, and what the other services keep."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.members.models import Membership
from config_api.models import Organisation
from config_api.privacy.archive import Rows
from config_api.privacy.inventory import ORGANISATION, PERSON, Inventory, owner_column, shown
from config_api.privacy.others import OtherServices

BATCH = 100

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Content:
    """One file. `rows` is 0 where only another service knows the number."""

    kind: str
    batches: AsyncIterator[Rows]
    rows: int = 0


async def of_organisation(
    session: AsyncSession, inventory: Inventory, others: OtherServices, organisation_id: UUID
) -> Sequence[Content]:
    """`session` is the organisation's own: it sees no other's rows, whatever is asked here."""
    members = (
        select(*map(col, (Account.user_name, Account.first_name, Account.last_name, Membership.role)))
        .add_columns(col(Membership.created_at))
        .join(Membership, col(Membership.account_id) == Account.id)
        .where(col(Membership.organisation_id) == organisation_id)
    )
    queries = [*_of_tables(inventory.of_organisations(), ORGANISATION, organisation_id), ("members", members)]
    return [
        *[await _content(session, kind, query) for kind, query in queries],
        Content("ledger", others.ledger(organisation_id)),
        Content("security_log", others.log_of_organisation(organisation_id)),
    ]


async def of_person(
    session: AsyncSession, inventory: Inventory, others: OtherServices, account_id: UUID
) -> Sequence[Content]:
    """`session` is the person's own."""
    memberships = (
        select(col(Organisation.id), col(Organisation.name), col(Membership.role), col(Membership.created_at))
        .join(Membership, col(Membership.organisation_id) == Organisation.id)
        .where(col(Membership.account_id) == account_id)
    )
    queries = [*_of_tables(inventory.of_people(), PERSON, account_id), ("memberships", memberships)]
    return [
        *[await _content(session, kind, query) for kind, query in queries],
        Content("security_log", others.log_of_person(account_id)),
    ]


def _of_tables(tables: Sequence[Table], owner: str, owner_id: UUID) -> Iterator[tuple[str, Query]]:
    for table in tables:
        if (column := owner_column(table, owner)) is not None:
            yield table.name, select(*shown(table)).where(column == owner_id)


async def _content(session: AsyncSession, kind: str, query: Query) -> Content:
    connection = await session.connection()
    count = (await connection.execute(select(func.count()).select_from(query.subquery()))).scalar_one()
    return Content(kind, _batches(session, query), count)


async def _batches(session: AsyncSession, query: Query) -> AsyncIterator[Rows]:
    connection = await session.connection()
    async with connection.stream(query.execution_options(yield_per=BATCH)) as result:
        async for rows in result.mappings().partitions():
            yield [dict(row) for row in rows]
