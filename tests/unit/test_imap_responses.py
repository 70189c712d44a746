"""From bytes to responses, however they are cut, and what they say."""

import random

import pytest

from shared.mailbox.imap.framing import MAX_LITERAL, Framer, Response
from shared.mailbox.imap.listing import fingerprint
from shared.mailbox.imap.responses import fetched, found, listed, parse, response_code
from shared.mailbox.imap.uids import uid_set

STREAM = (
    b"* OK [CAPABILITY IMAP4rev1] ready {5}\r\n"
    b'* 1 FETCH (UID 7 BODY[] {10}\r\n(\r\n"{3}\r\n) FLAGS (\\Seen))\r\n'
    b'* LIST (\\HasNoChildren) "/" {9}\r\nA "b" {1}\r\n'
    b"* 2 FETCH (BODY[] {0}\r\n UID 8)\r\n"
    b"A1 NO [TRYCREATE] no {9}\r\n"
    b"+ go on {2}\r\n"
)
LINES = [
    b"* OK [CAPABILITY IMAP4rev1] ready {5}",
    b"* 1 FETCH (UID 7 BODY[] {10}\r\n FLAGS (\\Seen))",
    b'* LIST (\\HasNoChildren) "/" {9}\r\n',
    b"* 2 FETCH (BODY[] {0}\r\n UID 8)",
    b"A1 NO [TRYCREATE] no {9}",
    b"+ go on {2}",
]


@pytest.mark.parametrize("seed", range(30))
def test_responses_are_the_same_however_the_bytes_are_cut(seed: int) -> None:
    cut = random.Random(seed)
    framer, responses, rest = Framer(), list[Response](), STREAM
    while rest:
        size = cut.choice([1, 2, 3, 7, 40])
        responses += framer.feed(rest[:size])
        rest = rest[size:]
    assert [response.line for response in responses] == LINES
    assert responses[1].literals == (b'(\r\n"{3}\r\n)',)
    assert framer.empty


def test_a_hundred_thousand_responses_in_one_piece() -> None:
    data = b"".join(b"* %d FETCH (UID %d BODY[] {1}\r\n()\r\n" % (n, n) for n in range(100_000))
    assert sum(1 for _ in Framer().feed(data)) == 100_000


def test_a_literal_larger_than_ever_asked_for_is_an_error() -> None:
    with pytest.raises(ValueError, match="literal"):
        list(Framer().feed(b"* 1 FETCH (BODY[] {%d}\r\n" % (MAX_LITERAL + 1)))


def test_items_of_fetch_whatever_their_form() -> None:
    responses = [
        Response(
            b'* 3 FETCH (UID 9 FLAGS (\\Seen $X) BODY[HEADER.FIELDS ("DATE")] {4}\r\n RFC822.SIZE 12)', (b"a)b(",)
        ),
        Response(b'* 4 FETCH (BODY[]<0> "q \\"u\\" (" uid 10 BODY[TEXT] NIL)'),
        Response(b"* 5 EXISTS"),
    ]
    first, second = fetched(responses)
    assert first[b'BODY[HEADER.FIELDS ("DATE")]'] == b"a)b("
    assert (first[b"UID"], first[b"FLAGS"], first[b"RFC822.SIZE"]) == (b"9", [b"\\Seen", b"$X"], b"12")
    assert (second[b"BODY[]<0>"], second[b"UID"], second[b"BODY[TEXT]"]) == (b'q "u" (', b"10", None)


def test_folders_of_list() -> None:
    folders = listed(
        [Response(b'* LIST (\\Drafts) "." "INBOX.a \\"b\\""'), Response(b"* LIST () NIL {3}\r\n", (b"x y",))]
    )
    assert [(folder.wire, folder.delimiter) for folder in folders] == [('INBOX.a "b"', "."), ("x y", "")]
    assert folders[0].flags == {"\\drafts"}


def test_numbers_of_search_over_several_lines() -> None:
    assert found(
        [Response(b"* SEARCH 5 3"), Response(b"* 7 EXISTS"), Response(b"* SEARCH"), Response(b"* search 4")]
    ) == [
        3,
        4,
        5,
    ]


def test_response_codes() -> None:
    assert response_code(b"[APPENDUID 38505 3955] done") == ("APPENDUID", "38505 3955")
    assert response_code(b"done [x]") == ("", "")


@pytest.mark.parametrize("line", [b"* 1 FETCH (", b"* 1 FETCH ))))", b'* LIST ("', b"* [[[ ]", b'""""{5}', b""])
def test_what_makes_no_sense_does_no_harm(line: bytes) -> None:
    parse(Response(line))
    assert not any(fetched([Response(line)]))
    assert not listed([Response(line)])


def test_uid_sets_are_short() -> None:
    assert uid_set([3, 4, 5, 9, 11, 12]) == "3:5,9,11:12"


def test_fingerprints_ignore_how_a_header_is_folded() -> None:
    plain = b"Date: Mon, 2 Mar 2026\r\nMessage-ID: <1@x>\r\nFrom: a b <a@x>\r\n"
    folded = b"FROM: a\r\n b <a@x>\r\nmessage-id:\r\n\t<1@x>\r\nDate:  Mon, 2 Mar 2026\r\n\r\n"
    assert fingerprint(plain, 5) == fingerprint(folded, 5)
    assert fingerprint(plain, 5) != fingerprint(plain, 6)
    assert fingerprint(b"From: a\r\n", 5) != fingerprint(b"Date: a\r\n", 5)
