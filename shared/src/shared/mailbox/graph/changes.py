"""What is new in a folder, by delta query (https://learn.microsoft.com/graph/delta-query-messages)."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from msgraph.generated.users.item.mail_folders.item.messages.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.messages.item.message_item_request_builder import MessageItemRequestBuilder

from shared.errors import TransientError
from shared.mailbox.graph.answers import Item, Page, item_of, page_of
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

    messages: list[Item]
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
        page = await self._graph.answer(first, page_of)
        found = await self._usable(page)
        while page.next_link:
            page = await self._page(page.next_link)
            found += await self._usable(page)
        if len(found) >= FILTERED_AT_MOST:
            known = {message.id for message in found}
            found += [message async for message in self._listed(condition) if message.id not in known]
        return Changes(_oldest_first(found), _link(page.delta_link), more=False)

    async def after(self, link: str) -> Changes:
        """What has changed since, at most a portion. Raises CursorLost."""
        if not link.startswith(f"{self._graph.base}/"):
            raise CursorLost
        found: list[Item] = []
        following = link
        page = Page([], "", "")
        while following and len(found) < PORTION:
            page = await self._page(following)
            found += await self._usable(page)
            following = page.next_link
        return Changes(_oldest_first(found), _link(following or page.delta_link), more=bool(following))

    async def _page(self, link: str) -> Page:
        request = self._delta.with_url(link).to_get_request_information(asking(page=PAGE))
        return await self._graph.answer(request, page_of)

    async def _usable(self, page: Page) -> list[Item]:
        """Without drafts and what was taken away. What the service tells only in part is read whole."""
        messages: list[Item] = []
        for told in page.items:
            if told.removed:
                continue
            message = told if told.received else await self._whole(told.id)
            if message is not None and not message.is_draft:
                messages.append(message)
        return messages

    async def _whole(self, message_id: str) -> Item | None:
        one = self._graph.mailbox.messages.by_message_id(message_id)
        try:
            return await self._graph.answer(one.to_get_request_information(asking(_ONE(select=_SELECT))), item_of)
        except NotThere:
            return None

    async def _listed(self, condition: str) -> AsyncIterator[Item]:
        query = _LIST(select=_SELECT, filter=condition, orderby=["receivedDateTime asc"])
        request = self._messages.to_get_request_information(asking(query, page=PAGE))
        while True:
            page = await self._graph.answer(request, page_of)
            for message in page.items:
                if message.received and not message.is_draft:
                    yield message
            if not page.next_link:
                return
            request = self._messages.with_url(page.next_link).to_get_request_information(asking(page=PAGE))


def _oldest_first(messages: Iterable[Item]) -> list[Item]:
    return sorted(messages, key=lambda message: message.received or datetime.min.replace(tzinfo=UTC))


def _link(link: str) -> str:
    if not link:
        raise TransientError("server_error")
    return link
