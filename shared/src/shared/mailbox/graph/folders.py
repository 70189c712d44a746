"""Finding the watched folder."""

from dataclasses import dataclass

from msgraph.generated.users.item.mail_folders.item.child_folders.child_folders_request_builder import (
    ChildFoldersRequestBuilder,
)
from msgraph.generated.users.item.mail_folders.item.mail_folder_item_request_builder import (
    MailFolderItemRequestBuilder,
)
from msgraph.generated.users.item.mail_folders.mail_folders_request_builder import MailFoldersRequestBuilder

from shared.errors import PermanentError
from shared.mailbox.graph.answers import Json
from shared.mailbox.graph.client import Graph
from shared.mailbox.graph.errors import NotThere
from shared.mailbox.graph.requests import asking, literal

_ONE = MailFolderItemRequestBuilder.MailFolderItemRequestBuilderGetQueryParameters
_TOP = MailFoldersRequestBuilder.MailFoldersRequestBuilderGetQueryParameters
_BELOW = ChildFoldersRequestBuilder.ChildFoldersRequestBuilderGetQueryParameters
_SELECT = ["id", "displayName"]


@dataclass(frozen=True)
class Folder:
    """`name` is what people see."""

    id: str
    name: str


async def well_known(graph: Graph, name: str) -> Folder:
    """One of those that every mailbox has (https://learn.microsoft.com/graph/api/resources/mailfolder), in whatever
    language. Raises NotThere."""
    folder = graph.mailbox.mail_folders.by_mail_folder_id(name)
    return await graph.answer(folder.to_get_request_information(asking(_ONE(select=_SELECT))), _folder_of)


async def find_folder(graph: Graph, name: str) -> str:
    """The id of `INBOX`, or of the folder that people see under this name; `/` leads to one within another.

    Raises PermanentError (`folder_missing`).
    """
    if name.upper() == "INBOX":
        found = (await well_known(graph, "inbox")).id
    else:
        found = await _named(graph, "", name) or await _along(graph, name)
    if not found:
        raise PermanentError("folder_missing")
    return found


async def _along(graph: Graph, path: str) -> str:
    parent = ""
    for name in path.split("/"):
        parent = await _named(graph, parent, name)
        if not parent:
            return ""
    return parent


async def _named(graph: Graph, parent: str, name: str) -> str:
    """Empty where there is none."""
    condition = f"displayName eq {literal(name)}"
    if parent:
        below = graph.mailbox.mail_folders.by_mail_folder_id(parent).child_folders
        request = below.to_get_request_information(asking(_BELOW(filter=condition, select=_SELECT)))
    else:
        request = graph.mailbox.mail_folders.to_get_request_information(asking(_TOP(filter=condition, select=_SELECT)))
    try:
        found = await graph.answer(request, lambda answer: [_folder_of(folder) for folder in answer["value"]])
    except NotThere:
        return ""
    return next((folder.id for folder in found if folder.name == name), "")


def _folder_of(json: Json) -> Folder:
    return Folder(json["id"], json["displayName"])
