"""Work that is done again and again outlives a database that is away, and nothing else."""

import asyncio

import pytest
from sqlalchemy.exc import SQLAlchemyError
from structlog.testing import capture_logs

from shared.database import repeatedly


async def test_a_database_that_is_away_does_not_end_it() -> None:
    failures = [OSError(), SQLAlchemyError(), OSError()]
    done = asyncio.Event()

    async def work() -> None:
        if failures:
            raise failures.pop()
        done.set()

    with capture_logs() as logs:
        task = asyncio.create_task(repeatedly(work, seconds=0, complaint="not_worked"))
        await asyncio.wait_for(done.wait(), 5)
        task.cancel()
    assert [entry["event"] for entry in logs] == ["not_worked"] * 3


async def test_a_mistake_does() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(repeatedly(work, seconds=0, complaint="not_worked"), 5)


async def test_there_is_a_pause_between() -> None:
    times = 0

    async def work() -> None:
        nonlocal times
        times += 1

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(repeatedly(work, seconds=60, complaint="not_worked"), 0.2)
    assert times == 1
