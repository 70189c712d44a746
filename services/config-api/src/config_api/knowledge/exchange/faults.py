"""What is wrong with a file to be imported: a fixed word for programs, a sentence for whoever wrote the file."""

from dataclasses import dataclass, field

from config_api.knowledge.schemas import FaultyCell
from config_api.messages.catalogue import Language

MOST_NAMED = 200
MOST_IN_SEVERAL = {"examples": 200, "tags": 50}
LONGEST = {"question": 20000, "answer": 20000, "examples": 500, "tags": 500}

# What pydantic calls it, and what we do.
REASONS = {
    "missing": "required",
    "string_too_short": "required",
    "string_too_long": "too_long",
    "too_long": "too_many",
    "date_from_datetime_parsing": "date_not_valid",
    "date_from_datetime_inexact": "date_not_valid",
    "date_parsing": "date_not_valid",
    "date_type": "date_not_valid",
}
LANGUAGE_REASONS = {"string_pattern_mismatch": "language_not_valid", "string_type": "language_not_valid"}

GERMAN = {
    "required": "Hier fehlt etwas: Das Feld darf nicht leer sein.",
    "too_long": "Der Text ist zu lang; erlaubt sind {limit} Zeichen.",
    "too_many": "Das sind zu viele; erlaubt sind {limit}.",
    "date_not_valid": "Das ist kein Datum. Schreiben Sie 24.12.2026 oder 2026-12-24.",
    "language_not_valid": "Diese Sprache ist nicht bekannt. Schreiben Sie zum Beispiel de oder en.",
    "not_valid": "Der Inhalt dieser Zelle lässt sich nicht verwenden.",
    "id_repeated": "Diese ID steht schon in Zeile {row}.",
    "row_repeated": "Derselbe Eintrag steht schon in Zeile {row}.",
    "file_empty": "Die Datei ist leer.",
    "heading_missing": "Es fehlt eine Spalte mit der Überschrift „Antwort“.",
    "too_many_rows": "Die Datei hat mehr als 10.000 Zeilen. Bitte teilen Sie sie auf.",
    "old_excel": "Das alte Excel-Format (.xls) kann nicht gelesen werden. Bitte speichern Sie die Datei als .xlsx.",
    "encoding_unknown": "Die Zeichen der Datei lassen sich nicht lesen. Bitte speichern Sie sie als CSV in UTF-8.",
    "json_not_valid": "Das ist keine Liste von Einträgen in JSON.",
    "csv_not_valid": "Ab dieser Zeile lässt sich die Datei nicht lesen. Fehlt ein Anführungszeichen?",
    "workbook_not_valid": "Die Excel-Datei ist beschädigt, oder sie ist mit einem Kennwort geschützt.",
    "workbook_too_large": "Die Excel-Datei ist entpackt zu groß.",
}
ENGLISH = {
    "required": "Something is missing: this cell must not be empty.",
    "too_long": "The text is too long; {limit} characters are allowed.",
    "too_many": "There are too many; {limit} are allowed.",
    "date_not_valid": "This is not a date. Write 2026-12-24 or 24.12.2026.",
    "language_not_valid": "This language is not known. Write de or en, for example.",
    "not_valid": "The content of this cell cannot be used.",
    "id_repeated": "This id is already in row {row}.",
    "row_repeated": "The same entry is already in row {row}.",
    "file_empty": "The file is empty.",
    "heading_missing": "A column with the heading “Answer” is missing.",
    "too_many_rows": "The file has more than 10,000 rows. Please split it.",
    "old_excel": "The old Excel format (.xls) cannot be read. Please save the file as .xlsx.",
    "encoding_unknown": "The characters of the file cannot be read. Please save it as CSV in UTF-8.",
    "json_not_valid": "This is not a list of entries in JSON.",
    "csv_not_valid": "From this row on the file cannot be read. Is a quotation mark missing?",
    "workbook_not_valid": "The Excel file is damaged, or protected with a password.",
    "workbook_too_large": "The Excel file is too large once it is unpacked.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    row: int
    column: str
    reason: str
    other_row: int = 0


@dataclass(slots=True)
class Faults:
    """All are counted, the first are named."""

    count: int = 0
    named: list[Fault] = field(default_factory=list[Fault])

    def add(self, row: int, column: str, reason: str, other_row: int = 0) -> None:
        self.count += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(Fault(row, column, reason, other_row))

    def of_field(self, row: int, column: str, kind: str) -> None:
        """`kind` is pydantic's word for what is wrong."""
        by_column = LANGUAGE_REASONS if column == "language" else REASONS
        self.add(row, column, by_column.get(kind, "not_valid"))

    def told(self, language: Language) -> list[FaultyCell]:
        """Those that are named, in the order of the rows."""
        sentences = ENGLISH if language == "en" else GERMAN
        return [
            FaultyCell(row=each.row, column=each.column, reason=each.reason, detail=_sentence(sentences, each))
            for each in sorted(self.named, key=lambda each: each.row)
        ]


def _sentence(sentences: dict[str, str], fault: Fault) -> str:
    several = fault.reason == "too_many"
    limit = MOST_IN_SEVERAL.get(fault.column) if several else LONGEST.get(fault.column)
    return sentences[fault.reason].format(row=fault.other_row, limit=limit)
