"""A ledger in a database of the test's own, and mailboxes for it."""

from collections.abc import AsyncGenerator
from datetime import datetime
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from ingest.ledger import Ledger
from shared.config import ImapAccount, Mailbox
from shared.database import create_engine, migrate
from tests.servers.postgres import Postgres

NOWHERE = ImapAccount(host="127.0.0.1", port=1, username="info", password=SecretStr("geheim"))


@pytest.fixture
async def ledger_engine(postgres: Postgres, database: str) -> AsyncGenerator[AsyncEngine]:
    await migrate(postgres.url(database), "ingest")
    engine = create_engine(postgres.url(database))
    yield engine
    await engine.dispose()


@pytest.fixture
def ledger(ledger_engine: AsyncEngine) -> Ledger:
    return Ledger(ledger_engine)


def watched_since(moment: datetime, account: ImapAccount = NOWHERE) -> Mailbox:
    """A mailbox that is on, with ids of its own."""
    return Mailbox(
        id=uuid4(),
        organisation_id=uuid4(),
        assistant_id=uuid4(),
        revision=1,
        address="info@hotel-seeblick.example",
        active=True,
        watch_since=moment,
        account=account,
    )
