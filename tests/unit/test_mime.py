"""A message's bytes to a Mail: headers, addresses, ids, dates, parts, charsets."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.mail import Address
from shared.mailbox.mime import parse


def mail_of(*lines: str, body: str = "Guten Tag"):
    return parse("\r\n".join([*lines, "", body]).encode()).mail


def part_of(content_type: str, content: bytes, encoding: str = "8bit") -> str:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return parse(head.encode() + content).mail.body


def multipart(subtype: str, *parts: tuple[str, str]) -> bytes:
    inner = "".join(f"--b\r\n{head}\r\n\r\n{content}\r\n" for head, content in parts)
    return f"From: a@b.de\r\nContent-Type: multipart/{subtype}; boundary=b\r\n\r\n{inner}--b--\r\n".encode()


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"),
        (b"=?utf-8?B?5pel5pw=?= =?utf-8?B?rOiqng==?=", "日本語"),
        (b"=?iso-8859-1?Q?Gr=FC=DFe?= aus =?utf-8?Q?K=C3=B6ln?=", "Grüße aus Köln"),
        (b"=?iso-8859-1*de?Q?=84Gr=FC=DFe=93?=", "„Grüße“"),
        (b"=?utf-8?Q?mit Leerzeichen?=", "mit Leerzeichen"),
        (b"=?x-unknown?Q?Gr=FC=DFe?=", "Grüße"),
        (b"=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("cp1252"), "Grüße"),
        (b"eins\r\n zwei\r\n\tdrei", "eins zwei drei"),
        (b"=?utf-8?Q?kaputt", "=?utf-8?Q?kaputt"),
        ("GrÃ¼ÃŸe".encode(), "Grüße"),
        ("un\u200bsicht\u202ebar".encode(), "unsichtbar"),
    ],
)
def test_a_subject_is_decoded(raw: bytes, subject: str) -> None:
    parsed = parse(b"Subject: " + raw + b"\r\n\r\nx")
    assert parsed.mail.subject == subject
    assert parsed.headers == {"subject": (subject,)}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Anna Bö <anna@x.de>", [("Anna Bö", "anna@x.de")]),
        ('"Müller, Anna" <a@x.de>, b@x.de', [("Müller, Anna", "a@x.de"), ("", "b@x.de")]),
        ("Müller, Anna <a@x.de>", [("Müller, Anna", "a@x.de")]),
        ("=?utf-8?Q?M=C3=BCller=2C_Anna?= <a@x.de>", [("Müller, Anna", "a@x.de")]),
        ("=?utf-8?Q?Müller, Anna?= <a@x.de>", [("Müller, Anna", "a@x.de")]),
        ("=?utf-8?Q?Anna_=3Ca=40x.de=3E?=", [("Anna", "a@x.de")]),
        ("a@x.de (Anna (Chefin) Bö)", [("Anna ( Chefin ) Bö", "a@x.de")]),
        ("Team: a@x.de, B <b@x.de>;, c@x.de", [("", "a@x.de"), ("B", "b@x.de"), ("", "c@x.de")]),
        ("undisclosed-recipients:;", []),
        ("<@relay.de,@x.de:anna@x.de>", [("", "anna@x.de")]),
        ('"offen <a@x.de>', [("offen", "a@x.de")]),
        ("MAILER-DAEMON", [("", "MAILER-DAEMON")]),
        ("", []),
    ],
)
def test_addresses_are_read_as_they_come(field: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.name, one.address) for one in mail_of(f"To: {field}").to] == expected


def test_the_sender_is_the_first_of_several_and_else_the_sender_field() -> None:
    assert mail_of("From: a@x.de", "From: b@x.de").sender == Address(address="a@x.de")
    assert mail_of("From:", "Sender: s@x.de").sender == Address(address="s@x.de")
    assert mail_of("To: a@x.de").sender is None


def test_repeated_fields_are_one_list_without_doubles() -> None:
    assert [one.address for one in mail_of("Cc: a@x.de, b@x.de", "Cc: A@x.de, c@x.de").cc] == [
        "a@x.de",
        "b@x.de",
        "c@x.de",
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [("<a@x>", "<a@x>"), ("a@x", "<a@x>"), ("  <a@\r\n x>", "<a@x>"), ("", None), ("<>", None), ("abc", "<abc>")],
)
def test_a_message_id_is_repaired_or_none(field: str, expected: str | None) -> None:
    assert mail_of(f"Message-ID: {field}").message_id == expected


def test_ids_keep_their_order_each_once() -> None:
    mail = mail_of("References: <a@x> <b@x>\r\n\t<a@x><c@x>", "In-Reply-To: Mail von Anna <c@x>")
    assert mail.references == ("<a@x>", "<b@x>", "<c@x>")
    assert mail.in_reply_to == ("<c@x>",)
    assert mail_of("References: a@x b@x").references == ("<a@x>", "<b@x>")


def test_many_ids_keep_the_first_and_the_last() -> None:
    ids = mail_of("References: " + " ".join(f"<{number}@x>" for number in range(500))).references
    assert (len(ids), ids[0], ids[1], ids[-1]) == (100, "<0@x>", "<401@x>", "<499@x>")


@pytest.mark.parametrize(
    ("field", "hour"),
    [
        ("Tue, 3 Mar 2026 10:12:00 +0100", 9),
        ("3 Mar 2026 10:12 GMT", 10),
        ("Tue, 3 Mar 2026 10:12:00 -0000", 10),
        ("2026-03-03T10:12:00+02:00", 8),
    ],
)
def test_a_date_is_aware(field: str, hour: int) -> None:
    date = mail_of(f"Date: {field}").date
    assert date is not None
    assert date.utcoffset() is not None
    assert date.astimezone(UTC) - datetime(2026, 3, 3, tzinfo=UTC) == timedelta(hours=hour, minutes=12)


@pytest.mark.parametrize(
    "field", ["", "gestern", "Tue, 99 Mar 2026 10:12:00 +0100", "1 Jan 99999999 1:1 +9999999", "0 0"]
)
def test_a_date_that_is_none_is_none(field: str) -> None:
    assert mail_of(f"Date: {field}").date is None


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("iso-8859-1", "„Grüße“ für 5 €".encode("cp1252"), "„Grüße“ für 5 €"),
        ("iso-8859-15", "5 €".encode("iso-8859-15"), "5 €"),
        ("iso-8859-1", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", "日本語".encode(), "日本語"),
        ("us-ascii", "Grüße".encode("cp1252"), "Grüße"),
        ("utf-8", "Grüße".encode("cp1252"), "Grüße"),
        ("x-unknown", "Grüße".encode("cp1252"), "Grüße"),
        ("quopri", "Grüße".encode("cp1252"), "Grüße"),
        ("undefined", b"abc", "abc"),
        ("utf-7", "Grüße".encode("utf-7"), "Grüße"),
        ("utf-16", "Grüße".encode("utf-16"), "Grüße"),
        (
            "x-unknown",
            "Здравствуйте, есть ли у вас свободный номер?".encode("koi8-r"),
            "Здравствуйте, есть ли у вас свободный номер?",
        ),
        ("utf-8", "fÃ¼r GrÃ¼ÃŸe â€žhalloâ€œ".encode(), "für Grüße „hallo“"),
        ("utf-8", "Ã¼ und ü".encode(), "Ã¼ und ü"),
        ("utf-8", b"a\xff\x81", "aÿ\ufffd"),
    ],
)
def test_text_is_decoded_whatever_was_declared(charset: str, content: bytes, text: str) -> None:
    assert part_of(f"text/plain; charset={charset}", content) == text


def test_what_nobody_sees_is_not_there() -> None:
    hidden = "Gu\u200bten\u2066 T\u00adag\U000e0041\x07 \ufeff👩\u200d🍳"
    assert part_of("text/plain; charset=utf-8", hidden.encode()) == "Guten Tag 👩\u200d🍳"


@pytest.mark.parametrize(
    ("encoding", "content", "text"),
    [
        ("quoted-printable", b"Gr=C3=BC=C3=9Fe=\r\n!", "Grüße!"),
        ("base64", b"R3LDvMOf\r\nZQ==\r\n", "Grüße"),
        ("base64", b"R3LDvMOfZQ==\r\n____\r\nlist footer", "Grüße"),
        ("base64; x", b"R3LDvMOfZQ", "Grüße"),
        ("base64", "Das ist gar kein Grüße".encode(), "Das ist gar kein Grüße"),
        ("7-bit", "Grüße".encode(), "Grüße"),
        ("x-what", "Grüße".encode(), "Grüße"),
    ],
)
def test_transfer_encodings_that_lie_are_seen_through(encoding: str, content: bytes, text: str) -> None:
    assert part_of("text/plain; charset=utf-8", content, encoding) == text


def test_flowed_lines_are_joined_within_one_quote_depth() -> None:
    content = b"> eins \r\n> zwei\r\ndrei \r\nvier\r\n\r\n From \r\n-- \r\nAnna"
    assert part_of("text/plain; format=flowed", content) == "> eins zwei\ndrei vier\n\nFrom \n-- \nAnna"
    assert part_of("text/plain; format=flowed; delsp=yes", b"Donau \r\ndampf") == "Donaudampf"


PLAIN, HTML = ("Content-Type: text/plain", "Klar"), ("Content-Type: text/html", "<p>Aus <b>HTML</b></p>")


def test_plain_text_is_preferred_unless_it_is_empty_or_a_stub() -> None:
    stub = ("Content-Type: text/plain", "Diese Mail braucht ein E-Mail-Programm, das HTML kann.")
    long = ("Content-Type: text/html", "<p>" + "Guten Tag " * 20)
    assert parse(multipart("alternative", PLAIN, HTML)).mail.body == "Klar"
    assert parse(multipart("alternative", ("Content-Type: text/plain", " "), HTML)).mail.body == "Aus HTML"
    assert parse(multipart("alternative", HTML)).mail.body == "Aus HTML"
    assert parse(multipart("alternative", stub, long)).mail.body.startswith("Guten Tag Guten")


def test_several_inline_texts_are_one_and_named_parts_are_attachments() -> None:
    picture = ("Content-Type: image/jpeg\r\nContent-Disposition: inline; filename=Zimmer.jpg", "xx")
    named = ("Content-Type: text/plain; name*=utf-8''%C3%9Cbersicht.txt", "Liste")
    mail = parse(multipart("mixed", PLAIN, picture, ("Content-Type: text/plain", "Danke"), named)).mail
    assert mail.body == "Klar\nDanke"
    assert [(one.name, one.content_type, one.size) for one in mail.attachments] == [
        ("Zimmer.jpg", "image/jpeg", 2),
        ("Übersicht.txt", "text/plain", 5),
    ]


@pytest.mark.parametrize(
    "parameter",
    [
        'filename="Übersicht.pdf"',
        "filename==?utf-8?Q?=C3=9Cbersicht=2Epdf?=",
        "filename*=iso-8859-1'de'%DCbersicht.pdf",
        "filename*0*=utf-8''%C3%9Cber; filename*1=sicht; filename*2*=%2Epdf",
        "filename*1=sicht.pdf; filename*0*=utf-8''%C3%9Cber",
        "filename*0=Über; filename*1=sicht.pdf",
    ],
)
def test_attachment_names_are_decoded(parameter: str) -> None:
    head = "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64"
    head += f"\r\nContent-Disposition: attachment; {parameter}"
    (found,) = parse(multipart("mixed", PLAIN, (head, "QUFBQUFB"))).mail.attachments
    assert (found.name, found.content_type, found.size) == ("Übersicht.pdf", "application/pdf", 6)


def test_a_contained_message_is_an_attachment_named_by_its_subject() -> None:
    inner = (
        "Content-Type: message/rfc822",
        "Subject: =?utf-8?Q?Pr=C3=BCfung?=\r\nContent-Type: text/html\r\n\r\ngeheim",
    )
    parsed = parse(multipart("mixed", PLAIN, inner))
    assert parsed.mail.body == "Klar"
    assert [one.name for one in parsed.mail.attachments] == ["Prüfung"]
    assert parsed.content_types == ("multipart/mixed", "text/plain", "message/rfc822")


def test_a_reply_in_html_with_a_marked_quote_gives_the_reply() -> None:
    html = '<p>Ja, gerne.</p><div id="appendonsend"></div><div id="divRplyFwdMsg"><b>Von:</b> Hotel</div><p>Alt</p>'
    mail = parse(
        multipart("alternative", ("Content-Type: text/plain", "Ja, gerne.\nAlt"), ("Content-Type: text/html", html))
    ).mail
    assert (mail.text, mail.body) == ("Ja, gerne.", "Ja, gerne.\nAlt")


def test_truncation_is_told() -> None:
    assert not mail_of().truncated
    assert parse(b"From: a@b.de\r\n\r\nx", truncated=True).mail.truncated


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\r", b"\0" * 100, b"From: a@b.de", b"no header at all", b":\n:\n", b"--\n--\n"]
)
def test_next_to_nothing_is_a_mail_too(raw: bytes) -> None:
    assert parse(raw).mail.attachments == ()


def test_a_mail_with_carriage_returns_only_and_an_mbox_line() -> None:
    mail = parse(b"From anna Tue Mar  3\rFrom: a@b.de\rSubject: Hallo\r\rText").mail
    assert (mail.subject, mail.body) == ("Hallo", "Text")


def test_a_stray_line_does_not_end_the_header() -> None:
    mail = parse(b"From: a@b.de\nwas ist das hier\nSubject: Hallo\n\nText").mail
    assert (mail.subject, mail.body) == ("Hallo", "Text")
    assert parse(b"From: a@b.de\nText ohne Leerzeile\nnoch mehr").mail.body == "Text ohne Leerzeile\nnoch mehr"


def test_an_outer_boundary_ends_inner_parts_and_a_missing_end_is_forgiven() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/alternative; boundary=in\n\n"
        b"--in\n\neins\n--out\nContent-Type: application/pdf\n\nxx\n"
    )
    parsed = parse(raw)
    assert parsed.mail.body == "eins"
    assert parsed.content_types == ("multipart/mixed", "multipart/alternative", "text/plain", "application/pdf")


def test_a_multipart_without_parts_is_text_up_to_the_next_outer_part() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/mixed; boundary=mid\n\n"
        b"--mid\nContent-Type: multipart/mixed; boundary=in\n\neins\n--out\nContent-Type: a/b\n\nzwei\n"
    )
    assert parse(raw).mail.body == "eins"
