"""Mails for tests: what a guest, a newsletter and a portal would send."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

KNOWLEDGE = [
    {
        "question": "Wann gibt es Frühstück?",
        "answer": "Das Frühstücksbuffet ist täglich von 7 bis 10:30 Uhr geöffnet.",
        "examples": ["Ab wann kann man frühstücken?", "Gibt es am Sonntag Frühstück?"],
    },
    {
        "question": "Gibt es Parkplätze am Hotel?",
        "answer": "Ja, unsere Gäste parken für 12 Euro je Nacht in der Tiefgarage.",
        "examples": ["Wo kann ich mein Auto abstellen?", "Was kostet das Parken?"],
    },
    {
        "question": "Darf ich meinen Hund mitbringen?",
        "answer": "Hunde sind willkommen; wir berechnen 15 Euro je Nacht.",
        "examples": ["Sind Haustiere erlaubt?", "Nehmen Sie Hunde auf?"],
    },
]
QUESTIONS = (
    "könnten Sie mir sagen, wann es bei Ihnen Frühstück gibt?",
    "haben Sie einen Parkplatz, und was kostet er?",
    "wir reisen mit unserem Hund. Ist das möglich?",
)


def an_enquiry(number: int, *, to: str = "info@hotel-seeblick.example", padding: int = 0) -> tuple[str, bytes]:
    """A guest's mail and its Message-ID. `padding` is a number of further characters."""
    message = EmailMessage()
    message["From"] = f"Gast Nummer{number} <gast{number}@example.org>"
    message["To"] = to
    message["Subject"] = f"Frage {number} zu unserem Aufenthalt"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(f"frage{number}", "example.org")
    filler = "Wir freuen uns schon sehr auf die Tage am See. " * (padding // 47)
    text = f"Guten Tag,\n\n{QUESTIONS[number % len(QUESTIONS)]}\n\n{filler}\n\nViele Grüße\nGast Nummer{number}\n"
    message.set_content(text)
    return message["Message-ID"], message.as_bytes()


def a_newsletter(number: int, *, to: str = "info@hotel-seeblick.example") -> tuple[str, bytes]:
    """A mail nobody answers, and its Message-ID."""
    message = EmailMessage()
    message["From"] = "Gastro-Ticker <news@ticker.example>"
    message["To"] = to
    message["Subject"] = f"Ausgabe {number}"
    message["Message-ID"] = make_msgid(f"ausgabe{number}", "ticker.example")
    message["List-Id"] = "<ticker.ticker.example>"
    message["List-Unsubscribe"] = "<https://ticker.example/ab>"
    message["Precedence"] = "bulk"
    message.set_content("Die Meldungen der Woche.\n")
    return message["Message-ID"], message.as_bytes()
