"""Mail that a machine wrote: spam as the server says, automatic replies, invitations, notifications."""

import re

from ingest.gate.addresses import is_nobody
from ingest.gate.headers import content_type, header, precedence
from ingest.gate.reports import is_null_path
from shared.mailbox.mime import Parsed

_ABSENCE = re.compile(
    r"^\W*(abwesenheits(notiz|nachricht|assistent|agent)\b|autom(atische|\.) (e-?mail-?)?antwort|autoantwort"
    r"|automatische rückantwort|out[ -]of[ -](the )?office|auto(matic|mated)?[ -]?(reply|response)\b"
    r"|réponse automatique|absence du bureau)"
)
_ABSENCE_TEXT = re.compile(
    r"nicht im (büro|haus)|außer haus|abwesend|abwesenheit|im urlaub|nicht weitergeleitet|wieder erreichbar"
    r"|(out of|away from) (the |my )?office|on (vacation|leave|holiday)|automatic(ally)? (reply|generated|response)"
    r"|automatisch (generierte|erstellte|erzeugte|versendete)|limited access to (my )?e-?mail"
)
_AUTOREPLY = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply")
_NEWSLETTER = re.compile(r"(^|[._-])(newsletter|mailings?)([._+-]|@)")
_TEXT_READ = 4000


def spam(parsed: Parsed) -> str | None:
    """The server's own verdict, as SpamAssassin and rspamd write it."""
    marks = (header(parsed, "x-spam-flag"), header(parsed, "x-spam"), header(parsed, "x-spam-status"))
    return "spam" if any(re.match(r"(yes|true)\b", mark) for mark in marks) else None


def automatic_reply(parsed: Parsed) -> str | None:
    """An answer that nobody wrote (RFC 3834). An absence by its subject alone is none: people write those words too."""
    absent = _ABSENCE.search(parsed.mail.subject.strip().casefold()) is not None
    marked = (
        _auto_keyword(parsed) == "auto-replied"
        or precedence(parsed) == "auto_reply"
        or any(header(parsed, name) not in ("", "no", "false") for name in _AUTOREPLY)
    )
    if absent and (marked or _absence_shown(parsed)):
        return "out_of_office"
    return "auto_submitted" if marked else None


def auto_submitted(parsed: Parsed) -> str | None:
    """Anything that declares itself sent by a machine (RFC 3834, 5): `no` is a person's, and so is no header."""
    return "auto_submitted" if _auto_keyword(parsed) not in ("", "no") else None


def calendar(parsed: Parsed) -> str | None:
    """An invitation or its answer (iTIP, RFC 6047). A calendar file that is merely attached is none."""
    if content_type(parsed)[0] == "text/calendar" or "calendarmessage" in header(parsed, "content-class"):
        return "calendar"
    objects = parsed.content_types.count("text/calendar")
    files = sum(1 for file in parsed.mail.attachments if file.content_type == "text/calendar" and file.name)
    return "calendar" if objects > files else None


def unread_sender(address: str) -> str | None:
    """An address under which nobody reads answers."""
    if is_nobody(address):
        return "no_reply_address"
    return "newsletter" if _NEWSLETTER.search(address.casefold()) else None


def _auto_keyword(parsed: Parsed) -> str:
    found = re.match(r"[a-z-]+", header(parsed, "auto-submitted"))
    return found[0] if found else ""


def _absence_shown(parsed: Parsed) -> bool:
    mail = parsed.mail
    return (
        bool(mail.in_reply_to)
        or _auto_keyword(parsed) not in ("", "no")
        or bool(header(parsed, "x-auto-response-suppress"))
        or is_null_path(parsed)
        or _ABSENCE_TEXT.search(mail.text[:_TEXT_READ].casefold()) is not None
    )
