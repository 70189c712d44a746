"""The Drafts folder of the demo mailbox, as any mail program would read it."""

import imaplib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Self, cast

_DRAFTS = re.compile(rb'\(([^)]*\\Drafts[^)]*)\) (?:"[^"]*"|NIL) (.+)')
_ATTRIBUTION = re.compile(r"(Am .{5,80} schrieb .*|On .{5,80} wrote):\s*$")


@dataclass(frozen=True, slots=True)
class FoundDraft:
    """`ledger_id` is the message's id in Kinamik, `answers` the Message-ID of the mail that it answers.

    `text` is the draft without the quoted original.
    """

    ledger_id: str
    answers: str
    to: str
    subject: str
    text: str


class DraftsFolder:
    """Sees what is added while it is open. Raises OSError where the server does not answer or refuses."""

    def __init__(self, host: str, port: int, account: dict[str, str]) -> None:
        try:
            self._imap = imaplib.IMAP4(host, port, timeout=10)
            self._imap.login(account["address"], account["password"])
            self._imap.select(self._name(), readonly=True)
            self._next = max(self._uids(1), default=0) + 1
        except imaplib.IMAP4.error:
            raise ConnectionRefusedError from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._imap.logout()

    def new(self) -> Iterator[FoundDraft]:
        """The drafts that have come since the last call."""
        self._imap.noop()
        for uid in self._uids(self._next):
            self._next = uid + 1
            answer = cast(list[bytes | tuple[bytes, bytes]], self._imap.uid("FETCH", str(uid), "(BODY.PEEK[])")[1])
            for part in answer:  # a change of flags may be told in between, as a line of its own
                if isinstance(part, tuple):
                    yield _read(message_from_bytes(part[1], policy=default))

    def _uids(self, first: int) -> list[int]:
        found = self._imap.uid("SEARCH", "UID", f"{first}:*")[1][0] or b""
        return sorted(uid for uid in map(int, found.split()) if uid >= first)  # `*` is the last, also below `first`

    def _name(self) -> str:
        for row in self._imap.list()[1]:
            if isinstance(row, bytes) and (found := _DRAFTS.search(row)):
                return found[2].decode()
        raise ConnectionRefusedError


def _read(message: EmailMessage) -> FoundDraft:
    body = message.get_body(("plain",))
    return FoundDraft(
        ledger_id=str(message["X-Kinamik-Draft"] or "").partition("/")[0],
        answers=str(message["In-Reply-To"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=without_quote(str(body.get_content()) if body else ""),
    )


def without_quote(text: str) -> str:
    """What stands above the line that introduces the original."""
    kept: list[str] = []
    for line in text.splitlines():
        if _ATTRIBUTION.match(line) or line.startswith(">"):
            break
        kept.append(line)
    return "\n".join(kept).strip()
