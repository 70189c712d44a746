"""Modified UTF-7 and quoting (RFC 3501, 4.3 and 5.1.3)."""

import pytest

from shared.mailbox.imap.names import decode, encode, quote


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", "INBOX"),
        ("Entwürfe", "Entw&APw-rfe"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("R & D", "R &- D"),
        ("&-", "&--"),
        ("Ünï", "&ANw-n&AO8-"),
        ("Post 📬", "Post &2D3c7A-"),
        ("Tab\tund \x7f", "Tab&AAk-und &AH8-"),
        ("", ""),
    ],
)
def test_names_go_there_and_back(name: str, wire: str) -> None:
    assert encode(name) == wire
    assert decode(wire) == name


@pytest.mark.parametrize("wire", ["100% &", "a&b", "&!-", "&AP-", "Entwürfe", "&2D0-"])
def test_what_is_not_well_formed_stays_as_it_is(wire: str) -> None:
    assert decode(wire) == wire


def test_quotes_and_backslashes_are_escaped() -> None:
    assert quote('a"b\\c') == '"a\\"b\\\\c"'


@pytest.mark.parametrize("text", ["a\r\nA1 DELETE INBOX", "a\nb", "a\rb", "a\0b"])
def test_nothing_can_end_the_command(text: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        quote(text)
