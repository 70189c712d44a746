"""audit: keeps the security log, counts what is tried, and forgets in time."""

import hmac
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import BaseRoute

from audit.anonymise import keep_anonymising
from audit.api import Api
from audit.erasure import forget
from audit.holds import Holds
from audit.locks import Locks
from audit.log import Log
from audit.settings import Settings
from shared.audit import Admission, Attempt, Success
from shared.bus.seam import Bus, Subscription
from shared.config_client import ConfigClient
from shared.database import create_engine, migrate
from shared.errors import PermanentError, TransientError
from shared.events import AuditRecorded, ErasureRequested
from shared.ops import Checks
from shared.service import run
from shared.tasks import background

GROUP = "audit"


@dataclass(frozen=True)
class Audit:
    """The service's parts, not running yet."""

    settings: Settings
    engine: AsyncEngine
    log: Log
    locks: Locks
    holds: Holds

    @classmethod
    def of(cls, settings: Settings) -> "Audit":
        engine = create_engine(settings.database_url.get_secret_value())
        # Of its own, so that a digest in the database is worth nothing without the installation's secret.
        secret = hmac.digest(settings.service_token.get_secret_value().encode(), b"kinamik.audit.locks", "sha256")
        return cls(settings, engine, Log(engine), Locks(engine, settings.rules(), secret), Holds(engine))

    def routes(self) -> list[BaseRoute]:
        return Api(self.settings.service_token, self.log, self.locks, self.holds).routes()

    async def admit(self, attempt: Attempt) -> Admission:
        """As over HTTP, for who is in the same process. Raises TransientError (`database_unavailable`)."""
        with _patience():
            return await self.locks.admit(attempt, datetime.now(UTC))

    async def succeeded(self, success: Success) -> None:
        """As `admit`."""
        with _patience():
            await self.locks.succeeded(success, datetime.now(UTC))

    @asynccontextmanager
    async def running(self, bus: Bus, _: ConfigClient | None = None) -> AsyncGenerator[Checks]:
        """Migrates and subscribes; the caller starts the bus."""
        try:
            await migrate(self.settings.database_url.get_secret_value(), "audit")
            bus.subscribe(
                Subscription(AuditRecorded, GROUP, self._record, attempts=None),
                Subscription(ErasureRequested, GROUP, self._forget, attempts=None),
            )
            async with background(keep_anonymising(self.engine), name="anonymise"):
                yield {"database": self._healthy}
        finally:
            await self.engine.dispose()

    async def _record(self, event: AuditRecorded) -> None:
        """Nothing else would bring an event back, so a database that refuses is asked again for ever."""
        with _patience():
            await self.log.record(event)

    async def _forget(self, event: ErasureRequested) -> None:
        with _patience():
            await forget(self.engine, event, self.locks)

    async def _healthy(self) -> bool:
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return True


@contextmanager
def _patience() -> Generator[None]:
    """What the database refuses may be tried again, unless it is the data that it refuses."""
    try:
        yield
    except DataError:
        raise PermanentError("entry_not_storable") from None
    except (SQLAlchemyError, OSError):
        raise TransientError("database_unavailable") from None


def main() -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment fills in what is required
    audit = Audit.of(settings)
    run("audit", settings, settings.port, audit.running, routes=audit.routes())


if __name__ == "__main__":
    main()
