"""config-api as most tests want it, and who asks it. A file overrides what it wants otherwise."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.servers.config_api import ConfigApiServer, Resource, running_config_api
from tests.servers.person import Person, a_person
from tests.servers.postgres import Postgres


@pytest.fixture
def api_settings() -> dict[str, Any]:
    """What differs from the usual."""
    return {}


@pytest.fixture
async def api(postgres: Postgres, database: str, api_settings: dict[str, Any]) -> AsyncGenerator[ConfigApiServer]:
    async with running_config_api(postgres, database, **api_settings) as server:
        yield server


@pytest.fixture
async def anna(api: ConfigApiServer) -> Person:
    """Registered and logged in, and nobody's owner yet."""
    return await a_person(api, "anna")


@pytest.fixture
async def assistant(api: ConfigApiServer) -> Resource:
    """Of an organisation that nobody belongs to but the operator."""
    return await api.an_assistant()
