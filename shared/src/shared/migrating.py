"""Migrating by command, before a service's new version starts. It may run twice, and beside the service."""

import asyncio

import structlog
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.database import migrate
from shared.telemetry import configure_logging

log = structlog.get_logger(__name__)


class DatabaseSettings(BaseSettings):
    """All that migrating needs; no token, and no key."""

    model_config = SettingsConfigDict(env_prefix="KINAMIK_", extra="ignore")

    database_url: SecretStr


def run(package: str, *, schema: str | None = None) -> None:
    """Brings the service's schema up to date and returns; `package` and `schema` are as for `migrate`.

    Raises SQLAlchemyError where the database refuses, or is away: whoever runs this runs it again.
    """
    configure_logging()
    settings = DatabaseSettings()  # pyright: ignore[reportCallIssue]  # the environment fills in what is required
    asyncio.run(migrate(settings.database_url.get_secret_value(), package, schema=schema))
    log.info("migrated", service=package)
