"""Saving drafts: look first, then write once."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from email.parser import BytesHeaderParser
from typing import Any

from shared.config import GmailAccount
from shared.mailbox.gmail.api import Api, segment
from shared.mailbox.gmail.errors import NotFound
from shared.mailbox.gmail.subject import reply_subject, with_subject
from shared.mailbox.protocol import Draft, MessageGone, Saved
from shared.mailbox.tokens import AccessTokens

FOLDER = "DRAFT"
MARK = "X-Kinamik-Draft"
"""The header by which our drafts are known (see writer.compose)."""

_LOOKED_AT = ["Message-ID", "X-Google-Original-Message-ID", "In-Reply-To", MARK]
_PLAIN_ID = re.compile(r"<[!-~]{1,250}>")
_BARE_LINE_END = re.compile(rb"\r?\n|\r")


async def open_draft_store(account: GmailAccount, *, tokens: AccessTokens, url: str) -> "GmailDraftStore":
    """Makes no request yet."""
    return GmailDraftStore(Api(url, tokens))


class GmailDraftStore:
    """Implements `shared.mailbox.protocol.DraftStore`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def save(self, draft: Draft) -> Saved:
        """See `DraftStore.save`. An answer that does not come, or a server's error, leaves open whether the draft is
        there: the next attempt looks first, in the thread, which knows at once what is in it."""
        thread, subject = await self._answered(draft.answers)
        if await self._is_in(thread, draft) or await self._is_anywhere(draft):
            return Saved(existed=True, folder=FOLDER)
        raw = _BARE_LINE_END.sub(b"\r\n", draft.raw)
        if draft.subject != subject:
            raw = with_subject(raw, subject)
        encoded = urlsafe_b64encode(raw).rstrip(b"=").decode()
        try:
            await self._api.post("/drafts", {"message": {"threadId": thread, "raw": encoded}})
        except NotFound:
            raise MessageGone from None
        return Saved(existed=False, folder=FOLDER)

    async def signature(self) -> str:
        """The default address's, as HTML; empty where there is none."""
        aliases = (await self._api.get("/settings/sendAs")).get("sendAs", [])
        return next((str(alias.get("signature") or "") for alias in aliases if alias.get("isDefault")), "")

    async def close(self) -> None:
        """Never raises."""
        await self._api.close()

    async def _answered(self, message_id: str) -> tuple[str, str]:
        """The thread of the mail that is answered, and the subject of a reply. Raises MessageGone."""
        if not message_id:
            raise MessageGone
        try:
            message = await self._api.get(
                f"/messages/{segment(message_id)}", format="metadata", metadataHeaders=["Subject"]
            )
        except NotFound:
            raise MessageGone from None
        if "TRASH" in message.get("labelIds", []):
            raise MessageGone
        return str(message["threadId"]), reply_subject(headers_of(message).get("subject", ""))

    async def _is_in(self, thread: str, draft: Draft) -> bool:
        """Whether this draft is in the thread, or was sent from there, or a person's own answer is."""
        ours = BytesHeaderParser().parsebytes(draft.raw)
        mark, parent = str(ours.get(MARK, "")), str(ours.get("In-Reply-To", "")).strip()
        try:
            found = await self._api.get(f"/threads/{segment(thread)}", format="metadata", metadataHeaders=_LOOKED_AT)
        except NotFound:
            raise MessageGone from None
        return any(
            _is_same(message, draft.message_id, mark) or _is_by_hand(message, parent)
            for message in _alive(found.get("messages", []))
        )

    async def _is_anywhere(self, draft: Draft) -> bool:
        """A draft whose subject a person has changed is in a thread of its own."""
        found = await self._api.get("/drafts", q=f"rfc822msgid:{draft.message_id}", maxResults=1)
        return bool(found.get("drafts"))


def _alive(messages: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (message for message in messages if {"DRAFT", "SENT"} & set(message.get("labelIds", [])))


def _is_same(message: dict[str, Any], message_id: str, mark: str) -> bool:
    headers = headers_of(message)
    ids = (headers.get("message-id"), headers.get("x-google-original-message-id"))
    return message_id in ids or bool(mark and headers.get(MARK.lower()) == mark)


def _is_by_hand(message: dict[str, Any], parent: str) -> bool:
    """Gmail's editor saves a changed draft under a Message-ID of its own and without our mark, but as the same answer.

    Marked ones do not count: two mails may share a Message-ID, and each gets its own.
    """
    headers = headers_of(message)
    plain = _PLAIN_ID.fullmatch(parent) is not None
    return plain and MARK.lower() not in headers and headers.get("in-reply-to") == parent


def headers_of(message: dict[str, Any]) -> dict[str, str]:
    """The first of each field, by its name in small letters."""
    fields: dict[str, str] = {}
    for header in message.get("payload", {}).get("headers", []):
        fields.setdefault(str(header["name"]).lower(), str(header["value"]).strip())
    return fields
