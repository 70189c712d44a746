"""Cells of a spreadsheet: what is written can be read back exactly, and no spreadsheet takes it for a formula."""

import re
from collections.abc import Iterable
from datetime import date, datetime

# What a spreadsheet may evaluate (OWASP, "CSV Injection"). An apostrophe in front keeps it from that; where there are
# apostrophes already, one more, so that taking one away gives back what was there.
FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠|%]|[\t\r\n])")
TAG = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,;\n]*))(?:[,;\n]|$)')
TO_QUOTE = re.compile(r'[,;\n"]')
GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
LANGUAGES = {"deutsch": "de", "german": "de", "englisch": "en", "english": "en"}


def harmless(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def as_meant(cell: str) -> str:
    """The reverse of `harmless`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def text_of(value: object) -> str:
    """A cell's text, also where a spreadsheet took it for a number or a date."""
    if isinstance(value, str):
        return as_meant(value)
    if isinstance(value, datetime | date):
        return date_cell(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def join_examples(examples: Iterable[str]) -> str:
    """One a line: there are no line feeds in them."""
    return "\n".join(examples)


def split_examples(cell: str) -> list[str]:
    return [line for line in cell.replace("\r\n", "\n").split("\n") if line.strip()]


def join_tags(tags: Iterable[str]) -> str:
    """Separated by commas, in quotes where there is a separator in one."""
    quoted = ('"' + tag.replace('"', '""') + '"' if TO_QUOTE.search(tag) else tag for tag in tags)
    return ", ".join(quoted)


def split_tags(cell: str) -> list[str]:
    found = (match[1].replace('""', '"') if match[1] is not None else match[2] for match in TAG.finditer(cell))
    return [tag.strip() for tag in found if tag.strip()]


def date_cell(value: date | None) -> str:
    if value is None:
        return ""
    return (value.date() if isinstance(value, datetime) else value).isoformat()


def split_date(cell: str) -> str | None:
    """As ISO 8601 has it; also from "24.12.2026". What is no date stays as it is, to be refused with its row."""
    text = cell.strip()
    if found := GERMAN_DATE.fullmatch(text):
        day, month, year = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return text or None


def split_language(cell: str) -> str:
    """ "de" also for "Deutsch" and "DE", and where there is none."""
    text = cell.strip().casefold()
    return LANGUAGES.get(text, text) or "de"
