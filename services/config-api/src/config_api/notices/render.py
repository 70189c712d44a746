"""A notice in words: what stands in templates/<language>/<kind>.jinja, as text and as HTML."""

import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from config_api.mailboxes.advice import advice
from config_api.notices.service import Notice

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
LISTS = ("body", "after", "footer")


@dataclass(frozen=True, slots=True)
class Rendered:
    """`subject` is one line without control characters, whatever was filled in."""

    subject: str
    text: str
    html: str


def render(notice: Notice, *, link: str = "", unsubscribe_link: str = "") -> Rendered:
    """The links are whole URLs. Raises jinja2.TemplateError where a value or a template is missing."""
    around = {"link": link, "unsubscribe_link": unsubscribe_link, "language": notice.language}
    text, html = (_in_layout(notice, around, layout) for layout in ("layout.txt", "layout.html"))
    subject = _blocks(notice, environment(autoescape=False))["subject"]
    return Rendered(_one_line(subject), text, html)


def _in_layout(notice: Notice, around: dict[str, str], layout: str) -> str:
    env = environment(autoescape=layout.endswith("html"))
    blocks: dict[str, Any] = _blocks(notice, env)
    blocks |= {name: _paragraphs(blocks.get(name, "")) for name in LISTS}
    blocks.setdefault("action", "")
    return env.get_template(layout).render(blocks | around)


def _blocks(notice: Notice, env: "Environment") -> dict[str, str]:
    """Each block of the language's common parts and of the kind's template, filled in."""
    found: dict[str, str] = {}
    for name in ("_common", notice.kind):
        template = env.get_template(f"{notice.language}/{name}.jinja")
        context = template.new_context(notice.values | {"language": notice.language})
        for block, parts in template.blocks.items():
            filled = env.concat(parts(context)).strip()
            found[block] = Markup(filled) if env.autoescape else filled
    return found


def _paragraphs(text: str) -> list[Any]:
    """The same type as `text`: what is escaped already stays so."""
    return [type(text)(" ".join(part.split())) for part in text.split("\n\n") if part.strip()]


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _wrapped(paragraph: str) -> str:
    return textwrap.fill(paragraph, 72, break_long_words=False, break_on_hyphens=False)


@cache
def environment(*, autoescape: bool) -> "Environment":
    """Where templates come from; a value that is missing is an error, never an empty place."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only who sends notices needs it in memory

    loader = FileSystemLoader(TEMPLATES)
    env = Environment(
        loader=loader, autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters: dict[str, Any] = {"wrapped": _wrapped, "advice": advice}
    env.filters.update(filters)
    return env
