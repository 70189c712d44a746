"""The weight of the web UI, in Chromium on loopback."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.table import Row
from tests.servers.browser import running_chromium
from tests.web.inhabited import inhabited
from tests.web.weight import ENTRIES, VISITS, Answers, Visit, first_visit, large_table


def rows() -> Iterator[Row]:
    visits, answers = asyncio.run(_measure())
    for path, visit in visits.items():
        yield Row(
            f"first visit of {path}",
            f"{visit.script_bytes / 1000:.0f} kB of scripts, painted after {visit.painted:.2f} s "
            f"(a line of text: {visit.floor:.2f} s)",
        )
    yield Row(f"{ENTRIES:,} entries", f"p95 {answers.p95:.0f} ms to the next paint, worst {answers.worst:.0f} ms")


async def _measure() -> tuple[dict[str, Visit], Answers]:
    with tempfile.TemporaryDirectory() as folder, inhabited(Path(folder)) as place:
        async with running_chromium() as browsers:
            visits = {path: await first_visit(browsers, place, path, login) for path, login in VISITS}
            return visits, await large_table(browsers, place)
