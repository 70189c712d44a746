"""What the sender newly wrote."""

import pytest

from shared.mailbox.mime import new_text

QUOTE = "> Guten Tag,\n> das kostet 99 Euro.\n"


@pytest.mark.parametrize(
    "introduced",
    [
        f"Am 3. März 2026 um 10:12 schrieb Hotel Seeblick <info@x.de>:\n{QUOTE}",
        "Am 3. März 2026 um 10:12 schrieb Hotel Seeblick:\nAlter Text ohne Zeichen",
        f"Am Di., 3. März 2026 um 10:12 Uhr schrieb Hotel Seeblick am See <\ninfo@x.de>:\n\n{QUOTE}",
        f"Am Dienstag, dem 3. März,\n2026 um 10:12 schrieb\nHotel Seeblick <info@x.de>:\n{QUOTE}",
        f"Hotel Seeblick <info@x.de> schrieb am Di., 3. März 2026, 10:12:\n{QUOTE}",
        f"Hotel Seeblick schrieb:\n{QUOTE}",
        f"Zitat von Hotel Seeblick <info@x.de>:\n\n{QUOTE}",
        f"On Tue, Mar 3, 2026 at 10:12 AM Hotel Seeblick <info@x.de>\nwrote:\n\n{QUOTE}",
        f"Le mar. 3 mars 2026 à 10:12, Hotel <info@x.fr> a écrit :\n{QUOTE}",
        f'03.03.2026, 10:12, "Hotel" <info@x.de>:\n{QUOTE}',
        "Von: Hotel Seeblick <info@x.de>\nGesendet: Dienstag, 3. März 2026 10:12\nAn: Anna\nBetreff: AW: Zimmer\n\nAlt",
        "________________________________\nVon: Hotel\nDatum: 3. März\nAn: Anna\nBetreff: Zimmer\n\nAlt",
        "*Von:* Hotel\n*Gesendet:* Dienstag\n*Betreff:* Zimmer\n\nAlt",
        'Gesendet: Dienstag, 03. März 2026 um 10:12 Uhr\nVon: "Hotel" <info@x.de>\nAn: anna@x.de\nBetreff: Zimmer\nAlt',
        "From: Hotel\nSent: Tuesday\nTo: Anna\nSubject: Room\n\nOld",
        "-----Ursprüngliche Nachricht-----\nVon: Hotel\nAlt",
        "---- Original Message ----\nOld",
        QUOTE,
        f"Gesendet von Outlook für iOS<https://aka.ms/o0ukef>\n{'_' * 32}\nVon: Hotel\nAlt",
        f"Von meinem iPhone gesendet\n\n> Am 03.03.2026 um 10:12 schrieb Hotel <info@x.de>:\n>\n{QUOTE}",
        "Sent from my iPhone",
        "Diese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.",
        "-- \nAnna Bö\nMusterweg 1",
        f"-- \nAnna Bö\n\nAm 3.3.2026 um 10:12 schrieb Hotel <info@x.de>:\n{QUOTE}",
        "_______________________________________________\nGäste mailing list\nhttp://x.de",
    ],
)
def test_the_original_and_the_signature_are_left_out(introduced: str) -> None:
    own = "Guten Tag,\n\nja, am 5.3. um 18:00 gerne.\n\nGruß\nAnna"
    assert new_text(f"{own}\n\n{introduced}\n") == own


@pytest.mark.parametrize(
    "text",
    [
        "Am 3. März um 10:12 schrieb ich Ihnen Folgendes:\nBitte ein Zimmer.",
        "On Monday at 10:30 you wrote that:\nit is free.",
        "Am Montag:\nAnreise\n\nAm Dienstag:\nAbreise",
        "Von: 3.3.2026\nBis: 5.3.2026\nPersonen: 2\nDatum: heute\nBetreff: Zimmer",
        "Sent from my desk, is much easier than my phone.",
        "Wir kommen:\n----\n1. Anna\n2. Bernd\n----\nDanke",
        "-- Hund\n-- Katze\nkommen mit",
        "Von: Hotel\nBetreff: Zimmer",
    ],
)
def test_what_only_looks_like_an_original_stays(text: str) -> None:
    assert new_text(f"Guten Tag,\n{text}") == f"Guten Tag,\n{text}"


def test_an_answer_between_quoted_lines_keeps_them() -> None:
    text = "Hallo,\n\nAm 3.3.2026 schrieb Hotel <i@x.de>:\n> Wann?\nUm acht.\n\n> Wie viele?\n\nZwei."
    assert new_text(f"{text}\n\n-- \nAnna") == text


def test_an_answer_below_one_quoted_block_is_taken_alone() -> None:
    assert new_text(f"Am 3.3.2026 schrieb Hotel <i@x.de>:\n{QUOTE}\nJa, gerne.\n\n-- \nAnna") == "Ja, gerne."


def test_a_quoted_line_that_was_wrapped_is_no_answer() -> None:
    long = "> " + "Wort " * 14
    assert new_text(f"Ja.\n\nAm 3.3.2026 schrieb Hotel <i@x.de>:\n{long}\nUmbruch hier\n{QUOTE}") == "Ja."


def test_answers_in_colour_keep_the_original() -> None:
    text = (
        "Meine Antworten siehe unten in rot.\n\nVon: Hotel\nGesendet: Dienstag\nAn: Anna\nBetreff: x\n\nWann? Um acht."
    )
    assert new_text(text) == text


@pytest.mark.parametrize("subject", ["WG: Zimmer", "Fwd: Room", "FW: Room"])
def test_a_forward_is_kept_whole(subject: str) -> None:
    text = "Bitte prüfen.\n\nVon: Gast\nGesendet: Dienstag\nAn: Hotel\nBetreff: Zimmer\n\nIch hätte gerne ein Zimmer."
    assert new_text(text, subject=subject) == text
    assert new_text(text, subject="AW: WG: Zimmer") == "Bitte prüfen."


def test_a_forward_is_known_by_its_text_too() -> None:
    text = (
        "Siehe unten:\n\n---------- Forwarded message ---------\nVon: Gast\nDate: heute\nSubject: x\nTo: y\n\nZimmer?"
    )
    assert new_text(text) == text
    html = f'<p>Siehe:</p><div class="gmail_quote"><div class="gmail_attr">{text[14:]}</div></div>'
    assert new_text(text, html.replace("\n", "<br>")).endswith("Zimmer?")


def test_nothing_but_a_quote_is_kept() -> None:
    text = f"Am 3.3.2026 schrieb Hotel <i@x.de>:\n{QUOTE}".strip()
    assert new_text(text) == text


def test_a_contact_form_is_not_taken_for_a_copied_header() -> None:
    form = "Neue Anfrage:\n\nVon: Anna Bö\nDatum: heute\nBetreff: Zimmer\nNachricht: Haben Sie frei?"
    assert new_text(form, threaded=False) == form
    assert new_text(form, threaded=True) == "Neue Anfrage:"


def test_marks_in_html_decide() -> None:
    html = '<div>Ja, gerne.</div><blockquote type="cite">Alt</blockquote>'
    assert new_text("Ja, gerne.\nAlt", html) == "Ja, gerne."


def test_html_without_marks_leaves_it_to_the_text() -> None:
    assert new_text(f"Ja.\n\n{QUOTE}", "<p>Ja.</p><p>Alt</p>") == "Ja."


def test_an_inline_answer_in_html_comes_with_signs_before_the_quoted_lines() -> None:
    html = '<blockquote type="cite">Wann?</blockquote>Um acht.<blockquote type="cite">Wer?</blockquote>Wir.'
    assert new_text("", html) == "> Wann?\nUm acht.\n> Wer?\nWir."
