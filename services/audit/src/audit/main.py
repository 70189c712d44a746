"""audit: keeps the security log."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy.exc import DBAPIError

from audit.log import Log
from audit.settings import Settings
from shared.bus.seam import Bus, Subscription
from shared.config_client import ConfigClient
from shared.database import create_engine, migrate
from shared.errors import TransientError
from shared.events import AuditRecorded
from shared.ops import Checks
from shared.service import run

GROUP = "audit"


@asynccontextmanager
async def running(bus: Bus, config: ConfigClient, *, settings: Settings) -> AsyncGenerator[Checks]:
    """Subscribes; the caller starts the bus."""
    url = settings.database_url.get_secret_value()
    await migrate(url, "audit")
    engine = create_engine(url)
    log = Log(engine)

    async def record(event: AuditRecorded) -> None:
        try:
            await log.record(event)
        except (DBAPIError, OSError):
            raise TransientError("database_unavailable") from None

    bus.subscribe(Subscription(AuditRecorded, GROUP, record, attempts=None))
    try:
        yield {}
    finally:
        await engine.dispose()


def main() -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment fills in what is required
    run("audit", settings, settings.port, partial(running, settings=settings))


if __name__ == "__main__":
    main()
