"""Looking into a mailbox by IMAP for somebody who is waiting (see `shared.mailbox.looking`).

Both raise as `open_watch` does, and PermanentError (`folder_missing`).
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

from aioimaplib.aioimaplib import time2internaldate

from shared.config import ImapAccount
from shared.mailbox.imap.bodies import Bodies
from shared.mailbox.imap.connection import Connection
from shared.mailbox.imap.drafts import MARK
from shared.mailbox.imap.folders import find_drafts_folder
from shared.mailbox.imap.listing import body, seen
from shared.mailbox.imap.names import Folder, quote
from shared.mailbox.imap.reader import Items, Query, Reader
from shared.mailbox.imap.responses import found
from shared.mailbox.looking import (
    LOOKED_AT,
    NEWEST_DRAFTS,
    SIGNS,
    FoundDraft,
    Waiting,
    is_done_with,
    is_from_a_person,
    read,
)
from shared.mailbox.mime import parse
from shared.mailbox.protocol import MessageRef

ANSWER_WITHIN = 5.0
"""Seconds of silence after which a server is given up: somebody is waiting."""

_HEADER = Query(f"(UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (FROM {' '.join(SIGNS)})])", key=b"BODY[")
_MARKED = Query(f"(UID FLAGS BODY.PEEK[HEADER.FIELDS ({MARK.upper()})])", key=b"BODY[")


async def newest_unanswered(
    account: ImapAccount, folder: str, *, since: datetime, own: frozenset[str], private_hosts: bool
) -> Waiting | None:
    """The newest mail since then that no mark says is done with, and that comes from a person, as far as its headers
    tell. `own` are addresses in small letters whose mail is our own.
    """
    async with _opened(account, Folder.named(folder), private_hosts) as reader:
        # SEARCH SINCE knows days only, in the server's time zone.
        day = time2internaldate(since - timedelta(days=1))[1:12]
        uids = await reader.search("SINCE", day, "UNANSWERED", "UNDELETED", "UNDRAFT")
        headers = (await reader.read(uids[-LOOKED_AT:], _HEADER)).items
        candidates = [(seen(_ref(reader, uid), items), parse(body(items) or b"")) for uid, items in headers.items()]
        candidates.sort(key=lambda each: (each[0].internal_date, int(each[0].ref.id)), reverse=True)
        for outside, header in candidates:
            if is_done_with(outside.flags) or outside.internal_date < since or not is_from_a_person(header, own):
                continue
            if (mail := await read(Bodies(reader).fetch([outside.ref]))) is not None:
                return Waiting(outside.internal_date, mail)
    return None


async def find_draft(account: ImapAccount, drafts_folder: str, mark: str, *, private_hosts: bool) -> FoundDraft | None:
    """The draft that carries this mark, as we saved it; None where it was sent, deleted or saved anew by a person.

    `drafts_folder` is the owner's choice.
    """
    async with _connected(account, private_hosts) as connection:
        folder = await find_drafts_folder(connection, drafts_folder)
        if folder is None:
            return None
        async with _opened(account, folder, private_hosts, connection) as reader:
            for uid in reversed(await _marked(reader, mark)):
                if (mail := await read(Bodies(reader).fetch([_ref(reader, uid)]))) is not None:
                    return FoundDraft(folder.name, mail)
    return None


async def _marked(reader: Reader, mark: str) -> Sequence[int]:
    """The UIDs of drafts with this mark. Some servers refuse such a SEARCH, or answer from an index that lags."""
    reply = await reader.connection.run("SEARCH", "UNDELETED", "HEADER", MARK, quote(mark), prefix="UID")
    uids = found(reply.untagged)
    if not uids and reader.connection.exists:
        first = max(1, reader.connection.exists - NEWEST_DRAFTS + 1)
        uids = await reader.search(f"{first}:*", "UNDELETED")
    headers = (await reader.read(uids, _MARKED)).items
    return sorted(uid for uid, items in headers.items() if _mark_of(items) == mark)


def _mark_of(items: Items) -> str:
    return next(iter(parse(body(items) or b"").headers.get(MARK.lower(), ())), "").strip()


def _ref(reader: Reader, uid: int) -> MessageRef:
    assert reader.opened is not None
    return MessageRef(reader.folder.name, reader.opened.uidvalidity, str(uid))


@asynccontextmanager
async def _connected(account: ImapAccount, private_hosts: bool) -> AsyncGenerator[Connection]:
    connection = await Connection.open(account, None, ANSWER_WITHIN, private_hosts=private_hosts)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _opened(
    account: ImapAccount, folder: Folder, private_hosts: bool, connection: Connection | None = None
) -> AsyncGenerator[Reader]:
    """The folder, over this connection or a new one, which may be renewed meanwhile."""
    connect = partial(Connection.open, account, None, ANSWER_WITHIN, private_hosts=private_hosts)
    reader = Reader(connect, connection or await connect(), folder)
    try:
        await reader.open()
        yield reader
    finally:
        await reader.connection.close()
