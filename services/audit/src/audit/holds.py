"""Legal holds: what fits one of them is not anonymised until it is released."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, RowMapping, and_, exists, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from audit.tables import entries, holds
from shared.audit import After, LegalHold, NewHold


class Holds:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, hold: NewHold, now: datetime) -> LegalHold | None:
        """None where one of this name is in force already."""
        row = hold.model_dump() | {"id": uuid4(), "created_at": now, "address": _text(hold.address)}
        async with self._engine.begin() as connection:
            made = insert(holds).values(**row).on_conflict_do_nothing().returning(holds)
            found = (await connection.execute(made)).mappings().one_or_none()
        return None if found is None else _hold(found)

    async def list_page(self, after: After) -> Sequence[LegalHold]:
        """All that there ever were, the newest first."""
        query = select(holds).order_by(holds.c.created_at.desc(), holds.c.id.desc()).limit(after.limit)
        if after.moment is not None:
            query = query.where(tuple_(holds.c.created_at, holds.c.id) < (after.moment, after.last_id))
        async with self._engine.connect() as connection:
            return [_hold(row) for row in (await connection.execute(query)).mappings()]

    async def release(self, hold_id: UUID, now: datetime) -> bool:
        """What it held goes with the next anonymisation; whether there was such a hold in force."""
        in_force = holds.c.id == hold_id, holds.c.released_at.is_(None)
        forgotten = {"released_at": now, "user_name": "", "address": None, "actor": ""}
        async with self._engine.begin() as connection:
            released = await connection.execute(update(holds).where(*in_force).values(forgotten))
        return released.rowcount > 0


def held() -> ColumnElement[bool]:
    """Whether an entry is under a hold."""
    same = (
        or_(holds.c.since.is_(None), entries.c.occurred_at >= holds.c.since),
        or_(holds.c.until.is_(None), entries.c.occurred_at < holds.c.until),
        or_(holds.c.organisation_id.is_(None), entries.c.organisation_id == holds.c.organisation_id),
        or_(holds.c.actor == "", entries.c.actor == holds.c.actor),
        or_(holds.c.user_name == "", entries.c.user_name == holds.c.user_name),
        or_(holds.c.address.is_(None), entries.c.address.op("<<=")(holds.c.address)),
    )
    return exists().where(and_(holds.c.released_at.is_(None), *same))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _hold(row: RowMapping) -> LegalHold:
    return LegalHold.model_validate({**row, "address": _text(row["address"])})
