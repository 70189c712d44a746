"""The demo mail server's folders: pymap's in-memory ones, with every change written through to an SQLite file."""

import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from pymap.backend.dict.mailbox import LoadedMessage, MailboxData, MailboxSet, Message
from pymap.exceptions import NotSupportedError
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.listtree import ListEntry, ListTree
from pymap.mailbox import MailboxSnapshot
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement, Flag, ObjectId

FOLDERS = {"INBOX": b"", "Entwürfe": b"Drafts", "Gesendet": b"Sent", "Papierkorb": b"Trash"}
"""What a new account has, with the special use (RFC 6154) that LIST announces."""

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA foreign_keys = ON;
CREATE TABLE IF NOT EXISTS folder (
    id INTEGER PRIMARY KEY, account TEXT, name TEXT, uidvalidity INTEGER, last_uid INTEGER, UNIQUE (account, name)
);
CREATE TABLE IF NOT EXISTS message (
    folder INTEGER REFERENCES folder ON DELETE CASCADE, uid INTEGER, flags TEXT, arrived_at TEXT,
    header BLOB, body BLOB, PRIMARY KEY (folder, uid)
) WITHOUT ROWID;
"""


def open_database(path: Path) -> sqlite3.Connection:
    """For one process at a time; every statement is its own transaction."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(SCHEMA)
    return database


class _SpecialEntry(ListEntry):
    @property
    def attributes(self) -> list[bytes]:
        use = FOLDERS.get(self.name)
        return [*super().attributes, use] if use else [*super().attributes]


class _SpecialTree(ListTree):
    def list(self) -> Iterable[ListEntry]:
        for entry in super().list():
            yield _SpecialEntry(entry.name, entry.exists, entry.marked, entry.has_children)


class StoredMessage(Message):
    """Only flags and dates stay in memory; the bytes are read when a command needs them."""

    __slots__ = ("_read",)

    def __init__(
        self, uid: int, when: datetime, flags: Iterable[Flag], recent: bool, read: Callable[[int, bool], bytes]
    ) -> None:
        super().__init__(uid, when, flags, recent=recent)
        self._read = read

    async def load_content(self, requirement: FetchRequirement) -> LoadedMessage:
        if requirement.has_none(FetchRequirement.CONTENT):
            return LoadedMessage(self, requirement, None)
        header_only = requirement.has_none(FetchRequirement.BODY)
        return LoadedMessage(self, requirement, MessageContent.parse(self._read(self.uid, header_only)))


class StoredFolder(MailboxData):
    """`MailboxData` tells the sessions in IDLE; this class adds the file."""

    def __init__(self, owner: "StoredFolders", folder_id: int, uidvalidity: int, last_uid: int) -> None:
        super().__init__(*owner.caches)
        self._database = owner.database
        self._id = folder_id
        self._uid_validity = uidvalidity
        self._max_uid = last_uid
        rows = self._database.execute(
            "SELECT uid, arrived_at, flags FROM message WHERE folder = ? ORDER BY uid", [folder_id]
        )
        for uid, arrived_at, flags in rows:
            when = datetime.fromisoformat(arrived_at)
            self._messages[uid] = StoredMessage(uid, when, map(Flag, flags.encode().split()), False, self._read)

    def _read(self, uid: int, header_only: bool) -> bytes:
        columns = "header" if header_only else "header || body"
        row = self._database.execute(
            f"SELECT CAST({columns} AS BLOB) FROM message WHERE folder = ? AND uid = ?", [self._id, uid]
        ).fetchone()
        return cast(bytes, row[0]) if row else b""

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        uid = self._max_uid + 1
        when = append_msg.when or datetime.now(UTC)
        header, body = _split(bytes(append_msg.literal))
        with self._database:
            self._database.execute("BEGIN")
            self._database.execute("UPDATE folder SET last_uid = ? WHERE id = ?", [uid, self._id])
            self._database.execute(
                "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)",
                [self._id, uid, _text(append_msg.flag_set), when.isoformat(), header, body],
            )
        self._max_uid = uid
        message = StoredMessage(uid, when, append_msg.flag_set, recent, self._read)
        self._messages[uid] = message
        self._mod_sequences.update([uid])
        self._updated.set()
        return message

    async def copy(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        if not (message := self._messages.get(uid)):
            return None
        again = AppendMessage(self._read(uid, False), message.internal_date, message.permanent_flags)
        return (await destination.append(again, recent=recent)).uid

    async def move(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        moved_to = await self.copy(uid, destination, recent=recent)
        if moved_to is not None:
            await self.delete([uid])
        return moved_to

    async def update(self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp) -> Message:
        message = await super().update(uid, cached_msg, flag_set, mode)
        self._database.execute(
            "UPDATE message SET flags = ? WHERE folder = ? AND uid = ?", [_text(message.permanent_flags), self._id, uid]
        )
        return message

    async def delete(self, uids: Iterable[int]) -> None:
        gone = list(uids)
        self._database.executemany(
            "DELETE FROM message WHERE folder = ? AND uid = ?", [(self._id, uid) for uid in gone]
        )
        await super().delete(gone)


class StoredFolders(MailboxSet):
    """One account's folders. A new account gets those of `FOLDERS`."""

    def __init__(self, database: sqlite3.Connection, account: str) -> None:
        super().__init__()
        self.database = database
        self.caches = (self._content_cache, self._thread_cache)
        self._account = account
        for name in FOLDERS:
            self._create(name)
        rows = database.execute("SELECT name, id, uidvalidity, last_uid FROM folder WHERE account = ?", [account])
        for name, *row in rows.fetchall():
            self._set[name] = StoredFolder(self, *row)
        self._inbox = self._set.pop("INBOX")

    @property
    def is_unused(self) -> bool:
        """Whether nothing has ever been in the INBOX."""
        query = "SELECT last_uid FROM folder WHERE account = ? AND name = 'INBOX'"
        return self.database.execute(query, [self._account]).fetchone() == (0,)

    def _create(self, name: str) -> None:
        self.database.execute(
            "INSERT INTO folder (account, name, uidvalidity, last_uid) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING",
            [self._account, name, MailboxSnapshot.new_uid_validity()],
        )

    async def list_mailboxes(self) -> ListTree:
        return _SpecialTree(self.delimiter).update("INBOX", *self._set)

    async def list_subscribed(self) -> ListTree:
        return await self.list_mailboxes()

    async def add_mailbox(self, name: str) -> ObjectId:
        if name in self._set:
            raise ValueError(name)
        self._create(name)
        row = self.database.execute(
            "SELECT id, uidvalidity, last_uid FROM folder WHERE account = ? AND name = ?", [self._account, name]
        ).fetchone()
        self._set[name] = folder = StoredFolder(self, *row)
        return folder.mailbox_id

    async def delete_mailbox(self, name: str) -> None:
        await super().delete_mailbox(name)
        self.database.execute("DELETE FROM folder WHERE account = ? AND name = ?", [self._account, name])

    async def rename_mailbox(self, before: str, after: str) -> None:
        raise NotSupportedError("Folders cannot be renamed here.")


def _split(message: bytes) -> tuple[bytes, bytes]:
    """Header with its empty line, and body."""
    end = message.find(b"\r\n\r\n")
    return (message, b"") if end < 0 else (message[: end + 4], message[end + 4 :])


def _text(flags: Iterable[Flag]) -> str:
    return " ".join(sorted(bytes(flag).decode() for flag in flags))
