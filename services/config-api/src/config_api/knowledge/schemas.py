from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from config_api.fields import FilledText, Line, Text, unset

Examples = Annotated[list[Line], Field(max_length=200)]
Tags = Annotated[list[Line], Field(max_length=50)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
BULK_LIMIT = 1000


class KnowledgeCreate(BaseModel):
    """`examples` are further ways in which customers ask; the dates are the first and the last valid day."""

    question: Text = ""
    answer: FilledText
    examples: Examples = []
    language: Language = "de"
    tags: Tags = []
    valid_from: date | None = None
    valid_until: date | None = None


class KnowledgeBulkCreate(BaseModel):
    entries: Annotated[list[KnowledgeCreate], Field(min_length=1, max_length=BULK_LIMIT)]


class KnowledgeUpdate(BaseModel):
    question: Text = Field(default_factory=unset)
    answer: FilledText = Field(default_factory=unset)
    examples: Examples = Field(default_factory=unset)
    language: Language = Field(default_factory=unset)
    tags: Tags = Field(default_factory=unset)
    valid_from: date | None = None
    valid_until: date | None = None


class KnowledgePublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    assistant_id: UUID
    question: str
    answer: str
    examples: list[str]
    language: str
    tags: list[str]
    valid_from: date | None
    valid_until: date | None
    created_at: datetime
    updated_at: datetime
