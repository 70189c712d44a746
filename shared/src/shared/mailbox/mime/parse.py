"""A message's bytes to a `Mail`: decoded, bounded, free of MIME."""

from dataclasses import dataclass

from shared.mail import Address, Mail
from shared.mailbox.mime import addresses, content, fields, headers, limits, patterns, structure
from shared.mailbox.mime.bodies import Bodies, read
from shared.mailbox.mime.layout import arrange
from shared.mailbox.mime.reply_text import reply_text


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail and what a gate wants to know of it.

    `headers`: names in lower case, values unfolded and decoded (RFC 2047), in order. `content_types`: those of all
    parts in order, in lower case, the whole mail's first; what a contained message holds is not among them.
    """

    mail: Mail
    headers: dict[str, tuple[str, ...]]
    content_types: tuple[str, ...]


def parse(raw: bytes, *, truncated: bool = False) -> Parsed:
    """Reads a message (RFC 5322, 6532, 2045 to 2047, 2231, 3676). Never raises, whatever the bytes are.

    `truncated`: `raw` is the first part of a longer message. `mail.truncated` says that this is so, or that the mail
    was beyond a limit (see `limits`) and was cut. Time is linear in the size of `raw`.
    """
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    tree = structure.scan(raw)
    found = arrange(tree)
    bodies = read(raw, found)
    values, cut = _headers(tree.root.fields)
    mail = _mail(tree.root.fields, values, bodies)
    shown = found.attachments[: limits.ATTACHMENTS]
    mail = mail.model_copy(
        update={
            "attachments": tuple(content.attachment(raw, part) for part in shown),
            "truncated": truncated
            or tree.cut
            or cut
            or bodies.cut
            or mail.truncated
            or len(shown) < len(found.attachments),
        }
    )
    return Parsed(mail, values, tuple(part.kind[:100] for part in tree.parts))


def _headers(found: headers.Fields) -> tuple[dict[str, tuple[str, ...]], bool]:
    values: dict[str, list[str]] = {}
    room = limits.HEADERS_CHARS
    for name, raw in found.items:
        value = headers.text_of(raw)
        room -= len(value)
        if room < 0:
            return {name: tuple(all_of) for name, all_of in values.items()}, True
        values.setdefault(name, []).append(value)
    return {name: tuple(all_of) for name, all_of in values.items()}, False


def _mail(found: headers.Fields, values: dict[str, tuple[str, ...]], bodies: Bodies) -> Mail:
    def one(name: str) -> str:
        return next((value for value in values.get(name, ()) if value), "")

    in_reply_to, references = fields.message_ids(one("in-reply-to")), fields.message_ids(one("references"))
    subject = one("subject")
    threaded = bool(in_reply_to or references or patterns.REPLY_SUBJECT.match(subject))
    text = reply_text(bodies.body, bodies.rendered, subject=subject, threaded=threaded)
    return Mail(
        message_id=fields.message_id(one("message-id")),
        in_reply_to=in_reply_to,
        references=references,
        date=next(filter(None, map(fields.date, values.get("date", ()))), None),
        sender=next(iter(_people(found, "from") or _people(found, "sender")), None),
        reply_to=_people(found, "reply-to"),
        to=_people(found, "to"),
        cc=_people(found, "cc"),
        subject=subject,
        text=text[: limits.TEXT_CHARS],
        body=bodies.body,
        truncated=len(text) > limits.TEXT_CHARS,
    )


def _people(found: headers.Fields, name: str) -> tuple[Address, ...]:
    """The addresses of all fields of that name, each address once."""
    people: dict[str, Address] = {}
    for key, value in found.items:
        if key == name and len(people) < limits.ADDRESSES:
            for one in addresses.parse(value):
                people.setdefault(one.address.casefold(), one)
    return tuple(people.values())[: limits.ADDRESSES]
