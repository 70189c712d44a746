"""Finding the Drafts folder: the owner's choice, the server's mark, a name people use, or a new one."""

import unicodedata
from collections.abc import Iterable

from shared.errors import PermanentError, TransientError
from shared.mailbox.imap.connection import Connection
from shared.mailbox.imap.errors import append_refused
from shared.mailbox.imap.names import Folder, decode
from shared.mailbox.imap.responses import Listed, listed

DRAFTS_NAMES = (
    "drafts",
    "draft",
    "entwürfe",
    "entwurf",
    "brouillons",
    "brouillon",
    "borradores",
    "bozze",
    "concepten",
    "rascunhos",
    "utkast",
    "utkast (drafts)",
    "kladder",
    "luonnokset",
    "wersje robocze",
    "szkice",
    "koncepty",
    "piszkozatok",
    "ciorne",
    "taslaklar",
    "πρόχειρα",
    "черновики",
    "чернетки",
    "下書き",
    "草稿",
    "임시 보관함",
)
"""What mail programs call it, casefolded NFKC."""

_UNUSABLE = frozenset({"\\noselect", "\\nonexistent"})


async def drafts_folder(connection: Connection, choice: str) -> Folder:
    """The folder for drafts, created where there is none.

    Raises TransientError (`no_folders_listed`: a server that lists nothing is at fault, the folders are still
    there) or PermanentError (`no_drafts_folder`, `quota_exceeded`).
    """
    folders = await _list(connection)
    return _found(folders, choice) or await _create(connection, folders)


async def find_drafts_folder(connection: Connection, choice: str) -> Folder | None:
    """As `drafts_folder`, but None where it would be created."""
    return _found(await _list(connection), choice)


def _found(folders: Iterable[Listed], choice: str) -> Folder | None:
    usable = [folder for folder in folders if not folder.flags & _UNUSABLE]
    match = _chosen(usable, choice) or _marked(usable) or _named(usable)
    return Folder.listed(match.wire) if match else None


async def _list(connection: Connection) -> list[Listed]:
    arguments = ['""', '"*"']
    if connection.can("SPECIAL-USE") and connection.can("LIST-EXTENDED"):
        arguments += ["RETURN", "(SPECIAL-USE)"]
    folders = listed((await connection.must("LIST", *arguments)).untagged)
    if not folders:
        raise TransientError("no_folders_listed")
    return folders


def _chosen(folders: Iterable[Listed], choice: str) -> Listed | None:
    wanted = {_plain(choice), _plain(decode(choice))} - {""}
    return next((folder for folder in folders if _plain(decode(folder.wire)) in wanted), None)


def _marked(folders: Iterable[Listed]) -> Listed | None:
    return next((folder for folder in folders if "\\drafts" in folder.flags), None)


def _named(folders: Iterable[Listed]) -> Listed | None:
    """The folder with the most usual name, and of those the one nearest to the top."""

    def leaf(folder: Listed) -> str:
        name = decode(folder.wire)
        return _plain(name.rsplit(folder.delimiter, 1)[-1] if folder.delimiter else name)

    matches = [folder for folder in folders if leaf(folder) in DRAFTS_NAMES]
    return min(matches, key=lambda folder: (_depth(folder), DRAFTS_NAMES.index(leaf(folder))), default=None)


async def _create(connection: Connection, folders: Iterable[Listed]) -> Folder:
    """Creates it at the top, or below INBOX on servers that allow nothing beside it."""
    delimiter = next((folder.delimiter for folder in folders if folder.delimiter), "/")
    use = ["(USE (\\Drafts))"] if connection.can("CREATE-SPECIAL-USE") else []
    for folder in (Folder.named("Drafts"), Folder.named(f"INBOX{delimiter}Drafts")):
        reply = await connection.run("CREATE", folder.quoted, *use)
        if not reply.ok and use:
            reply = await connection.run("CREATE", folder.quoted)
        if reply.ok or reply.code == "ALREADYEXISTS":
            # Mail programs show subscribed folders only; one that cannot be subscribed to still holds drafts.
            await connection.run("SUBSCRIBE", folder.quoted)
            return folder
        if (error := append_refused(reply)).reason != "server_refused":
            raise error
    raise PermanentError("no_drafts_folder")


def _depth(folder: Listed) -> int:
    return folder.wire.count(folder.delimiter) if folder.delimiter else 0


def _plain(name: str) -> str:
    """For comparison: compatibility forms and case folded, invisible marks dropped."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in folded if unicodedata.category(char) != "Cf").strip()
