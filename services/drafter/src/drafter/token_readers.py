"""Brings what a pattern has found into a form in which it can be compared."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Token:
    """Something in a text that needs a source: every one of `values` must be known."""

    kind: str
    start: int
    end: int
    values: tuple[Any, ...]


Reader = Callable[[re.Match[str], str], Token | None]

DOT = r"(?:[.。]|\s?[\[({]\s?(?:\.|dot|punkt)\s?[\])}]\s?|\sdot\s(?=(?:com|net|org|info|biz|de|at|ch|eu|xyz|io)\b))"
AT = r"(?:@|\s?[\[({]\s?(?:at|ät|@)\s?[\])}]\s?)"
_MONTHS = {
    "jan": 1,
    "jän": 1,
    "feb": 2,
    "mär": 3,
    "mae": 3,
    "mar": 3,
    "apr": 4,
    "mai": 5,
    "may": 5,
    "jun": 6,
    "jul": 7,
} | {"aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "dez": 12, "dec": 12}
_CURRENCIES = {"€": "eur", "e": "eur", "c": "chf", "s": "chf", "f": "chf", "£": "gbp", "g": "gbp", "p": "gbp"}
_FACTORS = {"m": 10**6, "tsd": 10**3, "k": 10**3, "t": 10**3, "mrd": 10**9}
_TLDS = re.compile("com|net|org|info|biz|de|at|ch|eu|io|xyz|online|shop|site|top|app|dev", re.IGNORECASE)
_FILES = re.compile("pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|txt|csv|od[ts]|ics|eml|html?|xml|mp4", re.IGNORECASE)
_NEAR = r"\w*\W{0,3}(?:[^\W\d]+\W{1,2}){0,2}$"
_REFERENCE = re.compile(
    r"(?:bestell|auftrag|rechnung|buchung|reservierung|kunden|vorgang|ticket|sendung|vertrag|beleg|artikel|order"
    r"|invoice|booking|reservation|reference|referenz|case|aktenzeichen|customer|tracking|police)[\w-]*\W{0,3}"
    r"(?:(?:nr|no|nummer|number|id|zeichen)\b\W{0,3})?(?:(?:lautet|ist|is)\W{1,2})?$",
    re.IGNORECASE,
)
_PHONE_WORD = re.compile(
    r"(?:\btel\b|telefon|telephone|\bfon\b|\bphone|\bfax|hotline|handy|mobil|durchwahl|\bsms\b|whatsapp|rufnummer"
    rf"|\bcall\b|\bruf){_NEAR}",
    re.IGNORECASE,
)
_BANK_WORD = re.compile(rf"(?:konto|\bkto|\bblz|bankleitzahl|\baccount|routing|sort code){_NEAR}", re.IGNORECASE)


def _token(kind: str, match: re.Match[str], *values: Any, end: int | None = None) -> Token:
    return Token(kind, match.start(), match.end() if end is None else end, values)


def link(match: re.Match[str], text: str) -> Token | None:
    raw = match[0].rstrip(".,;:!?*_'\"")
    while raw.endswith((")", "]")) and raw.count(raw[-1]) > raw.count("(" if raw[-1] == ")" else "["):
        raw = raw[:-1].rstrip(".,;:!?")
    address = re.sub(DOT, ".", raw, flags=re.IGNORECASE)
    if "://" not in address:
        host, *labels = re.split(r"[:/?#]", address)[0].split(".")[::-1]
        is_file = _FILES.fullmatch(host) and "/" not in address
        is_word = not (
            host.isdigit()
            or host.islower()
            or address.isupper()
            or _TLDS.fullmatch(host)
            or re.match("[a-z]{2,24}[A-Z]", host)
        )
        number = not host.isdigit() and all(label.isdigit() for label in labels)
        if "www" not in labels and (is_file or is_word or number) and not address.startswith(("javascript:", "data:")):
            return None
        address = f"//{address}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return _token("link", match, ("", address), end=match.start() + len(raw))
    rest = (
        parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "") + (parts.fragment and f"#{parts.fragment}")
    )
    scheme = "" if parts.scheme in ("", "http", "https") else f"{parts.scheme}:"
    value = (scheme + parts.netloc.lower().removeprefix("www."), rest)
    return _token("link", match, value, end=match.start() + len(raw))


def mail_address(match: re.Match[str], text: str) -> Token:
    address = re.sub(AT, "@", re.sub(DOT, ".", match["address"], flags=re.IGNORECASE), flags=re.IGNORECASE)
    return _token("mail_address", match, address.lower())


def account(match: re.Match[str], text: str) -> Token | None:
    compact = re.sub(r"[\W_]", "", match[0]).upper()
    return _token("account", match, compact) if len(compact) >= 15 else None


def phone(match: re.Match[str], text: str) -> Token | None:
    return run(match, text) if sum(char.isdigit() for char in match[0]) >= 7 else None


def run(match: re.Match[str], text: str) -> Token | None:
    """A run of digits: what it is depends on its shape and on the words before it."""
    raw, before = match[0], text[max(0, match.start() - 40) : match.start()]
    digits = re.sub(r"\D", "", re.sub(r"(?<=\d)\s?\(0\)", "", raw))
    if raw.startswith(("+", "(+")) or digits.startswith("00"):
        digits = digits.removeprefix("00")
        digits = "0" + digits.removeprefix("49").removeprefix("0") if digits.startswith("49") else f"+{digits}"
    called, parted = _PHONE_WORD.search(before), not raw.strip("+(").isdigit()
    if _BANK_WORD.search(before):
        return _token("account", match, digits)
    if _REFERENCE.search(before) and not raw.startswith("+"):
        return _token("number", match, digits)
    if called or (len(digits) >= 7 and (raw[0] in "+(0" or parted)):
        if re.fullmatch(r"(?:19|20)\d\d\s?[/–-]\s?(?:19|20)\d\d", raw):
            return None
        kind = "number" if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+", raw) and not called else "phone"
        return _token(kind, match, digits)
    return _token("number", match, digits) if len(digits) >= 5 and not parted else None


def calendar_date(match: re.Match[str], text: str) -> Token | None:
    parts = match.groupdict()
    name, year = parts["m"].lower(), parts.get("y")
    month = int(name) if name.isdigit() else _MONTHS[name[:3]]
    in_year = int(year) + (2000 if len(year) == 2 else 0) if year else None
    days = [int(day) for day in (parts.get("d1"), parts.get("d")) if day]
    if not days:
        return _token("date", match, frozenset({(in_year, month, None)}))
    values = [frozenset(_days(in_year, month, day, swap="swap" in parts)) for day in days]
    return _token("date", match, *values) if all(values) else None


def _days(year: int | None, month: int, day: int, *, swap: bool) -> Iterator[tuple[int | None, int, int]]:
    for a_month, a_day in ((month, day), (day, month)) if swap else ((month, day),):
        with suppress(ValueError):
            date(year or 2024, a_month, a_day)
            yield year, a_month, a_day


def time_of_day(match: re.Match[str], text: str) -> Token | None:
    values: list[int] = []
    for hour, minute in (("h1", "n1"), ("h", "n")):
        if match.groupdict().get(hour):
            half = match.groupdict().get("half") or ""
            hours = int(match[hour]) % 12 + (12 if half.lower().startswith("p") else 0) if half else int(match[hour])
            values.append(hours * 60 + int(match.groupdict().get(minute) or 0))
    return _token("time", match, *values) if all(value <= 24 * 60 for value in values) else None


def quantity(kind: str) -> Reader:
    def read(match: re.Match[str], text: str) -> Token:
        parts = match.groupdict()
        multiple, unit = (parts.get("x") or "").lower(), (parts.get("c") or "").lower()
        factor = _FACTORS.get(multiple) or _FACTORS.get(multiple[:1], 1)
        currency = _CURRENCIES.get(unit[:1], "usd") if kind == "amount" else ""
        numbers = (_decimal(number) for number in (parts.get("a1"), parts["a"]) if number)
        return _token(kind, match, *((number * factor, currency) for number in numbers))

    return read


def _decimal(number: str) -> Decimal:
    """1.250,00 and 1,250.00 and 1'250 and 1250 alike: three digits after the only kind of mark are thousands."""
    number = re.sub(r"['’\s]", "", number)
    mark = max(number.rfind("."), number.rfind(","))
    marks = set(number) & {".", ","}
    thousands = len(marks) == 1 and (number.count(number[mark]) > 1 or (len(number) - mark == 4 and number[0] != "0"))
    if mark < 0 or thousands:
        return Decimal(re.sub(r"\D", "", number))
    return Decimal(re.sub(r"\D", "", number[:mark]) + "." + number[mark + 1 :])
