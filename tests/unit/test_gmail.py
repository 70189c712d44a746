"""Gmail's answers where the emulator gives only one form of them, and subjects."""

from email import message_from_bytes, policy

import pytest

from shared.mailbox.gmail.bodies import decoded
from shared.mailbox.gmail.history import Position
from shared.mailbox.gmail.subject import reply_subject, with_subject
from shared.mailbox.protocol import MessageUnreadable


@pytest.mark.parametrize("letters", [b'SGFsbG8"', b'SGFsbG8="', b'SGFsbG8\\u003d"', b"SGFsbG8"])
def test_padding_is_not_needed_and_may_be_escaped(letters: bytes) -> None:
    assert decoded(letters) == b"Hallo"


def test_what_is_cut_off_within_a_byte_is_unreadable() -> None:
    with pytest.raises(MessageUnreadable):
        decoded(b"SGFsb")


@pytest.mark.parametrize("text", ["17", "17/1700000000/1700003600"])
def test_a_position_is_what_it_was_after_it_was_stored(text: str) -> None:
    assert str(Position.parse(text)) == text


@pytest.mark.parametrize(
    ("answered", "subject"),
    [
        ("Anfrage", "Re: Anfrage"),
        ("Re: Anfrage", "Re: Anfrage"),
        ("RE : Anfrage", "RE : Anfrage"),
        ("AW: Anfrage", "Re: AW: Anfrage"),
        ("Antrag", "Re: Antrag"),
        ("Regen", "Re: Regen"),
        ("=?utf-8?q?Gr=C3=B6=C3=9Fe?=", "Re: Größe"),
        ("=?unknown?q?x?=", "Re: =?unknown?q?x?="),
        ("Eine\r\n Zeile", "Re: Eine Zeile"),
        ("", "Re:"),
    ],
)
def test_a_reply_is_named_after_what_it_answers(answered: str, subject: str) -> None:
    assert reply_subject(answered) == subject


@pytest.mark.parametrize("subject", ["Re: Anfrage", "Re: Größe und " + "sehr " * 60 + "viel", "Re: " + "wort " * 40])
def test_a_subject_of_any_length_and_letters_arrives(subject: str) -> None:
    message = b"From: a@example.org\r\nSubject: AW:\r\n alt\r\nTo: b@example.org\r\n\r\nSubject: bleibt\r\n"
    changed = with_subject(message, subject)
    parsed = message_from_bytes(changed, policy=policy.default)
    assert str(parsed["Subject"]) == subject
    assert parsed.keys() == ["From", "Subject", "To"]
    assert changed.endswith(b"\r\n\r\nSubject: bleibt\r\n")
    assert b"\n" not in changed.replace(b"\r\n", b"")
