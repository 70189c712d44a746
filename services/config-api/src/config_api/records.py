"""What all resources do with their rows: find one, list a page, mark as changed, leave a tombstone."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import bindparam, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from config_api.models import Record, now
from config_api.problems import Malformed, NotFound

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_statements: dict[type[Record], SelectOfScalar[Any]] = {}


class Page(BaseModel, Generic[T]):
    """`next_cursor` asks for what follows; None at the end."""

    items: list[T]
    next_cursor: str | None


class Paging(BaseModel):
    limit: int
    cursor: str | None

    def after(self) -> tuple[datetime, UUID] | None:
        """Raises Malformed where the cursor is none of ours."""
        if not self.cursor:
            return None
        try:
            moment, _, last = base64.urlsafe_b64decode(self.cursor).decode("ascii").partition("/")
            return datetime.fromisoformat(moment), UUID(last)
        except (binascii.Error, ValueError):
            raise Malformed("cursor_not_valid") from None


async def get_paging(limit: Annotated[int, Query(ge=1, le=500)] = 100, cursor: str | None = None) -> Paging:
    return Paging(limit=limit, cursor=cursor)


def next_cursor(moment: datetime, last: UUID) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()}/{last}".encode()).decode()


async def find(session: AsyncSession, model: type[R], record_id: UUID) -> R:
    """Raises NotFound (`mailbox_unknown` and the like), also for a tombstone."""
    rows = await session.exec(_by_id(model), params={"record_id": record_id})
    if (record := rows.one_or_none()) is None:
        raise NotFound(f"{model.__tablename__}_unknown")
    return record


def _by_id(model: type[R]) -> SelectOfScalar[R]:
    """Made once: putting it together takes as long as PostgreSQL does to answer it."""
    if model not in _statements:
        of_id = select(model).where(col(model.id) == bindparam("record_id"), col(model.deleted_at).is_(None))
        _statements[model] = of_id
    return _statements[model]


async def list_page(
    session: AsyncSession, query: SelectOfScalar[R], model: type[R], paging: Paging
) -> tuple[Sequence[R], str | None]:
    """What is not deleted, oldest first."""
    query = query.where(col(model.deleted_at).is_(None))
    if after := paging.after():
        query = query.where(tuple_(col(model.created_at), col(model.id)) > after)
    query = query.order_by(col(model.created_at), col(model.id)).limit(paging.limit + 1)
    rows = (await session.exec(query)).all()
    page = rows[: paging.limit]
    return page, next_cursor(page[-1].created_at, page[-1].id) if len(rows) > paging.limit else None


def change(record: Record, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(record, name, value)
    record.updated_at = now()
