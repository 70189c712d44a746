"""What is the matter with a mailbox, and what to do about it, in its owner's language: de.toml and en.toml."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from config_api.messages.catalogue import Language


class Advice(BaseModel):
    """`sentence` says how it is, `advice` what to do next; empty where there is nothing to do."""

    sentence: str
    advice: str


def advice(reason: str, language: Language, detail: str = "") -> Advice:
    """For a reason of `shared.mailbox.imap.check` or of ingest, and for its detail where that has words of its own."""
    known = _catalogue(language)["reasons"]
    found = known.get(f"{reason}.{detail}") or known.get(reason) or known["other"]
    return Advice.model_validate(found)


def note(code: str, language: Language) -> str:
    """What an owner has to know about a provider."""
    return _catalogue(language)["notes"][code]["text"]


@cache
def _catalogue(language: Language) -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))
