"""Rows as they stand in a file, under the names that our fields have."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from config_api.knowledge.exchange.cells import split_date, split_examples, split_language, split_tags, text_of

MOST_ROWS = 10_000
MOST_COLUMNS = 100

FIELDS = ("id", "question", "answer", "examples", "language", "tags", "valid_from", "valid_until")
GERMAN = {
    "id": "ID",
    "question": "Frage",
    "answer": "Antwort",
    "examples": "Beispiele",
    "language": "Sprache",
    "tags": "Schlagwörter",
    "valid_from": "Gültig ab",
    "valid_until": "Gültig bis",
}
OTHERS = {
    "beispielfragen": "examples",
    "weitere fragen": "examples",
    "example questions": "examples",
    "schlagworte": "tags",
    "stichwörter": "tags",
    "gültig von": "valid_from",
    "valid to": "valid_until",
}
HEADINGS = {
    **{name.replace("_", " "): name for name in FIELDS},
    **{heading.casefold(): name for name, heading in GERMAN.items()},
    **OTHERS,
}
SEVERAL = frozenset({"examples", "tags"})
READ: Mapping[str, Callable[[str], object]] = {
    "id": str.strip,
    "examples": split_examples,
    "tags": split_tags,
    "language": split_language,
    "valid_from": split_date,
    "valid_until": split_date,
}


class Unreadable(Exception):
    """The file as a whole is no use; `reason` is a fixed word, `row` where reading ended."""

    def __init__(self, reason: str, row: int = 1, column: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.column = column


@dataclass(frozen=True, slots=True)
class Row:
    """What the file says of one entry. A field that is not in `values` has no column, and stays as it is."""

    number: int
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Table:
    rows: Sequence[Row] = ()
    ignored_columns: Sequence[str] = field(default_factory=list[str])


def from_records(records: Iterable[Sequence[object]]) -> Table:
    """The first row that is not empty holds the headings. Rows are counted as a spreadsheet shows them.

    Raises Unreadable: `file_empty`, `heading_missing`, `too_many_rows`.
    """
    numbered = enumerate(records, 1)
    top, headings = next(((number, row) for number, row in numbered if _filled(row)), (0, ()))
    if not top:
        raise Unreadable("file_empty")
    columns = [_field(text_of(heading)) for heading in headings[:MOST_COLUMNS]]
    if "answer" not in columns:
        raise Unreadable("heading_missing", top, "answer")
    rows = [Row(number, _values(columns, row)) for number, row in numbered if _filled(row)]
    ignored = [text_of(heading)[:200] for heading in headings[:MOST_COLUMNS] if _field(text_of(heading)) is None]
    return Table(within_limit(rows), [heading for heading in ignored if heading.strip()])


def within_limit(rows: Iterable[Row]) -> list[Row]:
    """Raises Unreadable (`too_many_rows`)."""
    taken = list(islice(rows, MOST_ROWS + 1))
    if len(taken) > MOST_ROWS:
        raise Unreadable("too_many_rows", taken[-1].number)
    return taken


def headings_known(row: Sequence[object]) -> int:
    return sum(_field(text_of(heading)) is not None for heading in row[:MOST_COLUMNS])


def _filled(row: Sequence[object]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _field(heading: str) -> str | None:
    """ "Beispiele 2" is "Beispiele" too: what is too long for one cell goes on in the next."""
    text = re.sub(r"[\s_-]+", " ", heading).strip(" *:").casefold()
    return HEADINGS.get(text) or HEADINGS.get(re.sub(r" ?\d+$", "", text))


def _values(columns: Sequence[str | None], row: Sequence[object]) -> dict[str, object]:
    values: dict[str, object] = {}
    for position, name in enumerate(columns):
        if name is None or (name in values and name not in SEVERAL):
            continue
        text = text_of(row[position]) if position < len(row) else ""
        value = READ[name](text) if name in READ else text
        before = values.get(name)
        values[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]
    return values
