"""createReply and createReplyAll: a draft as Outlook makes it, with the original quoted below an empty line.

See https://learn.microsoft.com/graph/api/message-createreply.
"""

from datetime import datetime
from html import escape

from tests.servers.graph.mime import Json, preview
from tests.servers.graph.problem import Problem
from tests.servers.graph.tenant import Folder, Message, Tenant, User, a_draft

# Properties of a draft that can be written (https://learn.microsoft.com/graph/api/message-update).
WRITABLE = {
    "bccRecipients",
    "body",
    "categories",
    "ccRecipients",
    "flag",
    "from",
    "importance",
    "inferenceClassification",
    "isRead",
    "replyTo",
    "sender",
    "subject",
    "toRecipients",
    "singleValueExtendedProperties",
}
ALWAYS_WRITABLE = {"categories", "flag", "inferenceClassification", "isRead", "singleValueExtendedProperties"}


def create_reply(tenant: Tenant, user: User, original: Message, body: Json, *, to_all: bool) -> Message:
    """Makes the draft, and marks the original as read."""
    given = {name.lower(): value for name, value in body.items()}
    changes, comment = given.get("message") or {}, given.get("comment")
    if comment and "body" in changes:
        raise Problem(400, "ErrorInvalidRequest", "Either a comment or a body.")
    folder = user.folder("drafts")
    assert folder is not None
    draft = _reply(user, original, folder, comment or "", to_all=to_all)
    write(draft, changes)
    draft.properties["bodyPreview"] = preview(draft.properties["body"]["content"])
    tenant.add(user, draft)
    tenant.change(user, original, isRead=True)
    return draft


def write(message: Message, changes: Json) -> Json:
    """Takes over extended properties, and returns the plain ones. Raises Problem on what cannot be written."""
    allowed = WRITABLE if message.properties["isDraft"] else ALWAYS_WRITABLE
    plain = {name: value for name, value in changes.items() if "@" not in name}
    if set(plain) - allowed:
        raise Problem(400, "ErrorInvalidPropertySet", "The property cannot be set on this object.")
    for one in plain.pop("singleValueExtendedProperties", ()):
        message.extended[one["id"]] = one["value"]
    message.properties |= plain
    return plain


def _reply(user: User, original: Message, folder: Folder, comment: str, *, to_all: bool) -> Message:
    source = original.properties
    own = {"emailAddress": {"name": user.name, "address": user.address}}
    back = source["replyTo"] or [source["from"]]
    others = [one for one in source["toRecipients"] if one["emailAddress"]["address"] != user.address]
    subject = source["subject"]
    draft = a_draft(
        folder,
        subject=subject if subject.lower().startswith(("re:", "aw:")) else f"RE: {subject}",
        toRecipients=[*(one for one in back if one), *(others if to_all else [])],
        ccRecipients=source["ccRecipients"] if to_all else [],
        conversationId=source["conversationId"],
        body={"contentType": "html", "content": _quoted(original, comment)},
        sender=own,
    )
    draft.properties["from"] = own
    draft.answers = source["internetMessageId"] or ""
    draft.extended["String 0x1042"] = draft.answers
    draft.verb = "103" if to_all else "102"
    return draft


def _quoted(original: Message, comment: str) -> str:
    source = original.properties
    sent = datetime.fromisoformat(source["sentDateTime"]).strftime("%A, %B %-d, %Y %-I:%M:%S %p")
    lines = {
        "From": _people([source["from"]] if source["from"] else []),
        "Sent": sent,
        "To": _people(source["toRecipients"]),
        "Subject": escape(source["subject"]),
    }
    head = "".join(f"<b>{name}:</b> {value}<br>" for name, value in lines.items())
    return (
        '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>'
        f'<body>{escape(comment)}<hr tabindex="-1" style="display:inline-block; width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" color="#000000" style="font-size:11pt">'
        f"{head}</font><div>&nbsp;</div></div>{source['body']['content']}</body></html>"
    )


def _people(recipients: list[Json]) -> str:
    people = [one["emailAddress"] for one in recipients]
    return "; ".join(escape(f"{one.get('name', '')} <{one['address']}>") for one in people)
