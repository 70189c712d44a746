"""Saving drafts: look first, let the service make the reply, then put our text in front of what it quotes."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.message import Message
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.messages.item.create_reply.create_reply_post_request_body import (
    CreateReplyPostRequestBody,
)
from msgraph.generated.users.item.messages.item.create_reply_all.create_reply_all_post_request_body import (
    CreateReplyAllPostRequestBody,
)
from msgraph.generated.users.item.messages.item.message_item_request_builder import MessageItemRequestBuilder

from shared.errors import KinamikError, PermanentError
from shared.mail import Address
from shared.mailbox.graph.answers import Item, item_of, page_of
from shared.mailbox.graph.client import Graph
from shared.mailbox.graph.errors import NotThere
from shared.mailbox.graph.folders import Folder, well_known
from shared.mailbox.graph.marks import (
    BEGUN,
    BEGUN_ON_UNREAD,
    COMPLETE,
    IN_REPLY_TO,
    MARK,
    STATE,
    expanding,
    having,
    marks,
)
from shared.mailbox.graph.markup import in_front_of
from shared.mailbox.graph.requests import asking
from shared.mailbox.protocol import Draft, MessageGone, Saved

SETTLES_WITHIN = timedelta(seconds=5)
"""A draft that was changed later than that after it was made was changed by somebody else."""

_ONE = MessageItemRequestBuilder.MessageItemRequestBuilderGetQueryParameters
_LIST = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters
_OUTSIDE = ["isRead", "internetMessageId"]
_DRAFT = ["subject", "body", "createdDateTime", "lastModifiedDateTime"]


class GraphDraftStore:
    """Implements `shared.mailbox.protocol.DraftStore`.

    A draft takes three requests, and a process may die between any two. So the first one marks it as begun, the last as
    complete, and `save` goes on with what was only begun, unless a person has touched it: that one existed too.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._folder: Folder | None = None

    async def save(self, draft: Draft) -> Saved:
        """See `DraftStore.save`. A doubtful end of a write is a TransientError; the next `save` looks first."""
        if self._folder is None:
            self._folder = await _drafts_folder(self._graph)
        begun = next(iter(await self._found(having(MARK, draft.message_id))), None)
        existed = begun is not None
        if begun is None:
            original = await self._original(draft)
            existed = await self._answered_by_hand(original)
            begun = None if existed else await self._begin(draft, original)
        if begun is not None and begun.value_of(STATE) != COMPLETE and not is_touched(begun):
            await self._finish(draft, begun)
        return Saved(existed=existed, folder=self._folder.name)

    async def signature(self) -> str:
        """Always empty: the service does not tell it."""
        return ""

    async def close(self) -> None:
        """Ends the connection; never raises."""
        await self._graph.close()

    async def _found(self, condition: str) -> list[Item]:
        messages = self._graph.mailbox.mail_folders.by_mail_folder_id("drafts").messages
        query = _LIST(select=_DRAFT, filter=condition, expand=expanding(MARK, STATE))
        request = messages.to_get_request_information(asking(query))
        return (await self._graph.answer(request, page_of)).items

    async def _original(self, draft: Draft) -> Item:
        if not draft.answers:
            raise MessageGone
        one = self._graph.mailbox.messages.by_message_id(draft.answers)
        try:
            return await self._graph.answer(one.to_get_request_information(asking(_ONE(select=_OUTSIDE))), item_of)
        except NotThere:
            raise MessageGone from None

    async def _answered_by_hand(self, original: Item) -> bool:
        """Whether a person has begun to answer it. Ours do not count: two mails may share a Message-ID."""
        if not original.message_id:
            return False
        found = await self._found(having(IN_REPLY_TO, original.message_id))
        return any(not message.value_of(MARK) for message in found)

    async def _begin(self, draft: Draft, original: Item) -> Item:
        """The service's own reply, with its quote, our mark and our recipients. It marks the original as read."""
        state = BEGUN if original.is_read else BEGUN_ON_UNREAD
        reply = _addressed(draft, state)
        one = self._graph.mailbox.messages.by_message_id(draft.answers)
        if draft.cc:
            request = one.create_reply_all.to_post_request_information(
                CreateReplyAllPostRequestBody(message=reply), asking()
            )
        else:
            request = one.create_reply.to_post_request_information(CreateReplyPostRequestBody(message=reply), asking())
        try:
            made = await self._graph.answer(request, item_of)
        except NotThere:
            raise MessageGone from None
        return replace(made, properties={STATE.lower(): state})

    async def _mark_unread(self, message_id: str) -> None:
        """A draft is worth more than this."""
        one = self._graph.mailbox.messages.by_message_id(message_id)
        with suppress(KinamikError):
            await self._graph.answer(one.to_patch_request_information(Message(is_read=False), asking()), item_of)

    async def _finish(self, draft: Draft, begun: Item) -> None:
        """Raises ChangedMeanwhile where somebody was faster; what they have deleted stays deleted."""
        if begun.value_of(STATE) == BEGUN_ON_UNREAD:
            await self._mark_unread(draft.answers)
        change = _addressed(draft, COMPLETE)
        change.subject = draft.subject
        change.body = in_front_of(draft.html, begun)
        one = self._graph.mailbox.messages.by_message_id(begun.id)
        with suppress(NotThere):
            request = one.to_patch_request_information(change, asking(if_match=begun.etag))
            await self._graph.answer(request, item_of)


async def _drafts_folder(graph: Graph) -> Folder:
    try:
        return await well_known(graph, "drafts")
    except NotThere:
        raise PermanentError("no_drafts_folder") from None


def _addressed(draft: Draft, state: str) -> Message:
    return Message(
        to_recipients=[_recipient(one) for one in draft.to],
        cc_recipients=[_recipient(one) for one in draft.cc],
        single_value_extended_properties=marks(draft.message_id, state),
    )


def _recipient(address: Address) -> Recipient:
    return Recipient(email_address=EmailAddress(address=address.address, name=address.name or None))


def is_touched(draft: Item) -> bool:
    made, changed = draft.created, draft.modified
    return made is None or changed is None or changed - made > SETTLES_WITHIN
