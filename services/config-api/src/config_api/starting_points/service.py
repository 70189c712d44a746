"""What a new assistant may begin with, by trade: knowledge, instructions, and mails to try it on. data/hotel.de.toml is
what a hotel gets in German.
"""

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from config_api.knowledge.schemas import KnowledgeCreate
from config_api.messages.catalogue import Language
from config_api.starting_points.schemas import STARTING_POINTS, SampleMail, StartingPoint, StartingPointPublic

DATA = Path(__file__).parent / "data"


class Start(BaseModel):
    """One trade in one language."""

    model_config = ConfigDict(extra="forbid")

    name: str
    description: str
    instructions: str
    knowledge: list[KnowledgeCreate]
    mails: list[SampleMail]


@lru_cache(maxsize=16)
def load(key: StartingPoint, language: Language) -> Start:
    found = tomllib.loads((DATA / f"{key}.{language}.toml").read_text(encoding="utf-8"))
    for entry in found["knowledge"]:
        entry["language"] = language
    return Start.model_validate(found)


def everything(language: Language) -> list[StartingPointPublic]:
    return [_public(key, load(key, language)) for key in STARTING_POINTS]


def _public(key: StartingPoint, start: Start) -> StartingPointPublic:
    return StartingPointPublic(key=key, name=start.name, description=start.description, entries=len(start.knowledge))
