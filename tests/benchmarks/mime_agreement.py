"""How far our reading of awkward mails agrees with mail-parser's, field by field.

Needs KINAMIK_EVAL_DATA. Run it with `python -m tests.benchmarks.mime_agreement`.
"""

import email
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from shared.mail import Address
from shared.mailbox.mime import content, parse
from shared.mailbox.mime.html_text import render
from shared.mailbox.mime.layout import arrange
from shared.mailbox.mime.structure import scan

FIELDS = ("subject", "from", "to", "cc", "date", "message id", "text", "html", "attachments")


@dataclass
class Agreement:
    """Per field how many mails agree, of those in which either side has a value.

    `unreadable`: the values that differ where the expectation has replacement characters for what we read.
    """

    mails: int = 0
    agreed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    compared: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    differing: list[tuple[str, str]] = field(default_factory=list)
    unreadable: int = 0
    seconds: float = 0.0

    def share(self, name: str) -> float:
        return self.agreed[name] / max(self.compared[name], 1)

    @property
    def overall(self) -> float:
        return sum(self.agreed.values()) / max(sum(self.compared.values()), 1)


def mails(data: Path) -> Iterator[Path]:
    """All mails with an expectation beside them."""
    return (path for path in sorted((data / "mail-parser").rglob("*.eml")) if path.with_suffix(".json").exists())


def measure(data: Path) -> Agreement:
    """Compares every mail of mail-parser's collection under the evaluation data."""
    result = Agreement()
    for path in mails(data):
        raw = path.read_bytes()
        begun = time.process_time()
        ours = _ours(raw)
        result.seconds += time.process_time() - begun
        wanted = _wanted(json.loads(path.with_suffix(".json").read_text("utf-8")))
        result.mails += 1
        for name in FIELDS:
            if ours[name] or wanted[name]:
                result.compared[name] += 1
                result.agreed[name] += ours[name] == wanted[name]
                if ours[name] != wanted[name]:
                    result.differing.append((f"{path.parent.name}/{path.name}", name))
                    result.unreadable += "\ufffd" in str(wanted[name])
    return result


def _ours(raw: bytes) -> dict[str, Any]:
    mail = parse(raw).mail
    html = [content.text(raw, part)[0] for part in arrange(scan(raw)).html if part.kind == "text/html"]
    named = (one.name for one in mail.attachments if one.content_type != "message/rfc822")
    return {
        "subject": mail.subject,
        "from": _people([mail.sender] if mail.sender else []),
        "to": _people(mail.to),
        "cc": _people(mail.cc),
        "date": mail.date.astimezone(UTC) if mail.date else None,
        "message id": (mail.message_id or "").strip("<>"),
        "text": _squeezed(mail.body),
        "html": _squeezed(" ".join(html)),
        "attachments": sorted(name for name in named if name),
    }


def _people(people: Any) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in people if isinstance(one, Address)]


def _wanted(expected: dict[str, Any]) -> dict[str, Any]:
    parts = expected["parts"]
    root = {name: value for part in parts[:1] for name, value in _headers(part)}
    texts = [_text(parts[number]["body"]) for number in expected["text_body"]]
    html = [parts[number]["body"].get("Html", "") for number in expected["html_body"]]
    return {
        "subject": _squeezed(_value(root.get("subject"), "Text") or ""),
        "from": _addresses(root.get("from"))[:1],
        "to": _addresses(root.get("to")),
        "cc": _addresses(root.get("cc")),
        "date": _date(_value(root.get("date"), "DateTime")),
        "message id": _value(root.get("message_id"), "Text") or "",
        "text": _squeezed("\n".join(texts)),
        "html": _squeezed(" ".join(html)),
        "attachments": sorted(filter(None, (_name(parts[number]) for number in expected["attachments"]))),
    }


def _headers(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((one["name"], one["value"]) for one in part["headers"] if isinstance(one["name"], str))


def _value(value: Any, kind: str) -> Any:
    return value.get(kind) if isinstance(value, dict) else None


def _text(body: dict[str, Any]) -> str:
    return body["Text"] if "Text" in body else render(body["Html"]).text if "Html" in body else ""


def _addresses(value: Any) -> list[tuple[str, str]]:
    found = _value(value, "Address") or {}
    listed = found.get("List") or [one for group in found.get("Group", []) for one in group["addresses"]]
    return [(_squeezed(one["name"] or ""), one["address"]) for one in listed if one["address"]]


def _date(value: dict[str, Any] | None) -> datetime | None:
    if value is None:
        return None
    offset = timedelta(hours=value["tz_hour"], minutes=value["tz_minute"])
    zone = timezone(-offset if value["tz_before_gmt"] else offset)
    day = datetime(value["year"], value["month"], value["day"], tzinfo=zone)
    clock = timedelta(hours=value["hour"], minutes=value["minute"], seconds=value["second"])
    return (day + clock).astimezone(UTC)


def _name(part: dict[str, Any]) -> str:
    found = {
        (header, one["name"]): one["value"]
        for header, value in _headers(part)
        for one in (_value(value, "ContentType") or {}).get("attributes") or []
    }
    kind = next((_value(value, "ContentType") for header, value in _headers(part) if header == "content_type"), None)
    if kind and kind["c_type"].lower() == "message":
        return ""
    return found.get(("content_disposition", "filename")) or found.get(("content_type", "name")) or ""


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def ordinary_mail() -> bytes:
    """A German enquiry of 5 kB, plain and HTML, as a mail server delivers it."""
    message = EmailMessage(policy=policy.SMTP)
    message["Received"] = (
        "from mx.example.de by mail.example.de (Postfix) with ESMTPS id 4XyZ; 3 Mar 2026 10:12:09 +0100"
    )
    message["DKIM-Signature"] = "v=1; a=rsa-sha256; d=example.de; s=s1; h=from:to:subject; b=" + "Ab3" * 100
    message["From"] = "Jürgen Müller <juergen.mueller@example.de>"
    message["To"] = "Hotel Seeblick <info@hotel-seeblick.example>"
    message["Subject"] = "AW: Anfrage: Doppelzimmer für zwei Nächte über Pfingsten"
    message["Date"] = "Tue, 03 Mar 2026 10:12:00 +0100"
    message["Message-ID"] = "<b2@example.de>"
    message["In-Reply-To"] = "<a1@hotel-seeblick.example>"
    lines = [
        "Guten Tag,",
        "wir möchten über Pfingsten zwei Nächte bei Ihnen übernachten.",
        "Mit freundlichen Grüßen",
    ] * 6
    quoted = ["vielen Dank für Ihre Anfrage, gerne reservieren wir Ihnen ein Zimmer mit Frühstück."] * 6
    intro = "Am 2. März 2026 um 09:00 schrieb Hotel Seeblick <info@hotel-seeblick.example>:"
    message.set_content("\n".join([*lines, "", intro, *(f"> {line}" for line in quoted)]), cte="quoted-printable")
    html = "".join(f'<p class="MsoNormal">{line}</p>' for line in lines)
    quote = "".join(f"<div>{line}</div>" for line in quoted)
    html += f'<div class="gmail_quote"><div class="gmail_attr">{intro}</div><blockquote>{quote}</blockquote></div>'
    message.add_alternative(
        f"<html><head><style>p{{margin:0}}</style></head><body>{html}</body></html>", subtype="html"
    )
    return message.as_bytes()


def cost(raw: bytes, rounds: int = 200) -> tuple[float, float]:
    """Milliseconds of CPU per mail: ours, and those of Python's `email` (policy.default) reading the same things."""

    def of(read: Callable[[bytes], object]) -> float:
        begun = time.process_time()
        for _ in range(rounds):
            read(raw)
        return (time.process_time() - begun) / rounds * 1e3

    return of(parse), of(_python_reads)


def _python_reads(raw: bytes) -> list[str]:
    message = email.message_from_bytes(raw, policy=policy.default)
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return [str(value) for value in message.values()] + texts


def main() -> None:
    """Prints the table."""
    raw = ordinary_mail()
    ours, python = cost(raw)
    print(
        f"an ordinary mail of {len(raw)} bytes: {ours:.2f} ms of CPU, Python's email (policy.default) {python:.2f} ms"
    )
    result = measure(Path(os.environ["KINAMIK_EVAL_DATA"]))
    print(f"mail-parser's {result.mails} mails, {result.seconds / result.mails * 1e3:.2f} ms of CPU each")
    for name in FIELDS:
        print(f"  {name:<12} {result.agreed[name]:>4} of {result.compared[name]:>4}  {result.share(name):6.1%}")
    agreed, compared = sum(result.agreed.values()), sum(result.compared.values())
    print(f"  {'overall':<12} {agreed:>4} of {compared:>4}  {result.overall:6.1%}")
    print(f"  of the differing, {result.unreadable} are raw 8-bit text that the expectation gives up on")


if __name__ == "__main__":
    main()
