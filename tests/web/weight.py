"""Measures what a first visit loads, how soon it shows something, and how fast a large table answers."""

from dataclasses import dataclass
from statistics import quantiles

from tests.servers.browser import Browsers, Window
from tests.web.inhabited import OWNER, PASSWORD, Inhabited
from tests.web.pages import ASSISTANT, ORGANISATION

ENTRIES = 5_000
TRIES = 3
BARE = "/healthz"
VISITS = (("/", ""), ("/login", ""), (ORGANISATION, OWNER))

# Without the chart, which is asked for once the page has been painted.
SCRIPTS = """
performance.getEntriesByType('resource').map(each => [new URL(each.name).pathname, each.encodedBodySize])
    .filter(([path]) => path.endsWith('.js') && !path.includes('/bar-picture-')).map(([, size]) => size)
"""
PAINTED = """
new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries().at(-1).startTime))
    .observe({type: 'largest-contentful-paint', buffered: true}))
"""
LISTEN = """
window.answered = []
new PerformanceObserver(list => window.answered.push(...list.getEntries().map(each => each.duration)))
    .observe({type: 'event', durationThreshold: 16, buffered: true})
"""


@dataclass(frozen=True)
class Visit:
    """`script_bytes` as they are sent, compressed, without the chart; `painted` is the best of three tries, in
    seconds, and `floor` the same of a line of text from the same server, without any script.
    """

    script_bytes: int
    painted: float
    floor: float


@dataclass(frozen=True)
class Answers:
    """How long interactions took until the next paint, in milliseconds; `count` of them took more than 16."""

    count: int
    p95: float
    worst: float


async def first_visit(browsers: Browsers, place: Inhabited, path: str, login: str) -> Visit:
    painted: list[float] = []
    floor: list[float] = []
    sizes: list[int] = []
    for _ in range(TRIES):
        async with browsers.window(place.house.url) as window:
            if login:
                await window.log_in(login, PASSWORD)
            await window.open(path.format(**place.ids))
            sizes = await window.page.evaluate(SCRIPTS)
            painted.append(await window.page.evaluate(PAINTED) / 1000)
        async with browsers.window(place.house.url) as window:
            await window.page.goto(place.house.url + BARE)
            floor.append(await window.page.evaluate(PAINTED) / 1000)
    return Visit(sum(sizes), min(painted), min(floor))


async def large_table(browsers: Browsers, place: Inhabited) -> Answers:
    assistant = place.an_assistant_that_knows(ENTRIES)
    async with browsers.window(place.house.url) as window:
        await window.log_in(OWNER, PASSWORD)
        await window.open(ASSISTANT.format(**place.ids | {"assistant": assistant}) + "/knowledge")
        await window.page.get_by_text("5.000").first.wait_for()
        await window.page.evaluate(LISTEN)
        await _scroll(window)
        await _edit(window)
        took: list[float] = await window.page.evaluate("window.answered")
    p95 = quantiles(took, n=20)[-1] if len(took) > 1 else sum(took)
    return Answers(len(took), p95, max(took, default=0.0))


async def _scroll(window: Window) -> None:
    await window.page.get_by_role("grid").hover()
    for _ in range(40):
        await window.page.mouse.wheel(0, 3000)
        await window.page.wait_for_timeout(30)


async def _edit(window: Window) -> None:
    cells = window.page.get_by_role("gridcell")
    for number in range(5):
        cell = cells.nth(10 + 7 * number)
        await cell.click()
        await window.page.keyboard.press("ArrowDown")
        await window.page.keyboard.press("Enter")
        await window.page.keyboard.type("geändert")
        await window.page.keyboard.press("Escape")
