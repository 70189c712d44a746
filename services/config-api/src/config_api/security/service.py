"""What the operator asks of audit, and how its answers become ours."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from config_api.problems import Conflict, Invalid, NotFound, Unavailable
from config_api.records import Page, Paging, next_cursor
from shared.audit import After, Entry, Filters, LegalHold, Lock, NewHold
from shared.audit_client import AuditClient
from shared.errors import PermanentError, TransientError

T = TypeVar("T", Entry, Lock, LegalHold)


async def entries(audit: AuditClient, filters: Filters, paging: Paging) -> Page[Entry]:
    """The newest first. Raises Malformed (`cursor_not_valid`), Unavailable (`audit_unavailable`)."""
    return await _page(paging, lambda after: audit.entries(filters, after), lambda entry: entry.occurred_at)


async def locks(audit: AuditClient, paging: Paging) -> Page[Lock]:
    """The first to end first. Raises as `entries`."""
    return await _page(paging, audit.locks, lambda lock: lock.locked_until)


async def holds(audit: AuditClient, paging: Paging) -> Page[LegalHold]:
    """The newest first. Raises as `entries`."""
    return await _page(paging, audit.holds, lambda hold: hold.created_at)


async def csv(audit: AuditClient, filters: Filters) -> AsyncGenerator[bytes]:
    """The stream, which has begun: what can go wrong at its start is an answer still.

    Raises Unavailable (`audit_unavailable`).
    """
    stream = _stream(audit, filters)
    with translated():
        first = await anext(stream)

    async def whole() -> AsyncGenerator[bytes]:
        yield first
        async for piece in stream:
            yield piece

    return whole()


async def lift(audit: AuditClient, lock_id: UUID) -> None:
    """Raises NotFound (`lock_unknown`), Unavailable (`audit_unavailable`)."""
    with translated():
        await audit.lift(lock_id)


async def hold(audit: AuditClient, data: NewHold) -> LegalHold:
    """Raises Invalid (`hold_without_filter`), Conflict (`hold_exists`), Unavailable (`audit_unavailable`)."""
    if data.fits_everything:
        raise Invalid("hold_without_filter")
    with translated():
        return await audit.hold(data)


async def release(audit: AuditClient, hold_id: UUID) -> None:
    """Raises NotFound (`hold_unknown`), Unavailable (`audit_unavailable`)."""
    with translated():
        await audit.release(hold_id)


@contextmanager
def translated() -> Generator[None]:
    """Audit's errors as the API's."""
    try:
        yield
    except TransientError as error:
        raise Unavailable(error.reason) from None
    except PermanentError as error:
        raise (NotFound if error.reason.endswith("_unknown") else Conflict)(error.reason) from None


async def _stream(audit: AuditClient, filters: Filters) -> AsyncGenerator[bytes]:
    async with audit.csv(filters) as pieces:
        async for piece in pieces:
            yield piece


async def _page(
    paging: Paging, ask: Callable[[After], Awaitable[Sequence[T]]], moment_of: Callable[[T], datetime]
) -> Page[T]:
    moment, last_id = paging.after() or (None, None)
    with translated():
        found = await ask(After(limit=paging.limit + 1, moment=moment, last_id=last_id))
    items = found[: paging.limit]
    cursor = next_cursor(moment_of(items[-1]), items[-1].id) if len(found) > paging.limit else None
    return Page(items=list(items), next_cursor=cursor)
