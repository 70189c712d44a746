"""Saving drafts: look first, then write once."""

import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from email.parser import BytesHeaderParser
from functools import partial

from shared.config import ImapAccount
from shared.errors import PermanentError
from shared.mailbox.imap.connection import ANSWER_WITHIN, Connection
from shared.mailbox.imap.errors import append_refused
from shared.mailbox.imap.folders import drafts_folder
from shared.mailbox.imap.listing import message_ids
from shared.mailbox.imap.names import Folder, quote
from shared.mailbox.imap.reader import Query, Reader
from shared.mailbox.imap.responses import found
from shared.mailbox.imap.uids import chunks
from shared.mailbox.protocol import Draft, Saved

MARK = "X-Kinamik-Draft"
"""The header by which our drafts are known (see writer.compose)."""

_NEWEST = 20
_CHUNK = 200
_MESSAGE_ID = Query("(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])", key=b"BODY[")
_PLAIN_ID = re.compile(r"<[!-~]{1,250}>")
_BARE_LINE_END = re.compile(rb"\r?\n|\r")


async def open_draft_store(
    account: ImapAccount,
    drafts_folder: str = "",
    *,
    ssl_context: ssl.SSLContext | None = None,
    answer_within: float = ANSWER_WITHIN,
    private_hosts: bool = False,
) -> "ImapDraftStore":
    """Connects and logs in; the folder is looked for by the first `save`. `drafts_folder` is the owner's choice.

    Raises as `open_watch` does.
    """
    connect = partial(Connection.open, account, ssl_context, answer_within, private_hosts=private_hosts)
    store = ImapDraftStore(connect, drafts_folder)
    await store.connect()
    return store


class ImapDraftStore:
    """Implements `shared.mailbox.protocol.DraftStore`. A connection that the server closed meanwhile is renewed."""

    def __init__(self, open_connection: Callable[[], Awaitable[Connection]], choice: str) -> None:
        self._open = open_connection
        self._choice = choice
        self._connection: Connection | None = None
        self._folder: Folder | None = None

    async def connect(self) -> Connection:
        """The connection, renewed where it was lost. Raises as `open_draft_store` does."""
        if self._connection is None or self._connection.lost:
            self._connection = await self._open()
        return self._connection

    async def save(self, draft: Draft) -> Saved:
        """See `DraftStore.save`. A connection that dies before the server's answer is a TransientError: whether
        the draft is there is then found out by the next attempt, which looks first."""
        connection = await self.connect()
        content = _BARE_LINE_END.sub(b"\r\n", draft.raw)
        limit = connection.capability_value("APPENDLIMIT")
        if limit is not None and len(content) > limit:
            raise PermanentError("draft_too_large")
        saved = await self._try(connection, content, draft.message_id)
        if saved is None:
            self._folder = None
            saved = await self._try(await self.connect(), content, draft.message_id)
        if saved is None:
            raise PermanentError("no_drafts_folder")
        return saved

    async def signature(self) -> str:
        """See `DraftStore.signature`: IMAP servers know of none."""
        return ""

    async def close(self) -> None:
        """Ends the connection; never raises."""
        if self._connection is not None:
            await self._connection.close()

    async def _try(self, connection: Connection, content: bytes, message_id: str) -> Saved | None:
        """None where the folder is no longer there."""
        folder = self._folder = self._folder or await drafts_folder(connection, self._choice)
        reader = Reader(self._open, connection, folder)
        try:
            await reader.open()
        except PermanentError:
            return None
        try:
            if await _holds(reader, message_id, _same_answer(content, message_id)):
                return Saved(existed=True, folder=folder.name)
        finally:
            self._connection = reader.connection
        reply = await reader.connection.run(
            "APPEND", folder.quoted, f"(\\Draft \\Seen) {{{len(content)}}}", then=[content]
        )
        if reply.ok:
            return Saved(existed=False, folder=folder.name)
        if reply.code == "TRYCREATE":
            return None
        raise append_refused(reply)


def _same_answer(content: bytes, message_id: str) -> list[str]:
    """What finds this draft (RFC 3501, 6.4.4), and also a person's own draft that answers the same mail.

    Most mail programs save a changed draft under a Message-ID of their own, without our mark but with its
    In-Reply-To. Marked drafts do not count by In-Reply-To: two mails may share a Message-ID, and each gets its own.
    """
    criteria = ["HEADER", "Message-ID", quote(message_id)]
    parent = BytesHeaderParser().parsebytes(content).get("In-Reply-To", "")
    if not _PLAIN_ID.fullmatch(parent):
        return criteria
    by_hand = f'(HEADER In-Reply-To {quote(parent)} NOT HEADER {MARK} "")'
    return ["OR", *criteria, by_hand]


async def _holds(reader: Reader, message_id: str, criteria: Sequence[str]) -> bool:
    """Whether the open folder holds what `criteria` find, or a draft with this Message-ID.

    SEARCH goes through the whole folder, but some servers refuse it or answer from an index that lags behind;
    the newest headers are therefore compared as well, and all of them where SEARCH is refused.
    """
    connection = reader.connection
    if not connection.exists:
        return False
    reply = await connection.run("SEARCH", *criteria, prefix="UID")
    if found(reply.untagged):
        return True
    newest = max(1, connection.exists - _NEWEST + 1) if reply.ok else 1
    for uids in chunks(await reader.search(f"{newest}:*"), _CHUNK):
        headers = await reader.read(uids, _MESSAGE_ID)
        if message_id in message_ids(headers.items.values()):
            return True
    return False
