"""ingest: watches mailboxes, keeps the ledger, hands on what a person would have to answer."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from ingest.assignment import Assignment, KafkaAssignment
from ingest.forgetting import Forgetting
from ingest.handlers import Handlers
from ingest.ledger import Ledger
from ingest.ledger_api import LedgerApi
from ingest.pushes import Pushes
from ingest.settings import Settings
from ingest.supervisor import Supervisor
from shared.bus.kafka_login import kafka_login
from shared.bus.seam import Bus, Subscription
from shared.config_client import ConfigClient
from shared.database import create_engine, migrate
from shared.events import ConfigChanged, ErasureRequested, MailboxChanged, MessageSettled, RetryRequested
from shared.mailbox.opening import Opener
from shared.ops import Checks
from shared.service import run
from shared.tasks import background

GROUP = "ingest"


@asynccontextmanager
async def running(
    bus: Bus, config: ConfigClient, *, settings: Settings, assignment: Assignment, engine: AsyncEngine
) -> AsyncGenerator[Checks]:
    """Subscribes and watches; events wait for the caller to start the bus. Disposes of `engine` at the end."""
    await migrate(settings.database_url.get_secret_value(), "ingest")
    ledger = Ledger(engine)
    handlers = Handlers(ledger, config)
    bus.subscribe(
        Subscription(MessageSettled, GROUP, handlers.message_settled, attempts=None),
        Subscription(RetryRequested, GROUP, handlers.retry_requested, attempts=None),
        Subscription(ErasureRequested, GROUP, handlers.erasure_requested, attempts=None),
        Subscription(ConfigChanged, f"{GROUP}-config", handlers.config_changed, everyone=True),
    )
    pushes = Pushes(Opener(settings, config.access_token), settings, config.mailboxes, bus.publish)
    bus.subscribe(Subscription(MailboxChanged, f"{GROUP}-config", pushes.mailbox_changed, everyone=True))
    supervisor = Supervisor(
        config=config,
        ledger=ledger,
        assignment=assignment,
        connect=pushes.connect,
        publish=bus.publish,
        settings=settings,
    )
    try:
        forgetting = Forgetting(engine, settings.ledger_days)
        async with supervisor.running(), pushes.running(), background(forgetting.run(), name="forgetting"):
            yield {"ledger": ledger.answers}
    finally:
        await engine.dispose()


def main() -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment fills in what is required
    assignment = KafkaAssignment(settings.kafka_bootstrap, settings.kafka_replication, kafka_login(settings))
    engine = create_engine(settings.database_url.get_secret_value())
    service = partial(running, settings=settings, assignment=assignment, engine=engine)
    run("ingest", settings, settings.port, service, routes=LedgerApi(settings.service_token, Ledger(engine)).routes())


if __name__ == "__main__":
    main()
