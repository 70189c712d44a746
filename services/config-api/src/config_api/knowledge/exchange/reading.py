"""From a file of whatever kind to rows: the kind, the encoding and the separator are found out."""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

from config_api.knowledge.exchange.cells import split_date, split_examples, split_language, split_tags
from config_api.knowledge.exchange.table import (
    FIELDS,
    MOST_ROWS,
    Row,
    Table,
    Unreadable,
    from_records,
    headings_known,
    within_limit,
)

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
SEPARATORS = (";", ",", "\t")
SAMPLE = 1000


def read(data: bytes) -> Table:
    """The rows of a CSV, XLSX or JSON file.

    Raises Unreadable: `file_empty`, `old_excel`, `encoding_unknown`, `json_not_valid`, `csv_not_valid`,
    `workbook_not_valid`, `workbook_too_large`, `heading_missing`, `too_many_rows`.
    """
    if data.startswith(ZIP):
        # openpyxl takes 20 MB of memory, and most never import a workbook.
        from config_api.knowledge.exchange import workbook

        return from_records(workbook.records(data))
    if data.startswith(OLD_EXCEL):
        raise Unreadable("old_excel")
    text = decoded(data)
    if text.lstrip().startswith(("[", "{")):
        return from_entries(_parsed(text))
    return from_records(_csv_records(text))


def decoded(data: bytes) -> str:
    """UTF-8, UTF-16 with or without its mark, else what German Windows writes. Raises Unreadable."""
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\x00" in data[:SAMPLE]:
        encoding = "utf-16-le" if data[1:SAMPLE:2].count(0) >= data[0:SAMPLE:2].count(0) else "utf-16-be"
    for candidate in (encoding, "cp1252") if encoding == "utf-8-sig" else (encoding,):
        try:
            return data.decode(candidate)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding_unknown")


def from_entries(entries: object) -> Table:
    """From a list of objects with our fields' names. Raises Unreadable."""
    if isinstance(entries, dict):
        entries = cast(dict[str, object], entries).get("entries")
    if not isinstance(entries, list):
        raise Unreadable("json_not_valid")
    items = cast(list[object], entries)
    if len(items) > MOST_ROWS:
        raise Unreadable("too_many_rows", MOST_ROWS + 1)
    ignored = {str(name)[:200] for item in items if isinstance(item, dict) for name in cast(dict[str, Any], item)}
    rows = [Row(number, _entry(item, number)) for number, item in enumerate(items, 1)]
    return Table(within_limit(rows), sorted(ignored - {*FIELDS, "assistant_id", "created_at", "updated_at"}))


def _entry(item: object, number: int) -> dict[str, object]:
    if not isinstance(item, dict):
        raise Unreadable("json_not_valid", number)
    return {name: _value(name, value) for name, value in cast(dict[str, object], item).items() if name in FIELDS}


def _value(name: str, value: object) -> object:
    """Text stands for a list too, as a program that turns a table into JSON would write it."""
    if not isinstance(value, str):
        return value
    if name in ("examples", "tags"):
        return split_examples(value) if name == "examples" else split_tags(value)
    if name in ("valid_from", "valid_until"):
        return split_date(value)
    return split_language(value) if name == "language" else value


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("json_not_valid") from None


def _csv_records(text: str) -> Iterator[Sequence[object]]:
    """With the separator under which the most headings are known; Excel may name it in a line of its own."""
    separators = SEPARATORS
    if text[:4].lower() == "sep=" and text[4:5] in SEPARATORS:
        separators, text = (text[4],), text[5:]
    best = max(separators, key=lambda separator: headings_known(_first(text, separator)))
    return _records(text, best)


def _first(text: str, separator: str) -> Sequence[object]:
    return next((row for row in _records(text, separator) if any(row)), ())


def _records(text: str, separator: str) -> Iterator[Sequence[object]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = 0
    try:
        for row in reader:
            number += 1
            yield row
    except csv.Error:
        raise Unreadable("csv_not_valid", number + 1) from None
