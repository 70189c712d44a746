"""A statement as a file: CSV for a spreadsheet, PDF for people and for the bookkeeping."""

import csv
import io
from decimal import Decimal

from config_api.knowledge.exchange.cells import harmless
from config_api.usage.schemas import Statement

MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
BOM = "\ufeff"
WIDTHS = (100, 25, 25, 30)


def as_csv(statement: Statement) -> bytes:
    """With a byte order mark and semicolons, as German Excel expects it."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, delimiter=";")
    rows.writerow(["Monat", "Assistent", "Tage", "Tage im Monat", "Betrag netto (EUR)"])
    for line in statement.lines:
        days = [line.days, statement.days_in_month, _number(line.amount)]
        rows.writerow([statement.month, harmless(line.name), *days])
    for name, value in (*_sums(statement), *_usage(statement)):
        rows.writerow([statement.month, name, "", "", value])
    return (BOM + text.getvalue()).encode()


def as_pdf(statement: Statement) -> bytes:
    """On one page and more. Letters that Western European fonts do not have become question marks."""
    # fpdf takes 25 MB of memory, and is needed once a month.
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.core_fonts_encoding = "windows-1252"
    pdf.set_title(f"Kinamik {statement.month}")
    pdf.set_margins(20, 20, 10)
    pdf.add_page()

    def line(cells: tuple[str, ...], *, bold: bool = False, size: int = 10) -> None:
        pdf.set_font("helvetica", "B" if bold else "", size)
        for text, width in zip(cells, WIDTHS, strict=False):
            pdf.cell(width, 7, _western(text), align="L" if width == WIDTHS[0] else "R")
        pdf.ln()

    year, month = statement.month.split("-")
    line((f"Abrechnung {MONTHS[int(month) - 1]} {year}",), bold=True, size=16)
    if statement.preliminary:
        line(("Vorläufig: Der Monat ist noch nicht zu Ende.",))
    pdf.ln(4)
    for text in (statement.organisation, *statement.address.splitlines()[:8]):
        line((text[:90],))
    pdf.ln(4)
    line(("Assistent", "Tage", "von", "Betrag netto"), bold=True)
    for each in statement.lines:
        line((each.name[:55], str(each.days), str(statement.days_in_month), f"{_number(each.amount)} €"))
    pdf.ln(2)
    for name, value in _sums(statement):
        line((name, "", "", f"{value} €"), bold=name.startswith("Summe brutto"))
    pdf.ln(4)
    line(("Nutzung", "", "", ""), bold=True)
    for name, value in _usage(statement):
        line((name, "", "", value))
    pdf.ln(6)
    line((f"{_number(statement.price_per_assistant)} € je Assistent und Monat zuzüglich Umsatzsteuer, taggenau.",))
    line(("Diese Übersicht ist keine Rechnung im Sinne des § 14 UStG.",))
    return bytes(pdf.output())


def _sums(statement: Statement) -> tuple[tuple[str, str], ...]:
    percent = f"{statement.vat_percent.normalize():f}".replace(".", ",")
    return (
        ("Summe netto", _number(statement.net)),
        (f"Umsatzsteuer {percent} %", _number(statement.vat)),
        ("Summe brutto", _number(statement.gross)),
    )


def _usage(statement: Statement) -> tuple[tuple[str, str], ...]:
    used = statement.usage
    return (
        ("Entwürfe", str(used.drafted)),
        ("Übersprungen", str(used.skipped)),
        ("Fehlgeschlagen", str(used.failed)),
        ("Ausprobiert", str(used.tried)),
        ("Token (Eingabe)", str(used.tokens_in)),
        ("Token (Ausgabe)", str(used.tokens_out)),
        ("Kosten der Sprachmodelle (EUR)", _number(used.cost.quantize(Decimal("0.01")))),
    )


def _number(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _western(text: str) -> str:
    return text.encode("cp1252", "replace").decode("cp1252")
