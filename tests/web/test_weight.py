"""A first visit is light, a large table answers at once."""

import gzip
from pathlib import Path

import pytest

from tests.servers.browser import Browsers
from tests.web.inhabited import Inhabited
from tests.web.weight import VISITS, first_visit, large_table

pytestmark = pytest.mark.alone

SCRIPT_BYTES = 250_000
ANSWERED_MS = 200


@pytest.mark.parametrize(("path", "login"), VISITS)
async def test_a_first_visit_is_light(browsers: Browsers, place: Inhabited, path: str, login: str) -> None:
    """How soon it is there depends on the machine: `python -m tests.benchmarks web` tells."""
    visit = await first_visit(browsers, place, path, login)
    assert 0 < visit.script_bytes <= SCRIPT_BYTES
    assert visit.painted > 0


async def test_a_table_of_5000_entries_scrolls_and_edits_without_lag(browsers: Browsers, place: Inhabited) -> None:
    assert (await large_table(browsers, place)).p95 <= ANSWERED_MS


def test_the_built_page_names_no_other_host() -> None:
    """What is loaded is looked at by the other tests; this one finds what nobody has opened yet."""
    built = Path(__file__).parents[2] / "services/config-api/web/dist"
    styles = "".join(path.read_text() for path in built.glob("assets/*.css"))
    assert "url(http" not in styles
    assert "@import" not in styles
    assert all("://" not in line for line in (built / "index.html").read_text().splitlines() if "src=" in line)
    assert len(gzip.compress(styles.encode())) < 100_000
