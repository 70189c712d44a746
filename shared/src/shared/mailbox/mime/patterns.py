"""How mail programs introduce the quoted original in plain text, in the languages that customers use."""

import re
from typing import Final

_LABELS: Final = {
    "from": "from|von|de|da|van|fra|från|od|от|від|feladó|lähettäjä|kimden|från|gönderen|absender",
    "date": "sent|date|gesendet|datum|envoyé(?: le)?|message du|inviato|data|verzonden|dato|sendt|skickat|fecha"
    "|enviado(?: el| em)?|wysłano|wysłane|дата|отправлено|надіслано|lähetetty|päivämäärä|odesláno|elküldve"
    "|gönderildi|tarih|poslano",
    "to": "to|an|à|a|aan|til|till|para|do|komu|кому|vastaanottaja|címzett|kime|prima|empfänger",
    "subject": "subject|betreff|objet|sujet|oggetto|onderwerp|emne|ämne|asunto|assunto|temat|předmět|тема|aihe|tárgy"
    "|konu|predmet",
    "cc": "cc|kopie|copie(?: à)?|kopia|copia|kopi|копия|bcc",
}
_LABEL: Final = re.compile(
    r"[\s*_]*(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items()) + r")[*_]*\s*:(?P<value>.*)",
    re.I,
)

_VERB: Final = (
    r"(?:wrote|writes|schrieb(?:en)?|schreibt|geschrieben|a écrit|ha scritto|scrisse|escribió|escreveu|schreef"
    r"|geschreven|skrev|kirjoitti|napisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?|napísal|írta|написал(?:\(а\)|а)?|пишет|писал"
    r"|написав|yazdı|έγραψε|a scris|napisao|je napisal)"
)
_CANDIDATE_END: Final = re.compile(rf"(?::|\b{_VERB}\s*|\.\.\.)[\s*_-]*$", re.IGNORECASE)
_SAYS: Final = re.compile(rf"(?<!\w){_VERB}(?!\w)", re.IGNORECASE)
_OPENER: Final = re.compile(
    r"(?:on|am|le|il|in data|el|op|em|w dniu|dnia|den|på|dne|от|il giorno|en date du|vom)\s|\d|"
    r"[^\W\d_]{2,12}\.?,?\s+\d{1,2}\b|(?:quoting|zitat von|citando|citát)\s",
    re.IGNORECASE,
)
_QUOTING: Final = re.compile(r"(?:quoting|zitat von|citando|citation de)\s", re.IGNORECASE)
_TIME: Final = re.compile(r"(?<!\d)\d{1,2}\s?[:.h]\s?\d{2}(?!\d)|(?<!\d)\d{1,2}\s?(?:am|pm|uhr)\b", re.IGNORECASE)
_DATE: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}(?:[./-]|(?!\d))|(?<!\d)\d{1,2}\.?\s[^\W\d_]{3,}|[^\W\d_]{3,}\.?\s\d{1,2}(?!\d)"
)
_ADDRESS: Final = re.compile(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+")
_ENDS_WITH_ADDRESS: Final = re.compile(r"[<\[(]\s*[^\s<>@]+@[^\s<>@]+\s*[>\])]\s*:$")
_ENDS_WITH_VERB: Final = re.compile(rf"\b{_VERB}\s*:?$", re.IGNORECASE)
# Somebody tells what was written, in a sentence of their own.
_TOLD: Final = re.compile(
    r"(?i)\b(?:ich|wir|mir|uns|ihnen|folgende[snm]?|dass|dazu|darin|that|to me|to us|the following|i)\b(?=.{0,60}$)"
)

_RULE: Final = r"[-_=*–—]{2,}\s*"
_ORIGINAL: Final = (
    r"(?:original[- ]?(?:message|nachricht|mail|e-mail|appointment)|ursprüngliche (?:nachricht|e-?mail|mitteilung)"
    r"|urspr\. nachricht|message (?:d['’]origine|original)|messaggio originale|mensaje original|mensagem original"
    r"|oorspronkelijk bericht|ursprungligt meddelande|oprindelig (?:besked|meddelelse)|opprinnelig melding"
    r"|(?:wiadomość oryginalna|oryginalna wiadomość)|исходное сообщение|původní (?:zpráva|e-mail)|eredeti üzenet"
    r"|alkuperäinen viesti|orijinal (?:mesaj|ileti)|reply message|antwort(?:nachricht)?)"
)
SEPARATOR: Final = re.compile(rf"\s*{_RULE}{_ORIGINAL}\s*[-_=*–—]*:?\s*$", re.IGNORECASE)
FORWARD: Final = re.compile(
    rf"\s*(?:{_RULE})?(?:begin )?(?:forwarded message|weitergeleitete (?:nachricht|e-?mail|mail)"
    r"|anfang der weitergeleiteten (?:nachricht|e-?mail)|message transféré|début du message (?:réexpédié|transféré)"
    r"|messaggio inoltrato|mensaje reenviado|mensagem encaminhada|doorgestuurd bericht|vidarebefordrat meddelande"
    r"|videresendt (?:besked|melding)|przekazana wiadomość|пересылаемое сообщение)\s*(?:[-_=*–—]+|:)\s*$",
    re.IGNORECASE,
)
FORWARD_SUBJECT: Final = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|vs|vb|doorst|pd|i|fwd?\[\d+\])\s*:", re.IGNORECASE)
REPLY_SUBJECT: Final = re.compile(r"\s*(?:re|aw|antw|antwort|sv|res|odp|r|rif|ref|bls|vá|ynt)\s*(?:\[\d+\])?\s*:", re.I)

BARE_RULE: Final = re.compile(r"[\s>]*[-_=*–—]{2,}\s*$")
SIGNATURE: Final = re.compile(r"--\s*$")
_LIST_FOOTER: Final = re.compile(r"mailing[- ]?list|mailingliste|unsubscribe|abmelden|abbestellen", re.IGNORECASE)
_SENT_FROM: Final = re.compile(
    r"\s*[-–—*_]*\s*(?:(?:sent|gesendet|envoyé|inviato|enviado|verzonden|verstuurd|sendt|skickat|wysłan[eo]"
    r"|отправлено|lähetetty|odesláno|gönderildi)\s+(?:from|via|with|using|von|vom|mit|über|aus|à partir de|de"
    r"|depuis|da|dal|do|desde|vanaf|met|fra|från|z|с|iz)\s+(?:my|meinem|mon|mijn|mio|min|meu|mi|meiner)?\s*\S"
    r"|(?:von|mit|aus) mein\w+ .{1,60} (?:gesendet|geschickt|versendet)"
    r"|(?:diese|this) (?:nachricht|e-?mail|message) (?:wurde|was) .{1,80} (?:gesendet|versendet|sent)"
    r"|get outlook for|holen sie sich outlook|outlook für \w+ beziehen|download outlook for|laden sie outlook)",
    re.IGNORECASE,
)
_URL: Final = re.compile(r"[<(\[]?\s*https?://[^\s>)\]]+\s*[>)\]]?")
POINTER: Final = re.compile(
    r"(?i)\b(?:siehe|s\.|vgl\.|antworten?|kommentare?|anmerkungen|see|answers?|comments?)\b.{0,40}"
    r"\b(?:unten|im text|inline|below|dazwischen)\b|\bin (?:rot|blau|grün|red|blue|green)\b"
)


def quoted(line: str) -> bool:
    """Whether the line is marked as quoted; `>:` alone is the wrapped end of an attribution."""
    bare = line.lstrip()
    return bare.startswith(">") and bare.rstrip() != ">:"


def attribution(lines: list[str], end: int) -> int | None:
    """Where the attribution that ends with line `end` starts (`Am ... schrieb ...:`), None where there is none.

    It may be wrapped over up to four lines.
    """
    if not _CANDIDATE_END.search(lines[end]):
        return None
    starts: list[int] = []
    for start in range(end, max(end - 4, -1), -1):
        if not lines[start].strip() or quoted(lines[start]):
            break
        if _introduces(_joined(lines, start, end)):
            return _widened(lines, start, end)
        starts.append(start)
    if not _next_is_quoted(lines, end + 1):
        return None
    return next((start for start in starts if _may_introduce(_joined(lines, start, end))), None)


def header_block(lines: list[str], start: int, least: int = 3) -> bool:
    """Whether the original's header starts here, as Outlook and others copy it: sender and others, `least` in all."""
    first = label(lines[start])
    if first is None:
        return False
    kinds, strangers = {first}, 0
    for line in lines[start + 1 : start + 14]:
        kind = label(line)
        if kind is not None:
            kinds.add(kind)
            strangers = 0
        elif line.strip():
            strangers += 1
        if strangers > 2:
            break
    return "from" in kinds and len(kinds - {"cc"}) >= least


def label(line: str) -> str | None:
    """Which field of a copied header the line holds."""
    found = _LABEL.match(line) if ":" in line[:40] else None
    if found is None or (found.lastgroup and found["from"] and found["value"].strip()[:1].isdigit()):
        return None
    return next(kind for kind in _LABELS if found[kind])


def sent_from(line: str) -> bool:
    """A mobile client's signature: short, and not a sentence that happens to start that way."""
    if len(line) > 200 or not _SENT_FROM.match(line):
        return False
    words = _URL.sub(" ", line).replace(",", " , ").split()
    return len(words) <= 12 and "," not in words


def list_footer(lines: list[str], start: int) -> bool:
    """A mailing list's footer: a rule, and what it is within the next two lines."""
    return bool(BARE_RULE.match(lines[start])) and any(
        _LIST_FOOTER.search(line) for line in lines[start + 1 : start + 3]
    )


def _joined(lines: list[str], start: int, end: int) -> str:
    return " ".join(line.strip() for line in lines[start : end + 1])[-600:].strip("-–—*_ ")


def _introduces(text: str) -> bool:
    """An attribution says who wrote, and when or from which address."""
    bare = _ADDRESS.sub("", text)
    dated, addressed = bool(_DATE.search(bare)), len(bare) != len(text)
    if not _says(text):
        return bool(_ENDS_WITH_ADDRESS.search(text) and dated) or bool(addressed and _QUOTING.match(text))
    opened = bool(_OPENER.match(text))
    if not dated:
        return addressed and opened
    return addressed or (opened and (text.endswith(":") or bool(_TIME.search(bare))))


def _may_introduce(text: str) -> bool:
    """What counts as an attribution only where a quote follows."""
    return len(text) < 100 and _says(text)


def _says(text: str) -> bool:
    says = _SAYS.search(text)
    if says is None or _TOLD.search(_ADDRESS.sub("", text[says.end() :])):
        return False
    return text.endswith((":", "...")) or bool(_ENDS_WITH_VERB.search(text))


def _widened(lines: list[str], start: int, end: int) -> int:
    """Takes in a first line that was wrapped off, recognised by how it begins."""
    above = lines[start - 1].strip() if start else ""
    if (
        start
        and end - start < 3
        and len(above) > 20
        and not above.endswith((".", "!", "?", ":"))
        and _OPENER.match(above)
    ):
        return start - 1
    return start


def _next_is_quoted(lines: list[str], start: int) -> bool:
    for line in lines[start : start + 3]:
        if line.strip():
            return quoted(line)
    return False
