"""A one-machine run with its demo mailbox, and a browser to look at it with."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from tests.servers.browser import Browsers, require_chromium, running_chromium
from tests.web.inhabited import Inhabited, inhabited

BUILT = Path(__file__).parents[2] / "services" / "config-api" / "web" / "dist" / "index.html"


@pytest.fixture
async def browsers() -> AsyncGenerator[Browsers]:
    async with running_chromium() as running:
        yield running


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    """The run that all tests look at, with an organisation that has been at work for a while."""
    require_chromium()
    assert BUILT.exists(), "the web UI is not built: make web"
    with inhabited(tmp_path_factory.mktemp("inhabited")) as made:
        yield made
