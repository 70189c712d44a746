"""`python -m tests.web.screenshots FOLDER`: every page in both languages and three widths, and once in the dark."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.servers.browser import Browsers, running_chromium
from tests.web.inhabited import PASSWORD, Inhabited, inhabited
from tests.web.pages import PAGES

WIDTHS = (360, 768, 1440)
KINDS = [(language, width, "light") for language in ("de", "en") for width in WIDTHS] + [("de", 1440, "dark")]


async def _take(place: Inhabited, folder: Path) -> None:
    async with running_chromium() as browsers:
        for language, width, scheme in KINDS:
            await _take_all(browsers, place, folder, language, width, scheme)


async def _take_all(browsers: Browsers, place: Inhabited, folder: Path, language: str, width: int, scheme: str) -> None:
    for login in sorted({page.login for page in PAGES}):
        async with browsers.window(place.house.url, width=width, language=language, scheme=scheme) as window:
            if login:
                await window.log_in(login, PASSWORD)
            for page in (each for each in PAGES if each.login == login):
                await window.open(page.path.format(**place.ids))
                await window.page.screenshot(
                    path=folder / f"{page.name}-{language}-{width}-{scheme}.png", full_page=True
                )


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, inhabited(Path(data)) as place:
        asyncio.run(_take(place, folder))
    sys.stdout.write(f"{len(PAGES) * len(KINDS)} screenshots in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
