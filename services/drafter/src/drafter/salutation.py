"""Whom a reply addresses, and how: a name only where the sender gave one, a gender only where the sender wrote it."""

import re

from drafter import reading
from drafter.language import Language
from shared.mail import Mail

_LONGEST_NAME = 60

_TITLE = r"(?:(?:Dr|Prof|Ing|Dipl|med|jur|rer|nat|habil|phil)\b\.?[ -]?)+"
_WORD = r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*\.?"
_PARTICLE = r"(?:von|van|de|der|den|zu|zur|vom|da|di|del|la|le|el|bin|al)"
_NAME = re.compile(rf"(?:{_TITLE} ?)?{_WORD}(?: {_WORD}){{0,4}}")
_BEFORE_NAME = re.compile(r"(?:i\. ?[AV]\.|ppa\.|gez\.|Ihre?|Deine?|Euer|Eure|Yours)\s+", re.IGNORECASE)
_NO_PERSON = re.compile(
    r"\b(?:GmbH|AG|KG|UG|OHG|GbR|Ltd|Inc|LLC|Team|\w*service|Support|Info|Kontakt|Office|\w*portal|\w*shop|Newsletter"
    r"|Büro|Sekretariat|\w*verwaltung|Buchhaltung|Vertrieb|Hotel|Praxis|Kanzlei|\w*verein|Firma|Mail|Web\w*|Formular"
    r"|Reservierung\w*|Bestell\w*|Admin\w*)\b|\.\w{2,}$",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"(?P<gender>Frau|Herrn?|Ms|Mrs|Mr)\.? (?P<name>.+)")


def greeting(mail: Mail, language: Language, *, informal: bool) -> str:
    """Return the line that a reply to `mail` opens with, without its comma."""
    name = sender_name(mail)
    addressed = _ADDRESSED.fullmatch(name)
    if addressed and not informal:
        return _by_gender(addressed["gender"], addressed["name"], language)
    if language == "en":
        return f"Dear {name}" if name else "Hello"
    if informal:
        return f"Hallo {_first(name)}" if name and not addressed else "Hallo"
    return f"Guten Tag {name}" if name else "Guten Tag"


def sender_name(mail: Mail) -> str:
    """Return the name signed under the mail, else the display name it came with; empty where neither is a person's.

    A mail from a portal or a form has the person in Reply-To.
    """
    names = (_person(who.name) for who in (*mail.reply_to, mail.sender) if who)
    shown = next((name for name in names if " " in name), "")
    signed = _person(_BEFORE_NAME.sub("", reading.signed(mail.text), count=1))
    return shown if signed in shown.split() else signed or shown


def _by_gender(gender: str, name: str, language: Language) -> str:
    woman = gender in ("Frau", "Ms", "Mrs")
    if language == "en":
        return f"Dear {'Ms' if woman else 'Mr'} {name}"
    return f"Sehr geehrte Frau {name}" if woman else f"Sehr geehrter Herr {name}"


def _first(name: str) -> str:
    return name if re.match(rf"{_TITLE}|Familie ", name) else name.split()[0]


def _person(text: str) -> str:
    """`text` as a name, "Last, First" turned round; empty unless it looks like a person's."""
    name = " ".join(text.strip(" \t\"'<>,;").split())
    if name.count(",") == 1:
        name = " ".join(part.strip() for part in reversed(name.split(",")))
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name) or _NO_PERSON.search(name):
        return ""
    if not all(word[0].isupper() or re.fullmatch(_PARTICLE, word) for word in name.split()):
        return ""
    return name.title() if name.isupper() else name
