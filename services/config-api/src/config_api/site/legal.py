"""The operator's own texts: imprint.de.md, privacy.en.md and so on, in a folder that the settings name."""

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, get_args

from config_api.messages.catalogue import LANGUAGES, Language
from config_api.site.schemas import LegalName, LegalText, LegalTexts

NAMES: tuple[LegalName, ...] = get_args(LegalName)
MOST_BYTES = 500_000


def there(folder: Path | None) -> list[LegalTexts]:
    """Which texts there are. Looks into the folder, so it blocks for a moment."""
    return [
        LegalTexts(text=name, languages=[each for each in LANGUAGES if _modified(folder, name, each)]) for name in NAMES
    ]


def read(folder: Path | None, name: LegalName, language: Language) -> LegalText:
    """In that language, or else in the other one, or else what stands there instead. It blocks for a moment."""
    for each in sorted(LANGUAGES, key=lambda known: known != language):
        if folder is not None and (modified := _modified(folder, name, each)):
            return _rendered(_path(folder, name, each), modified, name, each)
    return _placeholder(name, language)


def _path(folder: Path, name: LegalName, language: Language) -> Path:
    return folder / f"{name}.{language}.md"


def _modified(folder: Path | None, name: LegalName, language: Language) -> int:
    """When, in nanoseconds; 0 where there is no such file, or nothing in it."""
    if folder is None:
        return 0
    try:
        found = _path(folder, name, language).stat()
    except OSError:
        return 0
    return found.st_mtime_ns if found.st_size else 0


@lru_cache(maxsize=32)
def _rendered(path: Path, modified: int, name: LegalName, language: Language) -> LegalText:
    """`modified` is here so that a text that was changed since is read again."""
    with path.open("rb") as file:
        text = file.read(MOST_BYTES).decode("utf-8-sig", "replace")
    first, _, rest = text.lstrip().partition("\n")
    if first.startswith("# "):
        title, text = first.removeprefix("# ").strip(), rest
    else:
        title = _words(language)["titles"][name]
    return LegalText(text=name, language=language, title=title, html=as_html(text), set_by_operator=True)


@cache
def _placeholder(name: LegalName, language: Language) -> LegalText:
    words = _words(language)
    title: str = words["titles"][name]
    html = as_html(words["placeholder"].format(title=title, file=f"{name}.{language}.md"))
    return LegalText(text=name, language=language, title=title, html=html, set_by_operator=False)


def as_html(text: str) -> str:
    """Markdown (CommonMark, and tables) as HTML that cannot do anything: no HTML of its own, no pictures."""
    from markdown_it import MarkdownIt  # only who shows such a text needs it in memory

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = parser.parse(text)
    for token in (each for outer in tokens for each in (outer, *(outer.children or ()))):
        if token.type in ("heading_open", "heading_close") and token.tag == "h1":
            token.tag = "h2"
        if token.type == "link_open":
            token.attrSet("rel", "noopener noreferrer nofollow")
    return parser.renderer.render(tokens, parser.options, {})


def _words(language: Language) -> dict[str, Any]:
    return _catalogue()[language]


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "legal.toml").read_text(encoding="utf-8"))
