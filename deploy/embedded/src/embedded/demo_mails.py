"""The five mails that `make demo` sends: two that the knowledge covers, two for a person, and one for nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

HOTEL = "Hotel Seeblick <demo@hotel-seeblick.example>"

# What waits for newcomers: something that a business of any kind is asked.
FIRST = """\
Guten Tag,

ich wollte gern in den nächsten Tagen bei Ihnen vorbeikommen. Wann haben Sie geöffnet, und kann ich bei Ihnen parken?

Außerdem habe ich noch eine Frage zu meiner letzten Rechnung: Könnten Sie mir die bitte noch einmal zuschicken?

Vielen Dank und freundliche Grüße
Karin Albrecht
"""

ENQUIRY = """\
Guten Tag,

meine Frau und ich planen, im Mai drei Nächte bei Ihnen zu verbringen. Vorab drei Fragen:

Dürfen wir unseren Hund mitbringen, und was kostet das pro Nacht?
Gibt es Parkplätze direkt am Haus?
Bis wann gibt es am Wochenende Frühstück?

Vielen Dank und freundliche Grüße
Thomas Reinhardt
"""

COMPLAINT = """\
Sehr geehrte Damen und Herren,

wir waren vom 13. bis 15. November in Zimmer 214 zu Gast und sind sehr enttäuscht. Die Heizung funktionierte die
ganze Nacht nicht, und obwohl wir zweimal an der Rezeption Bescheid gegeben haben, hat sich niemand darum gekümmert.
Für 179 Euro pro Nacht erwarte ich etwas anderes.

Wie stellen Sie sich das vor?

Mit freundlichen Grüßen
Dr. Sabine Körner
"""

UNCOVERED = """\
Hallo,

wir sind eine kleine Filmproduktion aus Leipzig und suchen für einen Fernsehkrimi ein Motiv am Wasser. Wäre eine
Drehgenehmigung für zwei Nächte im Februar denkbar, und welche Motivmiete würden Sie dafür aufrufen?

Beste Grüße
Jana Wilke
Aufnahmeleitung
"""

NEWSLETTER = """\
Liebe Gastgeberinnen und Gastgeber,

der Winter steht vor der Tür! Sichern Sie sich jetzt 20 % auf alle Frotteewaren und Bademäntel unserer neuen Kollektion.
Das Angebot gilt nur bis Sonntag.

Ihr Team von Wäsche & Mehr
Sie möchten keine Angebote mehr erhalten? Hier abmelden: https://waesche-und-mehr.example/abmelden
"""

PORTAL = """\
Neue Nachricht Ihres Gastes zu Buchung 4711-0815

Gast: Familie Oliveira
Anreise: 18.12., Abreise: 21.12., 2 Erwachsene, 1 Kind (10 Monate)

Nachricht:
Guten Tag, unser Zug kommt erst gegen 22:45 Uhr an. Kommen wir dann noch ins Haus? Und können Sie uns ein Babybett
ins Zimmer stellen?

Diese Nachricht wurde automatisch übermittelt. Antworten Sie einfach auf diese E-Mail, um den Gast zu erreichen.
"""


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """`label` is how the terminal calls it; `wanted` is whether a person would have to answer."""

    label: str
    wanted: bool
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return self.message["Message-ID"]


def demo_messages() -> list[DemoMessage]:
    """The five, with Message-IDs of their own at every call."""
    return list(_messages())


def first_message(recipient: str) -> EmailMessage:
    """A customer's mail for a mailbox that is to be tried out."""
    sender, subject = "Karin Albrecht <karin.albrecht@posteo.example>", "Öffnungszeiten, und meine Rechnung"
    return _mail(sender, subject, FIRST, To=recipient)


def _messages() -> Iterator[DemoMessage]:
    yield DemoMessage(
        "an enquiry with three questions",
        True,
        _mail("Thomas Reinhardt <t.reinhardt@posteo.example>", "Drei Nächte im Mai mit Hund", ENQUIRY),
    )
    yield DemoMessage(
        "a complaint",
        True,
        _mail("Dr. Sabine Körner <sabine.koerner@koerner-partner.example>", "Beschwerde: keine Heizung", COMPLAINT),
    )
    yield DemoMessage(
        "one that the knowledge cannot answer",
        True,
        _mail("Jana Wilke <wilke@nordlichtfilm.example>", "Motivanfrage für einen Fernsehkrimi", UNCOVERED),
    )
    yield DemoMessage(
        "a newsletter",
        False,
        _mail(
            "Wäsche & Mehr <news@waesche-und-mehr.example>",
            "Nur bis Sonntag: 20 % auf Frotteewaren",
            NEWSLETTER,
            **{
                "List-Id": "Angebote <angebote.waesche-und-mehr.example>",
                "List-Unsubscribe": "<https://waesche-und-mehr.example/abmelden>",
                "Precedence": "bulk",
            },
        ),
    )
    yield DemoMessage(
        "a booking portal's, with the guest in Reply-To",
        True,
        _mail(
            "Reiseportal <noreply@reiseportal.example>",
            "Neue Nachricht zu Buchung 4711-0815",
            PORTAL,
            **{
                "Reply-To": "Familie Oliveira <gast-4711-0815@nachrichten.reiseportal.example>",
                "Auto-Submitted": "auto-generated",
            },
        ),
    )


def _mail(sender: str, subject: str, text: str, **more: str) -> EmailMessage:
    message = EmailMessage()
    headers = {"From": sender, "To": HOTEL, "Subject": subject, "Date": format_datetime(datetime.now(UTC))}
    headers["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">"))
    for name, value in (headers | more).items():
        message[name] = value
    message.set_content(text)
    return message
