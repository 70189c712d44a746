"""Nothing makes the parser raise, run long, or give out more than its limits."""

import random
import time

import pytest

from shared.mailbox.mime import limits, parse

HEAD = b"From: a@b.de\nSubject: AW: x\n"
HTML = HEAD + b"Content-Type: text/html\n\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
CPU_SECONDS = 2.0

HARD = {
    "a body of a million characters": HEAD + b"\n" + b"a" * 1_000_000,
    "lines that end like attributions": HEAD + b"\n" + b"On 1.1.2020 x wrote\n" * 50_000,
    "lines that look like copied headers": HEAD + b"\n" + b"From: a\n" * 125_000,
    "quoted lines and answers": HEAD + b"\n" + b"> a\nb\n" * 160_000,
    "10,000 parts": MIXED + b"--b\nContent-Type: text/plain\n\nhi\n" * 10_000,
    "10,000 nested parts": HEAD
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(10_000)),
    "lines of two hyphens": MIXED + b"--\n" * 330_000,
    "a header of a megabyte": b"Subject: " + b"x" * 1_000_000 + b"\n\nhi",
    "a folded header of a megabyte": b"References: " + b"<a@b>\n " * 140_000 + b"\n\nhi",
    "100,000 fields": b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\nhi",
    "stray lines in the header": b"aaaa\nb: c\n" * 100_000,
    "many addresses": b"To: " + b"a@b.de,\n " * 120_000 + b"\n\nhi",
    "open quotes": b"To: " + b'\\"' * 30_000 + b"\n\nhi",
    "open brackets": b"To: " + b"(<" * 30_000 + b"\n\nhi",
    "open encoded words": b"Subject: " + b"=?a?q?x" * 9_000 + b"\n\nhi",
    "deep HTML": HTML + b"<div>" * 200_000,
    "HTML with many formatting tags": HTML + b"<a><b>" * 160_000,
    "HTML with many attributes": HTML + b"<p " + b" ".join(b"a%d" % n for n in range(50_000)) + b">x",
    "HTML with many marked quotes": HTML + b'<p class="gmail_quote">x</p>' * 35_000,
    "HTML with open style rules": HTML + b"<style>none " + b"@a{a{" * 150_000,
    "HTML with many links": HTML + b'<a href="http://x">y' * 50_000,
    "flowed lines": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 330_000,
    "a codec of quadratic time": HEAD + b"Content-Type: text/plain; charset=idna\n\n" + b"a." * 500_000,
    "bytes without a charset": HEAD + b"\n" + random.Random(1).randbytes(1_000_000),
    "20 MB attached": MIXED + b"--b\nContent-Transfer-Encoding: base64\nContent-Type: a/b\n\n" + b"QUFB\n" * 4_000_000,
}


@pytest.mark.parametrize("name", HARD)
def test_a_hard_mail_is_read_in_time_and_within_limits(name: str) -> None:
    begun = time.process_time()
    parsed = parse(HARD[name])
    assert time.process_time() - begun < CPU_SECONDS
    mail = parsed.mail
    assert len(mail.body) <= limits.BODY_CHARS
    assert len(mail.text) <= limits.TEXT_CHARS
    assert len(mail.to) <= limits.ADDRESSES
    assert len(mail.references) <= limits.IDS
    assert len(mail.attachments) <= limits.ATTACHMENTS
    assert len(parsed.content_types) <= limits.PARTS
    assert sum(len(value) for values in parsed.headers.values() for value in values) <= limits.HEADERS_CHARS
    mail.model_dump_json()


@pytest.mark.parametrize(
    "name", ["a body of a million characters", "10,000 parts", "10,000 nested parts", "100,000 fields", "deep HTML"]
)
def test_what_was_cut_is_told(name: str) -> None:
    assert parse(HARD[name]).mail.truncated


def test_a_text_over_its_limit_is_cut_and_the_body_is_not() -> None:
    mail = parse(HEAD + b"\n" + b"a" * 60_000).mail
    assert (len(mail.text), len(mail.body), mail.truncated) == (limits.TEXT_CHARS, 60_000, True)


def test_an_attachment_of_any_size_cuts_nothing() -> None:
    mail = parse(HARD["20 MB attached"]).mail
    assert not mail.truncated
    assert mail.attachments[0].size == 12_000_000


SAMPLE = b"""From: =?utf-8?Q?J=C3=BCrgen?= "M, J" <j@x.de>
To: Team: a@x.de, (c) b@x.de;
Date: Tue, 3 Mar 2026 10:12:00 +0100
Subject: =?utf-8?B?R3LDvMOfZQ==?= AW: x
Message-ID: <a@x>
References: <b@x> <c@x>
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: multipart/alternative; boundary=c

--c
Content-Type: text/plain; charset=utf-7; format=flowed

> +APw-\x20
Am 3.3.2026 schrieb X <x@y.de>:
> ja
--c
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<style>.x{display:none}</style><p class=3Dx>a<div class=3Dgmail_quote><blockquote>=C3=BC</blockquote></div>
--c--
--b
Content-Type: message/rfc822

Subject: y

z
--b
Content-Type: image/png; name*0*=utf-8''%C3; name*1*=%BC
Content-Transfer-Encoding: base64

QUFB
--b--
""".replace(b"\n", b"\r\n")


def test_a_mail_cut_at_any_byte_is_read() -> None:
    assert parse(SAMPLE).mail.attachments[1].name == "ü"
    for end in range(len(SAMPLE)):
        parse(SAMPLE[:end]).mail.model_dump_json()


def test_a_mail_with_any_bytes_wrong_is_read() -> None:
    chance = random.Random(20260303)
    for _ in range(3_000):
        raw = bytearray(SAMPLE)
        for _ in range(chance.randrange(1, 20)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        begin = chance.randrange(len(raw))
        raw[begin : begin + chance.randrange(30)] = chance.randbytes(chance.randrange(30))
        parsed = parse(bytes(raw))
        parsed.mail.model_dump_json()
        assert all(value.isprintable() or value.encode() for values in parsed.headers.values() for value in values)
