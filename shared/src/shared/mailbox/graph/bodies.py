"""Reading messages whole, with what IMAP would call their flags."""

from collections.abc import AsyncIterator, Iterator, Sequence

from msgraph.generated.users.item.messages.item.message_item_request_builder import MessageItemRequestBuilder

from shared.errors import TransientError
from shared.mailbox.graph.answers import Item, item_of
from shared.mailbox.graph.client import Graph
from shared.mailbox.graph.errors import NotThere
from shared.mailbox.graph.folders import well_known
from shared.mailbox.graph.marks import LAST_VERB, REPLIED, expanding
from shared.mailbox.graph.requests import asking
from shared.mailbox.protocol import Fetched, MessageRef, MessageUnreadable

WHOLE = 2 * 1024 * 1024
"""Messages up to this size in bytes are read whole, larger ones only for their first `PART`."""
PART = 1024 * 1024

_ONE = MessageItemRequestBuilder.MessageItemRequestBuilderGetQueryParameters
_SELECT = ["isRead", "isDraft", "parentFolderId"]


class Bodies:
    """Of one folder: a message that was moved out of it is gone, as it would be in IMAP."""

    def __init__(self, graph: Graph, folder_id: str, *, may_be_junk: bool) -> None:
        self._graph = graph
        self._folder_id = folder_id
        self._is_junk = None if may_be_junk else False

    async def fetch(self, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
        """See `Watch.fetch`."""
        unreadable = False
        for ref in refs:
            try:
                yield await self._read(ref)
            except NotThere:
                continue
            except TransientError as error:
                # What all messages would meet ends it at once.
                if error.reason not in ("server_error", "server_refused"):
                    raise
                unreadable = True
        if unreadable:
            raise MessageUnreadable

    async def _read(self, ref: MessageRef) -> Fetched:
        one = self._graph.mailbox.messages.by_message_id(ref.id)
        outside = one.to_get_request_information(asking(_ONE(select=_SELECT, expand=expanding(LAST_VERB))))
        about = await self._graph.answer(outside, item_of)
        if about.folder_id != self._folder_id:
            raise NotThere
        content = one.content.to_get_request_information(asking())
        raw, truncated = await self._graph.beginning(content, WHOLE, PART)
        return Fetched(ref, raw, frozenset(_flags(about, is_junk=await self._in_junk())), truncated)

    async def _in_junk(self) -> bool:
        if self._is_junk is None:
            self._is_junk = (await well_known(self._graph, "junkemail")).id == self._folder_id
        return self._is_junk


def _flags(about: Item, *, is_junk: bool) -> Iterator[str]:
    if about.is_read:
        yield "\\Seen"
    if about.is_draft:
        yield "\\Draft"
    if about.value_of(LAST_VERB) in REPLIED:
        yield "\\Answered"
    if is_junk:
        yield "$Junk"
