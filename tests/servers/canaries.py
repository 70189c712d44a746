"""Words that occur nowhere else, put into every corner of a mail, and a search for them in whatever was stored.

All of them begin with the same random mark, so that one pass through a file says whether any of them is in it.
"""

import base64
import random
import string
from collections.abc import Iterable, Iterator, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

IN_PLAIN_MAIL = (
    "subject",
    "text",
    "quoted text",
    "signature",
    "sender name",
    "sender address",
    "recipient name",
    "recipient address",
    "copied name",
    "copied address",
    "reply-to name",
    "reply-to address",
    "attachment name",
    "attachment name with umlauts",
)
IN_HTML_MAIL = ("html subject", "html text", "html list", "html quoted text", "html sender name", "html attachment")
NEVER_KEPT = ("attachment bytes", "other header", "wrong password", "model key", "model answer", "model error")

LINE_ENDS = (b"=\r\n", b"=\n", b"\r\n", b"\n")


class Canaries:
    """`words` by the place where each is put."""

    def __init__(self) -> None:
        self.mark = "kanari" + "".join(random.choices(string.ascii_lowercase, k=8))
        self.words = {
            place: self.mark + _letters(n) for n, place in enumerate(IN_PLAIN_MAIL + IN_HTML_MAIL + NEVER_KEPT)
        }

    def plain_mail(self, number: int) -> bytes:
        """A reply that asks something, with two attachments."""
        word = self.words
        message = EmailMessage()
        message["Subject"] = f"Re: Frühstück {word['subject']}"
        message["From"] = Address(f"Jörg {word['sender name']}", word["sender address"], "gast.example")
        message["To"] = Address(word["recipient name"], word["recipient address"], "hotel-seeblick.example")
        message["Cc"] = Address(f"Ünal {word['copied name']}", word["copied address"], "gast.example")
        message["Reply-To"] = Address(word["reply-to name"], word["reply-to address"], "gast.example")
        message["Message-ID"] = make_msgid(f"plain{number}", "gast.example")
        message["X-Kunde"] = word["other header"]
        message.set_content(
            f"Guten Tag,\n\nwann gibt es Frühstück? Es geht um {word['text']}.\n\nViele Grüße\nJörg\n-- \n"
            f"{word['signature']}\n\nAm 3. März 2026 um 10:12 schrieb Hotel <info@hotel-seeblick.example>:\n"
            f"> Sehr geehrter Gast,\n> zu {word['quoted text']} melden wir uns.\n"
        )
        content = {"maintype": "application", "subtype": "pdf"}
        message.add_attachment(word["attachment bytes"].encode(), filename=f"{word['attachment name']}.pdf", **content)
        name = f"Grüße {word['attachment name with umlauts']}.pdf"
        message.add_attachment(b"%PDF", filename=name, **content)
        return message.as_bytes()

    def html_mail(self, number: int) -> bytes:
        """A mail of which there is HTML only."""
        word = self.words
        message = EmailMessage()
        message["Subject"] = f"Parkplatz {word['html subject']}"
        message["From"] = Address(word["html sender name"], "gast", "gast.example")
        message["To"] = "info@hotel-seeblick.example"
        message["Message-ID"] = make_msgid(f"html{number}", "gast.example")
        message.set_content(
            f"<html><body><p>Wo kann ich parken? Zu <b>{word['html text']}</b>:</p><ul><li>{word['html list']}</li>"
            f'</ul><div class="gmail_quote">Am 3. März 2026 schrieb Hotel:<blockquote>{word["html quoted text"]}'
            "</blockquote></div></body></html>",
            subtype="html",
            cte="base64",
        )
        name = f"{word['html attachment']}.png"
        message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename=name)
        return message.as_bytes()

    def found_in(self, data: bytes) -> set[str]:
        """The places whose words are in `data`, in any form."""
        views = (data, data.lower(), _joined(data))
        if not any(form in view for view in views for form in forms(self.mark)):
            return set()
        return {
            place for place, word in self.words.items() if any(form in view for view in views for form in forms(word))
        }

    def found_below(self, *folders: Path) -> dict[str, set[str]]:
        """The places whose words are in any file, by the file's path in its folder."""
        found = {
            str(file.relative_to(folder)): self.found_in(data) for folder in folders for file, data in _files(folder)
        }
        return {name: places for name, places in found.items() if places}


def forms(word: str) -> Iterator[bytes]:
    """How a word of ASCII letters may be written: as such (so in UTF-8 and JSON too), UTF-16, hexadecimal, base64."""
    plain = word.encode()
    yield plain
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + plain)
        # Its first and last characters carry bits of what stands before and after it.
        first = -(-before * 8 // 6)
        yield encoded[first : (before + len(plain)) * 8 // 6]


def all_of(found: Mapping[str, Iterable[str]]) -> set[str]:
    return {place for places in found.values() for place in places}


def _letters(number: int) -> str:
    """What tells the words apart is in their middle: base64 blurs the ends."""
    return f"{string.ascii_lowercase[number // 26]}{string.ascii_lowercase[number % 26]}vogel"


def _joined(data: bytes) -> bytes:
    """Without line ends, and without the soft ones of quoted-printable."""
    for end in LINE_ENDS:
        data = data.replace(end, b"")
    return data


def _files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a folder, without what was reserved and not yet written."""
    for file in sorted(folder.rglob("*")):
        try:
            if file.is_file() and file.stat().st_blocks:
                yield file, file.read_bytes().rstrip(b"\0")
        except FileNotFoundError:
            continue  # it was removed meanwhile
