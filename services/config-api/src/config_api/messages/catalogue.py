"""What the API's reasons mean, in a sentence of the caller's language: de.toml and en.toml beside this file."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "de"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def preferred(accept_language: str) -> Language:
    """The best of our languages for an Accept-Language header (RFC 9110, 12.5.4); German where it names none."""
    best, weight = DEFAULT, 0.0
    for entry in accept_language[:1000].split(","):
        tag, _, quality = entry.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and (q := _quality(quality)) > weight:
            best, weight = language, q
    return best


def sentence(reason: str, language: Language) -> str:
    """For a problem's `reason`; empty where it has none."""
    return _section(language, "reasons").get(reason, "")


def fault_sentence(field: str, reason: str, language: Language, limits: Mapping[str, Any] | None = None) -> str:
    """For a fault in `field` (`body.entries.30.answer`), by its name. `limits` say how long or large it may be."""
    faults = _section(language, "faults")
    name, limits = label(field, language), _LIMITS | dict(limits or {})
    if reason == "string_too_short" and limits["min_length"] == 1:
        reason = "missing"
    if reason not in faults and (text := sentence(reason, language)):
        return f"{name}: {text}"
    return faults.get(reason, faults["other"]).format_map(limits | {"field": name})


def label(field: str, language: Language) -> str:
    """What people call a field: `Antwort (Nr. 31)`. One that has no name of its own is quoted."""
    parts = [part for part in field.split(".") if not ID.fullmatch(part)]
    names = [part for part in parts if not part.isdecimal()] or [field]
    quoted = f"„{names[-1]}“" if language == "de" else f"“{names[-1]}”"
    name = _section(language, "fields").get(names[-1], quoted)
    number = next((int(part) + 1 for part in parts if part.isdecimal()), None)
    return name if number is None else f"{name} ({'Nr.' if language == 'de' else 'No.'} {number})"


_LIMITS = dict.fromkeys(("expected", "min_length", "max_length", "ge", "gt", "le", "lt"), "?")


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


def _section(language: Language, name: str) -> dict[str, str]:
    return _catalogue(language)[name]


@cache
def _catalogue(language: Language) -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))
