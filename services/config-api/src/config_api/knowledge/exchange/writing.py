"""Knowledge as a file that can be read in again without loss."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal

from config_api.knowledge.exchange.cells import harmless, join_examples, join_tags
from config_api.knowledge.exchange.table import FIELDS, GERMAN
from config_api.knowledge.schemas import KnowledgePublic

# More does not fit into a cell of Excel's.
LONGEST_CELL = 32_000
BOM = "\ufeff"

Language = Literal["de", "en"]


def headings(language: Language) -> list[str]:
    return [GERMAN[name] if language == "de" else name.replace("_", " ").capitalize() for name in FIELDS]


def cells(entry: KnowledgePublic, longest: int = 10**9) -> list[list[str]]:
    """For each of FIELDS its cell, or several where it is longer than `longest` characters."""
    values = entry.model_dump(mode="json", include=set(FIELDS))
    lists = {
        "examples": _pieces(entry.examples, join_examples, longest),
        "tags": _pieces(entry.tags, join_tags, longest),
    }
    return [[harmless(cell) for cell in lists.get(name) or [str(values[name] or "")]] for name in FIELDS]


async def as_csv(pages: AsyncIterator[Sequence[KnowledgePublic]], language: Language) -> AsyncIterator[bytes]:
    """With a byte order mark and semicolons, as German Excel expects it."""
    yield _lines([headings(language)], BOM)
    async for page in pages:
        yield _lines([[cell for (cell,) in cells(entry)] for entry in page])


async def as_json(pages: AsyncIterator[Sequence[KnowledgePublic]]) -> AsyncIterator[bytes]:
    """An object with the list `entries`."""
    separator = '{"entries": [\n'
    async for page in pages:
        for entry in page:
            item = entry.model_dump(mode="json", include=set(FIELDS))
            yield f"{separator}{json.dumps(item, ensure_ascii=False)}".encode()
            separator = ",\n"
    yield b"\n]}\n" if separator == ",\n" else b'{"entries": []}\n'


def as_workbook(entries: Sequence[KnowledgePublic], language: Language) -> bytes:
    """As `as_csv`; what is too long for one cell goes on in further columns of the same heading."""
    # openpyxl takes 20 MB of memory, and most never export a workbook.
    from config_api.knowledge.exchange import workbook

    rows = [cells(entry, LONGEST_CELL) for entry in entries]
    widths = [max((len(row[position]) for row in rows), default=1) for position in range(len(FIELDS))]
    names = [name for name, width in zip(headings(language), widths, strict=True) for name in [name] * width]
    filled = (
        [cell for pieces, width in zip(row, widths, strict=True) for cell in _filled(pieces, width)] for row in rows
    )
    return workbook.written(names, filled)


def _lines(rows: Sequence[Sequence[str]], before: str = "") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    return (before + text.getvalue()).encode()


def _pieces(values: Sequence[str], join: Callable[[Sequence[str]], str], longest: int) -> list[str]:
    """As many of the values in each piece as fit: each alone is far shorter than a cell."""
    if len(whole := join(values)) <= longest:
        return [whole]
    middle = len(values) // 2
    return _pieces(values[:middle], join, longest) + _pieces(values[middle:], join, longest)


def _filled(pieces: Sequence[str], width: int) -> Sequence[str]:
    return [*pieces, *[""] * (width - len(pieces))]
