"""What in a text needs a source: links, addresses, accounts, numbers, amounts, dates and times, in comparable form."""

import re
from functools import lru_cache

from drafter import token_readers as read
from drafter.token_readers import AT, DOT, Reader, Token

_SPACE = "[ \u00a0\u202f]"
_HOST = rf"(?:[\w-]{{1,63}}{DOT}){{1,8}}(?:xn--[\w-]{{2,59}}|[^\W\d_]{{2,24}})(?![\w-])"
_TO = r"\s?(?:[-–—/]|bis(?:\s+zum)?|to|und|and|oder|or)\s?"
_EN = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_DE = "januar|jän(?:ner)?|februar|märz?|maerz|mai|jun[io]|juli|okt(?:ober)?|dez(?:ember)?"
_MONTH = rf"(?P<m>{_DE}|{_EN})(?![^\W\d_])\.?"
_YEAR = r"(?P<y>(?:19|20)\d\d)(?!\d)"
_DAYS = rf"(?=\d)(?<![\d.,])(?:(?P<d1>\d{{1,2}})(?:\.|st|nd|rd|th)?{_TO}(?:the\s)?)?(?P<d>\d{{1,2}})"
_CURRENCY = r"€|eur(?:os?)?\b|chf\b|sfr\b|franken\b|usd\b|us-?\$|\$|dollars?\b|£|gbp\b|pounds?\b"


def tokens(text: str) -> list[Token]:
    """Everything in a text that needs a source, in its order. Each pattern sees what the earlier ones left."""
    found: list[Token] = []
    left = list(text)
    for pattern, reader in _READERS:
        for match in pattern.finditer("".join(left)):
            if (token := reader(match, text)) is not None:
                found.append(token)
                left[token.start : token.end] = "\0" * (token.end - token.start)
    return sorted(found, key=lambda token: token.start)


remembered = lru_cache(maxsize=4096)(tokens)  # of what the organisation wrote, never of a mail


def _number(name: str) -> str:
    whole = r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|(?:0|[1-9]\d{0,8})(?:[.,]\d{1,2})?"
    return rf"(?P<{name}>{whole})(?![\d])(?:[.,][-–—]+)?"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_compiled(r"\b(?:[a-z][a-z0-9+.-]{1,20}://|(?:javascript|vbscript|data):(?=\S))[^\s<>\"»“”\0]+"), read.link),
    (_compiled(rf"(?:mailto:)?(?P<address>(?<![\w.+%-])[\w.+%-]{{1,64}}{AT}{_HOST})"), read.mail_address),
    (
        _compiled(rf"(?<!\w)(?:{_HOST}|\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?=[:/]))(?::\d{{2,5}})?(?:[/?#][^\s<>\"»“”\0]*)?"),
        read.link,
    ),
    (_compiled(r"(?<!\w)(?:bc1[a-z0-9]{20,70}|0x[0-9a-f]{40}|[13](?=\w*[a-z])[a-z0-9]{25,34})(?!\w)"), read.account),
    (
        _compiled(
            r"(?<![^\W_])[a-z]{2}[ .\-]?\d[ .\-]?\d(?:[ .\-]?[a-z]{4}(?![a-z]))?"
            r"(?:[ .\-\u00a0]?(?=[a-z]{0,3}\d)[a-z0-9]{1,4}){2,14}+"
        ),
        read.account,
    ),
    (
        _compiled(r"(?=\d)(?<![\d/])(?P<swap>)(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4}|\d{2})(?![\d/])"),
        read.calendar_date,
    ),
    (
        _compiled(
            rf"(?<![\d.,\-/:])(?:\+\d{{1,3}}|\(\+?\d{{1,4}}\)|\(0\d*\)|0\d*)"
            rf"(?:{_SPACE}?[/\-–]?{_SPACE}?(?:\(0\){_SPACE}?)?\d+)*+"
        ),
        read.phone,
    ),
    (_compiled(r"(?=\d)(?<!\d)(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"), read.calendar_date),
    (
        _compiled(rf"{_DAYS}\.\s?(?P<m>\d{{1,2}})\.(?P<y>\s?(?:19|20)\d\d|\d\d)?(?!\.?\d)"),
        read.calendar_date,
    ),
    (_compiled(rf"{_DAYS}(?:\.|st|nd|rd|th)?\s?(?:of\s)?{_MONTH}(?:,?\s?{_YEAR})?"), read.calendar_date),
    (
        _compiled(
            rf"\b(?P<m>{_EN})\.?\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?"
            rf"(?:{_TO}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?)?(?:,?\s{_YEAR})?(?!\d)"
        ),
        read.calendar_date,
    ),
    (_compiled(rf"\b{_MONTH}\s{_YEAR}"), read.calendar_date),
    (
        _compiled(
            rf"(?=\d)(?<![\d.,:])(?:(?P<h1>\d{{1,2}})(?:[:.](?P<n1>\d\d))?\s?(?:uhr)?{_TO})?(?P<h>\d{{1,2}})(?:[:.](?P<n>\d\d))?"
            r"\s?(?:uhr\b|o'clock\b|(?P<half>[ap]\.m\.|pm\b|(?<=\d)am\b|(?-i:AM\b)|am(?=\s*(?:$|[.,;:!?)–-]|to\b|and\b|on\b))))"
        ),
        read.time_of_day,
    ),
    (_compiled(r"(?<![\d.,:])(?P<h>\d{1,2}):(?P<n>\d\d)(?![\d:])"), read.time_of_day),
    (
        _compiled(
            rf"(?=\d)(?<![\d.,])(?:{_number('a1')}\s?(?:{_CURRENCY})?{_TO})?{_number('a')}"
            rf"(?:\s?(?P<x>mio|mrd|tsd|k|tausend|million(?:en)?|thousand)\b\.?)?\s?(?P<c>{_CURRENCY})"
        ),
        read.quantity("amount"),
    ),
    (_compiled(rf"(?<!\w)(?P<c>{_CURRENCY})\s?{_number('a')}(?:{_TO}{_number('a1')})?"), read.quantity("amount")),
    (
        _compiled(
            rf"(?=\d)(?<![\d.,])(?:{_number('a1')}\s?%?{_TO})?{_number('a')}\s?(?:%|prozent\b|percent\b|per\scent\b)"
        ),
        read.quantity("percentage"),
    ),
    (_compiled(r"(?<!\d)[+(]?\d(?:[ \u00a0\u202f.()/\-–—_·•*|~\\]{0,3}\d){3,30}"), read.run),
)
