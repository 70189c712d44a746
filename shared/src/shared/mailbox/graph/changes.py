"""What is new in a folder, by delta query (https://learn.microsoft.com/graph/delta-query-messages)."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from msgraph.generated.models.message import Message
from msgraph.generated.models.message_collection_response import MessageCollectionResponse
from msgraph.generated.users.item.mail_folders.item.messages.delta.delta_get_response import DeltaGetResponse
from msgraph.generated.users.item.mail_folders.item.messages.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.messages.item.message_item_request_builder import MessageItemRequestBuilder

from shared.errors import TransientError
from shared.mailbox.graph.client import Graph
from shared.mailbox.graph.errors import CursorLost, NotThere
from shared.mailbox.graph.requests import asking

PAGE = 200
PORTION = 2000
"""Messages that one catch-up after a valid cursor lists at most."""
FILTERED_AT_MOST = 5000
"""Of a filtered delta the service tells no more than that, and does not say that it left something out."""

_DELTA = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters
_LIST = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters
_ONE = MessageItemRequestBuilder.MessageItemRequestBuilderGetQueryParameters

# Not isRead: who selects it is told each time that somebody reads a mail.
_SELECT = ["receivedDateTime", "sentDateTime", "isDraft"]


@dataclass(frozen=True)
class Changes:
    """`link` leads on from here; `more` says that there is something waiting behind it already."""

    messages: list[Message]
    link: str
    more: bool


class FolderChanges:
    """Of one folder. Its messages always have an id and a time at which they were received."""

    def __init__(self, graph: Graph, folder_id: str) -> None:
        self._graph = graph
        folder = graph.mailbox.mail_folders.by_mail_folder_id(folder_id)
        self._delta, self._messages = folder.messages.delta, folder.messages

    async def since(self, at: datetime) -> Changes:
        """All that was received since then, whatever it takes. The same limit holds for all that follows its link."""
        condition = f"receivedDateTime ge {at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}"
        first = self._delta.to_get_request_information(asking(_DELTA(select=_SELECT, filter=condition), page=PAGE))
        page = await self._graph.model(first, DeltaGetResponse)
        found = await self._usable(page)
        while page.odata_next_link:
            page = await self._page(page.odata_next_link)
            found += await self._usable(page)
        if len(found) >= FILTERED_AT_MOST:
            known = {message.id for message in found}
            found += [message async for message in self._listed(condition) if message.id not in known]
        return Changes(_oldest_first(found), _link(page.odata_delta_link), more=False)

    async def after(self, link: str) -> Changes:
        """What has changed since, at most a portion. Raises CursorLost."""
        if not link.startswith(f"{self._graph.base}/"):
            raise CursorLost
        found: list[Message] = []
        following: str | None = link
        page = DeltaGetResponse()
        while following and len(found) < PORTION:
            page = await self._page(following)
            found += await self._usable(page)
            following = page.odata_next_link
        return Changes(_oldest_first(found), _link(following or page.odata_delta_link), more=bool(following))

    async def _page(self, link: str) -> DeltaGetResponse:
        request = self._delta.with_url(link).to_get_request_information(asking(page=PAGE))
        return await self._graph.model(request, DeltaGetResponse)

    async def _usable(self, page: DeltaGetResponse) -> list[Message]:
        """Without drafts and what was taken away. What the service tells only in part is read whole."""
        messages: list[Message] = []
        for told in page.value or ():
            if "@removed" in told.additional_data or not told.id:
                continue
            message = told if told.received_date_time else await self._whole(told.id)
            if message is not None and not message.is_draft:
                messages.append(message)
        return messages

    async def _whole(self, message_id: str) -> Message | None:
        one = self._graph.mailbox.messages.by_message_id(message_id)
        try:
            return await self._graph.model(one.to_get_request_information(asking(_ONE(select=_SELECT))), Message)
        except NotThere:
            return None

    async def _listed(self, condition: str) -> AsyncIterator[Message]:
        query = _LIST(select=_SELECT, filter=condition, orderby=["receivedDateTime asc"])
        request = self._messages.to_get_request_information(asking(query, page=PAGE))
        while True:
            page = await self._graph.model(request, MessageCollectionResponse)
            for message in page.value or ():
                if message.id and message.received_date_time and not message.is_draft:
                    yield message
            if not page.odata_next_link:
                return
            request = self._messages.with_url(page.odata_next_link).to_get_request_information(asking(page=PAGE))


def _oldest_first(messages: Iterable[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: message.received_date_time or datetime.min.replace(tzinfo=UTC))


def _link(link: str | None) -> str:
    if not link:
        raise TransientError("server_error")
    return link
