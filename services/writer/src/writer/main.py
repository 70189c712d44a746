"""writer: saves proposed drafts to the mailboxes they belong to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from shared.bus.seam import Bus, Subscription
from shared.config_client import ConfigClient
from shared.events import ConfigChanged, DraftProposed
from shared.mailbox.opening import Opener
from shared.ops import Checks
from shared.service import run
from shared.tasks import background
from writer.handlers import Handlers
from writer.settings import Settings
from writer.stores import PATIENCE_SECONDS, Stores

GROUP = "writer"


@asynccontextmanager
async def running(bus: Bus, config: ConfigClient, *, settings: Settings) -> AsyncGenerator[Checks]:
    """Subscribes; the caller starts the bus."""
    stores = Stores(Opener(settings, config.access_token).drafts)
    handlers = Handlers(config, stores)
    bus.subscribe(
        Subscription(DraftProposed, GROUP, handlers.save_draft, attempts=3, patience=PATIENCE_SECONDS),
        Subscription(ConfigChanged, f"{GROUP}-config", handlers.config_changed, everyone=True),
    )
    async with background(stores.close_idle_for_ever(), name="idle-stores"):
        yield {}
    await stores.close()


def main() -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment fills in what is required
    run("writer", settings, settings.port, partial(running, settings=settings), concurrency=settings.concurrency)


if __name__ == "__main__":
    main()
