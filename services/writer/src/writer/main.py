"""writer: saves proposed drafts to the mailboxes they belong to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from shared.bus.seam import Bus, Subscription
from shared.config import Mailbox
from shared.config_client import ConfigClient
from shared.events import ConfigChanged, DraftProposed
from shared.mailbox.imap import open_draft_store
from shared.mailbox.protocol import DraftStore
from shared.ops import Checks
from shared.service import run
from shared.tasks import background
from writer.handlers import Handlers
from writer.settings import Settings
from writer.stores import Stores

GROUP = "writer"


@asynccontextmanager
async def running(bus: Bus, config: ConfigClient, *, settings: Settings) -> AsyncGenerator[Checks]:
    """Subscribes; the caller starts the bus."""
    stores = Stores(partial(_connect, private_hosts=settings.private_hosts))
    handlers = Handlers(config, stores)
    bus.subscribe(
        Subscription(DraftProposed, GROUP, handlers.save_draft, attempts=3),
        Subscription(ConfigChanged, f"{GROUP}-config", handlers.config_changed),
    )
    async with background(stores.close_idle_for_ever(), name="idle-stores"):
        yield {}
    await stores.close()


async def _connect(mailbox: Mailbox, *, private_hosts: bool) -> DraftStore:
    return await open_draft_store(mailbox.imap, mailbox.drafts_folder, private_hosts=private_hosts)


def main() -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment fills in what is required
    run("writer", settings, settings.port, partial(running, settings=settings), concurrency=settings.concurrency)


if __name__ == "__main__":
    main()
