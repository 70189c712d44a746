"""Looking into a mailbox at Microsoft 365 for somebody who is waiting (see `shared.mailbox.looking`)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import MessagesRequestBuilder

from shared.mail import Address, Mail
from shared.mailbox.graph.answers import Item, Json, item_of
from shared.mailbox.graph.bodies import Bodies
from shared.mailbox.graph.client import Graph
from shared.mailbox.graph.drafts import is_touched
from shared.mailbox.graph.errors import NotThere
from shared.mailbox.graph.folders import find_folder, well_known
from shared.mailbox.graph.marks import COMPLETE, LAST_VERB, MARK, REPLIED, STATE, expanding, having
from shared.mailbox.graph.requests import asking
from shared.mailbox.looking import (
    LOOKED_AT,
    SIGNS,
    FoundDraft,
    Waiting,
    header_of,
    is_from_a_person,
    read,
)
from shared.mailbox.mime import Parsed
from shared.mailbox.mime.html_text import render
from shared.mailbox.protocol import MessageRef

PAGE = 25

_LIST = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters
_SELECT = ["receivedDateTime", "isDraft", "from", "internetMessageHeaders"]
_DRAFT = ["subject", "toRecipients", "body", "createdDateTime", "lastModifiedDateTime"]


@dataclass(frozen=True, slots=True)
class _Told:
    """A message, and what a list tells of its header."""

    item: Item
    header: Parsed


async def newest_unanswered(graph: Graph, folder: str, *, since: datetime, own: frozenset[str]) -> Waiting | None:
    """The newest mail in the folder since then that comes from a person and that nobody has replied to."""
    folder_id = await find_folder(graph, folder)
    if folder.upper() != "INBOX" and (await well_known(graph, "junkemail")).id == folder_id:
        return None
    bodies = Bodies(graph, folder_id, may_be_junk=False)
    async for told in _newest(graph, folder_id, since):
        item = told.item
        answered = item.is_draft or item.value_of(LAST_VERB) in REPLIED
        if item.received is None or answered or not is_from_a_person(told.header, own):
            continue
        if (mail := await read(bodies.fetch([MessageRef(folder, 0, item.id)]))) is not None:
            return Waiting(item.received, mail)
    return None


async def find_draft(graph: Graph, message_id: str) -> FoundDraft | None:
    """The draft that carries this Message-ID as its mark, as we finished it; None where a person has sent, deleted or
    changed it, or saved it anew.

    It keeps its mark when it is changed. So what was changed later than it takes us to finish it is not shown either.
    """
    try:
        folder = await well_known(graph, "drafts")
    except NotThere:
        return None
    messages = graph.mailbox.mail_folders.by_mail_folder_id(folder.id).messages
    query = _LIST(select=_DRAFT, filter=having(MARK, message_id), expand=expanding(STATE))
    found = await graph.answer(messages.to_get_request_information(asking(query)), lambda answer: answer["value"])
    for json in found:
        item = item_of(json)
        if item.value_of(STATE) == COMPLETE and not is_touched(item):
            return FoundDraft(folder.name, await asyncio.to_thread(_mail_of, json, item))
    return None


async def _newest(graph: Graph, folder_id: str, since: datetime) -> AsyncIterator[_Told]:
    messages = graph.mailbox.mail_folders.by_mail_folder_id(folder_id).messages
    query = _LIST(
        select=_SELECT,
        # What is ordered by comes first in a filter (https://learn.microsoft.com/graph/api/user-list-messages).
        filter=f"receivedDateTime ge {since.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        orderby=["receivedDateTime desc"],
        expand=expanding(LAST_VERB),
    )
    request = messages.to_get_request_information(asking(query, page=PAGE))
    for _ in range(LOOKED_AT // PAGE):
        told, following = await graph.answer(request, _page_of)
        for each in told:
            yield each
        if not following:
            return
        request = messages.with_url(following).to_get_request_information(asking(page=PAGE))


def _page_of(json: Json) -> tuple[list[_Told], str]:
    return [_Told(item_of(each), _header_of(each)) for each in json["value"]], json.get("@odata.nextLink", "")


def _header_of(json: Json) -> Parsed:
    sender = _address_of(json.get("from"))
    told: list[Json] = json.get("internetMessageHeaders") or []
    signs = [(str(each["name"]), str(each["value"])) for each in told if each["name"].upper() in SIGNS]
    return header_of([("From", f"<{sender.address}>"), *signs] if sender else signs)


def _mail_of(json: Json, item: Item) -> Mail:
    """Of a draft, with what the service quotes put as in plain text."""
    rendered = render(item.content)
    start = rendered.quoted[0][0] if rendered.quoted else len(rendered.text)
    text, quoted = rendered.text[:start].strip(), rendered.text[start:].strip()
    lines = "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
    recipients: list[Json] = json.get("toRecipients") or []
    return Mail(
        subject=json.get("subject") or "",
        to=tuple(filter(None, map(_address_of, recipients))),
        text=text,
        body=f"{text}\n\n{lines}" if quoted else text,
    )


def _address_of(json: Json | None) -> Address | None:
    """Of a recipient (https://learn.microsoft.com/graph/api/resources/recipient)."""
    told: Json = (json or {}).get("emailAddress") or {}
    address: str = told.get("address") or ""
    return Address(name=told.get("name") or "", address=address) if address else None
