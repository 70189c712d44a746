"""`python -m config_api.rotate`: after a new master key was put in front, re-encrypts everything with it."""

import asyncio

import structlog

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.rotation import rotate
from config_api.settings import Settings
from shared.telemetry import configure_logging

log = structlog.get_logger(__name__)


async def main(settings: Settings) -> None:
    database = Database(settings.database_url.get_secret_value(), connections=1)
    try:
        count = await rotate(database, MasterKeys.parse(settings.master_keys))
    finally:
        await database.close()
    log.info("rotated", values=count)


if __name__ == "__main__":
    configure_logging()
    asyncio.run(main(Settings()))  # pyright: ignore[reportCallIssue] - filled from the environment
