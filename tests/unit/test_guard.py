"""What a model wrote, before and after the guard."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from drafter.guard import check, plain
from shared.config import Assistant, KnowledgeEntry
from shared.mail import Address, Mail

ID = UUID(int=1)
ASSISTANT = Assistant(
    id=ID,
    organisation_id=ID,
    revision=1,
    knowledge_revision=1,
    name="Rezeption",
    organisation_name="Hotel Seeblick",
    active=True,
    instructions="Der Mindestaufenthalt im Sommer beträgt 3 Nächte, die Kaution 50 €.",
    signature="Ihr Team vom Hotel Seeblick\nSeestraße 12, 78462 Konstanz\nTel. 07531 12345-0",
)
ENTRY = KnowledgeEntry(
    id=UUID(int=2),
    question="Was kostet ein Doppelzimmer?",
    answer=(
        "Ein Doppelzimmer kostet 95 bis 120 Euro, ab 01.05.2026 1.250,00 € je Woche. Anreise ab 15 Uhr, "
        "Frühstück von 7 bis 10:30 Uhr. Stornierung bis 48 Stunden vorher, danach 80 %. "
        "Mehr: https://www.hotel-seeblick.example/preise oder buchung@hotel-seeblick.example. "
        "IBAN: DE89 3704 0044 0532 0130 00."
    ),
    examples=("Ich rufe von 0151 9999999 an, siehe www.beispiel-kunde.example",),
)
MAIL = Mail(
    date=datetime(2026, 3, 1, 9, tzinfo=UTC),
    sender=Address(name="Max Muster", address="Max@muster.example"),
    reply_to=(Address(address="max.privat@muster.example"),),
    subject="Anfrage zu Bestellung 4711-2026-0815",
    text=(
        "Guten Tag, wir kommen vom 3. bis 5. Juli 2026 gegen 14:30 Uhr, zu viert. "
        "Man sagte uns 399,50 EUR und 10 % Rabatt. "
        "Unsere neue IBAN ist GB29 NWBK 6016 1331 9268 19, Rückruf 0171 7654321, siehe http://boese.example/konto "
        "oder hilfe@boese.example. Kundennummer 88123456."
    ),
)


def checked(body: str, **changes: Any) -> Any:
    return check(body, MAIL, [ENTRY], ASSISTANT, **changes)


@pytest.mark.parametrize(
    "text",
    [
        "Das Zimmer kostet 95 €, höchstens EUR 120, die Woche 1250 Euro.",
        "Die Woche kostet 1.250,- EUR, die Kaution 50,00 €.",
        "Es kostet 95 - 120 €.",
        "Ab dem 1. Mai 2026, also ab 2026-05-01 oder 01.05.26 oder 1.5.",
        "The price changes on May 1st, 2026 and 1 May.",
        "Anreise ab 15:00 Uhr oder 3 pm, Frühstück 7-10.30 Uhr.",
        "Danach fallen 80 Prozent an.",
        "Siehe hotel-seeblick.example/preise oder https://hotel-seeblick.example/preise/.",
        "Siehe www.hotel-seeblick.example.",
        "Schreiben Sie an Buchung@hotel-seeblick.example oder von max@muster.example.",
        "Bitte auf DE89370400440532013000 oder DE89 3704 0044 0532 0130 00.",
        "Rufen Sie an: +49 7531 123450, 0049 (0)7531/12345-0 oder 07531 12345-0.",
        # from the mail
        "Sie kommen vom 3. Juli bis zum 5. Juli gegen 14.30 Uhr, das sind 399,50 € mit 10 % Rabatt.",
        "Zu Ihrer Bestellung 4711-2026-0815 und der Kundennummer 88123456 vom 1. März 2026.",
        # none of these needs a source
        "Im 1. OG, Zimmer 12, z. B. mit Balkon (42 m²), d.h. bzw. u.a. für 2 Erwachsene, 24/7. Saison 2026/2027.",
        "Die Rechnung.pdf und die Datei rechnung.pdf liegen bei. Bis morgen.Wir freuen uns.",
    ],
)
def test_what_has_a_source_stays(text: str) -> None:
    result = checked(text)
    assert result.body == text
    assert (result.needs_human, result.removed, result.open_questions) == (False, (), ())


@pytest.mark.parametrize(
    ("text", "kind", "label"),
    [
        ("Es kostet {} pro Nacht.", "amount", "Betrag"),
        ("Sie erhalten {} Nachlass.", "percentage", "Prozentsatz"),
        ("Wir haben am {} frei.", "date", "Datum"),
        ("Wir öffnen um {}.", "time", "Uhrzeit"),
        ("Siehe {} für mehr.", "link", "Link"),
        ("Schreiben Sie an {} bitte.", "mail_address", "E-Mail-Adresse"),
        ("Überweisen Sie an {} bitte.", "account", "Bankverbindung"),
        ("Rufen Sie {} an.", "phone", "Telefonnummer"),
        ("Ihre Bestellnummer ist {} bei uns.", "number", "Nummer"),
    ],
)
def test_what_has_none_goes(text: str, kind: str, label: str) -> None:
    for token in INVENTED[kind]:
        result = checked(text.format(token))
        assert result.body == text.format(f"[bitte ergänzen: {label}]"), token
        assert result.removed == (kind,)
        assert result.needs_human
        assert result.open_questions == (label,)


INVENTED = {
    "amount": ["96 €", "€96", "EUR 9.500", "1.250,01 €", "12,50 Euro", "95 $", "CHF 45.-", "1,2 Mio. €", "100-130 €"],
    "percentage": ["81 %", "5 Prozent", "12,5%", "5-7 %"],
    "date": ["2. Mai 2026", "1.5.2027", "2026-05-02", "May 2nd", "24.12.", "Juni 2027", "1.-3. Mai 2026", "12/24/2026"],
    "time": ["16 Uhr", "7:15", "9.30 Uhr", "4 pm", "8-12 Uhr"],
    "link": [
        "http://boese.example/konto",  # it is in the mail, which is no source for links
        "www.boese.example",
        "boese.example/konto?id=1",
        "BOESE.EXAMPLE",
        "Cform.Com",
        "cform.comJetzt",
        "boese[.]example",
        "boese dot com",
        "hxxps://boese.example",
        "https://www.hotel-seeblick.example/andere",
        "https://hotel-seeblick.example/preise?an=boese.example",
        "https://hotel-seeblick.example@boese.example/preise",
        "https://hotel-seeblick.example.boese.example/preise",
        "javascript:alert(1)",
        "http://192.0.2.7/x",
        "192.0.2.7/x",
        "www.beispiel-kunde.example",  # an entry's example is a customer's text
        "bücher.example",
    ],
    "mail_address": [
        "hilfe@boese.example",
        "hilfe(at)boese.example",
        "hilfe@boese[dot]com",
        "x@hotel-seeblick.example",
    ],
    "account": [
        "GB29 NWBK 6016 1331 9268 19",  # it is in the mail
        "DE89 3704 0044 0532 0130 01",
        "gb29nwbk60161331926819",
        "DE12-5001-0517-0648-4898-90",
        "US133000000121212121212",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    ],
    "phone": [
        "0171 7654321",  # it is in the mail
        "+49 171 7654321",
        "07531 12345-9",
        "(0171) 765 43 21",
        "0171.765.43.21",
        "01 71 76 54 32 1",
        "800-555-0199",
        "0900_123_456",
    ],
    "number": ["4711-2026-0816", "88123457"],
}


@pytest.mark.parametrize(
    "spelling",
    [
        "０１７１ ７６５４３２１",
        "0171\u200b7654321",
        "0171\u00ad 765\u20114321",
        "0171&#8203; 7654321",
        "<b>0171</b> 7654321",
        "**0171** 7654321",
        "٠١٧١ 7654321",
        "\u202e0171 7654321",
    ],
)
def test_disguised_characters_hide_nothing(spelling: str) -> None:
    result = checked(f"Rufen Sie {spelling} an.")
    assert result.body == "Rufen Sie [bitte ergänzen: Telefonnummer] an."


def test_short_codes_count_as_phone_numbers_after_a_word_that_says_so() -> None:
    assert checked("Senden Sie eine SMS an 82222.").removed == ("phone",)
    assert checked("Kontonummer 12345678").removed == ("account",)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p>Guten Tag,</p><p>a &lt; b &amp; c<br>Ende</p>", "Guten Tag,\na < b & c\nEnde"),
        ("Hallo<script>alert(1)</script> <!-- x -->Welt", "Hallo Welt"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Text", "Text"),
        ("5 < 6 und 7 > 2", "5 < 6 und 7 > 2"),
        ("**Wichtig:** `bitte` lesen\n---\n# Titel", "Wichtig: bitte lesen\n\nTitel"),
        ("Ab 7 Uhr [K1] und [K2, K3].", "Ab 7 Uhr und."),
        ("a\x00b\x1b[31mc\u200bd\ud800e\u202ef", "ab[31mcdef"),
        ("eins\r\n\r\n\r\n\r\nzwei\u2028drei  \n", "eins\n\nzwei\ndrei"),
        ("[hier](https://a.example/b) ![Bild](https://c.example/d)", "hier (https://a.example/b) Bild"),
        ("Zimmer mit 42 m², 10\u00a0°C, „Gruß“ – ½ …", "Zimmer mit 42 m², 10\u00a0°C, „Gruß“ – ½ …"),
    ],
)
def test_only_plain_text_remains(dirty: str, clean: str) -> None:
    assert plain(dirty) == clean


def test_a_markdown_link_is_checked_like_any_other() -> None:
    assert checked("Klicken Sie [hier](http://boese.example).").body == "Klicken Sie hier ([bitte ergänzen: Link])."
    body = checked("Klicken Sie [hier](https://www.hotel-seeblick.example/preise).").body
    assert body == "Klicken Sie hier (https://www.hotel-seeblick.example/preise)."


def test_header_lines_at_the_top_go() -> None:
    body = "Betreff: Re: Anfrage\nAn: alle@boese.example\nBcc: x@boese.example\n\nGuten Tag,\nBetreff: bleibt"
    assert checked(body).body == "Guten Tag,\nBetreff: bleibt"


def test_the_signature_is_not_doubled() -> None:
    body = f"Guten Tag,\n\ngern.\n\nMit freundlichen Grüßen\n\n{ASSISTANT.signature}"
    assert checked(body).body == "Guten Tag,\n\ngern.\n\nMit freundlichen Grüßen"
    assert checked("Gern.\n\nViele Grüße\n[Ihr Name]").body == "Gern.\n\nViele Grüße"


def test_a_signature_with_its_own_farewell_replaces_the_models() -> None:
    signed = ASSISTANT.model_copy(update={"signature": "Mit freundlichen Grüßen\nHotel Seeblick"})
    assert check("Gern.\n\nHerzliche Grüße\n\nHotel Seeblick", MAIL, [ENTRY], signed).body == "Gern."


def test_placeholders_are_open_questions_and_need_a_human() -> None:
    result = checked("Ja, [bitte ergänzen: Preis für Hunde] und [Name des Zimmers].", questions=["Sind Hunde erlaubt?"])
    assert result.body == "Ja, [bitte ergänzen: Preis für Hunde] und [bitte ergänzen: Name des Zimmers]."
    assert result.open_questions == ("Preis für Hunde", "Name des Zimmers", "Sind Hunde erlaubt?")
    assert result.needs_human
    assert result.removed == ()


def test_placeholders_and_questions_smuggle_nothing() -> None:
    result = checked("[bitte ergänzen: Anruf unter 0171 7654321]", questions=["<b>Siehe</b> http://boese.example"])
    assert result.body == "[bitte ergänzen: Anruf unter Telefonnummer]"
    assert result.open_questions == ("Anruf unter Telefonnummer", "Siehe [bitte ergänzen: Link]")


def test_a_draft_is_cut_at_its_greatest_length() -> None:
    result = checked("Ein Absatz.\n" * 2000)
    assert len(result.body) < 6_100
    assert result.body.endswith("[bitte ergänzen: Rest der Antwort]")
    assert result.removed == ("length",)
    assert result.needs_human


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "<p></p>", "Betreff: nur das"])
def test_nothing_comes_back_as_nothing(text: str) -> None:
    assert checked(text).body == ""


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1",
        "1 ",
        "a1",
        "a.",
        "1.1.",
        "x@",
        "[",
        "[a](",
        "![",
        "<a ",
        "<!--",
        "<script",
        "ab12",
        "0 ",
        "3 bis ",
        "- ",
    ],
)
def test_hostile_text_takes_no_long_time(piece: str) -> None:
    text = piece * (12_000 // len(piece))
    began = time.process_time()
    check(text, MAIL.model_copy(update={"text": text, "body": text}), [], ASSISTANT)
    assert time.process_time() - began < 2
