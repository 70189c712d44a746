"""XLSX, read and written with openpyxl; what would unpack into too much is not unpacked."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from itertools import islice

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font

from config_api.knowledge.exchange.table import MOST_COLUMNS, MOST_ROWS, Unreadable

MOST_UNPACKED_BYTES = 40_000_000
MOST_PARTS = 200
# Empty rows between others are looked at, too: a sheet may claim a million of them.
MOST_LOOKED_AT = 2 * MOST_ROWS
WIDTHS = {"A": 12, "B": 40, "C": 80, "D": 40}


def records(data: bytes) -> Sequence[Sequence[object]]:
    """The rows of the first sheet, formulas as their results.

    Raises Unreadable: `workbook_too_large`, `workbook_not_valid`, `too_many_rows`.
    """
    _must_be_small(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What the file says of its own extent may be wrong.
        sheet.reset_dimensions()
        found = list(islice(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), MOST_LOOKED_AT + 1))
    except Exception:
        # openpyxl trusts that the parts of a workbook are whole, and fit together: it fails in every possible way.
        raise Unreadable("workbook_not_valid") from None
    if len(found) > MOST_LOOKED_AT:
        raise Unreadable("too_many_rows", MOST_LOOKED_AT + 1)
    return found


def written(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook of one sheet, all of its cells text: none is a formula, whatever it begins with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Kinamik")
    sheet.freeze_panes = "A2"
    for column, width in WIDTHS.items():
        sheet.column_dimensions[column].width = width
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")

    def cell(text: str, font: Font | None = None) -> Cell:
        made = WriteOnlyCell(sheet)
        made.value, made.data_type = text, "s"
        made.alignment = wrapped
        if font is not None:
            made.font = font
        return made

    sheet.append([cell(heading, bold) for heading in headings])
    for row in rows:
        sheet.append([cell(text) for text in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _must_be_small(data: bytes) -> None:
    """zipfile reads no more of a part than its directory says, so that can be believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            parts = file.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Unreadable("workbook_not_valid") from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise Unreadable("workbook_too_large")
