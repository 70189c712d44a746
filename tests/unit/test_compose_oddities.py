"""Whatever a mail or a model contains, the draft is a clean message and nobody else is addressed by it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest

from shared.config import Assistant, ImapAccount, Mailbox
from shared.events import Draft, DraftProposed
from shared.mail import Address, Mail
from writer.compose import compose
from writer.compose.fields import field

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
PIECES = [
    "\r\nBcc: victim@example.com",
    "\nX-Evil: 1\n\nbody",
    "\r",
    "\x00",
    "\x0b\x0c\x1c\x85",
    "\u2028Cc: victim@example.com",
    "\ufeff\u202egnp.exe",
    '"',
    "\\",
    "\\\r\n",
    "<victim@example.com>",
    ",",
    "; ",
    "(",
    ")",
    ":",
    "@",
    "=?utf-8?q?=0D=0ABcc=3A_victim=40example.com?=",
    "=?",
    "?=",
    "=_",
    "--=_",
    "ä",
    "Ünïcödé",
    "\N{PILE OF POO}",
    "日本語",
    "مرحبا",
    "e\u0301",
    " ",
    "\t",
    "a" * 90,
    "ß" * 90,
    "From ",
    ".\n",
    "\n.\r\n",
    "<script>",
    "&amp;",
    "]]>",
    "--\n",
]
ALLOWED = {
    "date",
    "from",
    "to",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
    "x-kinamik-draft",
    "mime-version",
    "content-type",
}


def odd(rng: random.Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(12)))


def composed_from(rng: random.Random) -> tuple[DraftProposed, bytes]:
    """A draft all of whose strings are odd, but for the one address that it may go to."""
    organisation, mailbox, assistant = UUID(int=1), UUID(int=2), UUID(int=3)
    guest = Address(name=odd(rng), address="guest@example.org")
    event = DraftProposed(
        organisation_id=organisation,
        mailbox_id=mailbox,
        assistant_id=assistant,
        message_id=UUID(int=rng.getrandbits(128)),
        received_at=NOW,
        mail=Mail(
            message_id=rng.choice([odd(rng), "<a@b>", f"<{odd(rng)}@x>"]),
            references=tuple(odd(rng) for _ in range(3)),
            sender=guest,
            reply_to=(Address(name=odd(rng), address=odd(rng)), guest),
            subject=odd(rng),
            body=odd(rng),
        ),
        draft=Draft(body=odd(rng), language=rng.choice(["de", "en"])),
    )
    raw = compose(
        event,
        mailbox=Mailbox(
            id=mailbox,
            organisation_id=organisation,
            assistant_id=assistant,
            revision=1,
            address="info@hotel.example",
            active=True,
            watch_since=NOW,
            time_zone=odd(rng),
            account=ImapAccount(host="imap.example", port=993, username="info", password="secret"),
        ),
        assistant=Assistant(
            id=assistant,
            organisation_id=organisation,
            revision=1,
            knowledge_revision=1,
            name=odd(rng),
            organisation_name=odd(rng),
            active=True,
            signature=odd(rng),
        ),
        now=NOW,
    ).raw
    return event, raw


def defects(message: EmailMessage) -> Iterator[object]:
    for part in message.walk():
        yield from part.defects
        for value in part.values():
            yield from value.defects


@pytest.mark.parametrize("seed", range(20))
def test_odd_strings_never_break_the_message(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(50):
        event, raw = composed_from(rng)
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert list(defects(message)) == []
        assert {name.lower() for name, _ in message.items()} <= ALLOWED
        assert [address.addr_spec for address in message["To"].addresses] == ["guest@example.org"]
        assert [address.addr_spec for address in message["From"].addresses] == ["info@hotel.example"]
        assert [part.get_content_type() for part in message.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        assert expected_lines(event.draft.body) in message.get_body(("plain",)).get_content().replace("\r\n", "\n")
        assert_wire_format(raw)


def expected_lines(text: str) -> str:
    """The first line of the draft that says anything, as it has to arrive."""
    for gone in "\x00\ufeff":
        text = text.replace(gone, "")
    return next((row for row in text.splitlines() if row), "")


def assert_wire_format(raw: bytes) -> None:
    """CRLF only, printable ASCII only, no line that a server could refuse (RFC 5322, 2.1.1)."""
    assert raw.endswith(b"\r\n")
    rows = raw.split(b"\r\n")
    assert not any(b"\r" in row or b"\n" in row or b"\0" in row for row in rows)
    assert raw.isascii()
    assert max(map(len, rows)) <= 998
    assert not any(row.isspace() for row in rows)


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\r\n\tx\n"])
def test_no_field_can_begin_another(break_: str) -> None:
    assert field("X", "a\r\n b") == "X: a\r\n b"
    with pytest.raises(ValueError, match="line break"):
        field("X", f"a{break_}Bcc: b")
