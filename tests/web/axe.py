"""axe-core's verdict on a page as it is shown."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path(__file__).parents[2] / "services/config-api/web/node_modules/axe-core/axe.min.js"
# WCAG 2.2, levels A and AA.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Colours on their way from light to dark are nobody's.
AT_REST = """
new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
    .then(() => Promise.allSettled(document.getAnimations().map(animation => animation.finished)))
"""
RUN = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"


@cache
def _source() -> str:
    return AXE.read_text()


async def at_rest(page: Page) -> None:
    """Until nothing moves or changes its colour any more."""
    await page.evaluate(AT_REST)


async def violations(page: Page) -> list[str]:
    """Rule, what it is about, and where; empty where all is well."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    await at_rest(page)
    result: dict[str, Any] = await page.evaluate(RUN, TAGS)
    return [
        f"{violation['id']}: {node['target']} {' '.join(node['failureSummary'].split())}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
