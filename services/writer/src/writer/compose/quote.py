"""The original message below the draft, and the line that introduces it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shared.mail import Mail
from writer.compose.text import block, line
from writer.compose.thread import Language

MAX_QUOTE = 20_000
_MAX_NAME = 200
_DEFAULT_ZONE = "Europe/Berlin"
_SHORTENED = {"de": "[gekürzt]", "en": "[shortened]"}
_MONTHS = {
    "de": "Januar,Februar,März,April,Mai,Juni,Juli,August,September,Oktober,November,Dezember",
    "en": "January,February,March,April,May,June,July,August,September,October,November,December",
}


def attribution(mail: Mail, received_at: datetime, time_zone: str, language: Language) -> str:
    """`Am 3. März 2026 um 10:12 schrieb ...:` in the mailbox's time zone, by the mail's date or its arrival."""
    when = (mail.date and _local(mail.date, time_zone)) or _local(received_at, time_zone) or received_at
    month = _MONTHS[language].split(",")[when.month - 1]
    if language == "de":
        who = _who(mail) or "der Absender"
        return f"Am {when.day}. {month} {when.year} um {when:%H:%M} schrieb {who}:"
    return f"On {when.day} {month} {when.year} at {when:%H:%M}, {_who(mail) or 'the sender'} wrote:"


def quoted(mail: Mail, language: Language) -> str:
    """The original's whole text, at most MAX_QUOTE characters of it, with a mark where it was cut."""
    text = block(mail.body or mail.text, MAX_QUOTE)
    cut = len(mail.body or mail.text) > MAX_QUOTE or mail.truncated
    return f"{text}\n{_SHORTENED[language]}" if cut else text


def as_plain(text: str) -> str:
    """Each line behind `>`, without a space where it is a quote already (RFC 3676, 4.5)."""
    return "\n".join(f">{row}" if row.startswith(">") or not row else f"> {row}" for row in text.split("\n"))


def zone(name: str) -> ZoneInfo:
    """The mailbox's time zone, Berlin's where the name is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return ZoneInfo(_DEFAULT_ZONE)


def _who(mail: Mail) -> str:
    if mail.sender is None:
        return ""
    name, address = line(mail.sender.name, _MAX_NAME), line(mail.sender.address, _MAX_NAME)
    return f"{name} <{address}>" if name else address


def _local(moment: datetime, time_zone: str) -> datetime | None:
    """None at the ends of the calendar, where no time zone can be applied."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(zone(time_zone))
    except OverflowError:
        return None
