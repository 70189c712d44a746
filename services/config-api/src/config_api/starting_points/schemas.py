from typing import Literal, get_args

from pydantic import BaseModel

StartingPoint = Literal["hotel", "craft", "property", "shop", "support", "practice"]
STARTING_POINTS: tuple[StartingPoint, ...] = get_args(StartingPoint)


class StartingPointPublic(BaseModel):
    """A trade, and how many entries of sample knowledge come with it."""

    key: StartingPoint
    name: str
    description: str
    entries: int


class StartingPointList(BaseModel):
    items: list[StartingPointPublic]


class SampleMail(BaseModel):
    """A mail as customers of that trade write it."""

    subject: str
    from_name: str
    from_address: str
    body: str


class SampleMailList(BaseModel):
    items: list[SampleMail]
