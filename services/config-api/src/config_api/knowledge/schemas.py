import re
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from config_api.fields import NO_CONTROLS, Day, FilledText, Flag, Text, unset
from config_api.knowledge.plain import plain

Question = Annotated[Text, BeforeValidator(plain)]
Answer = Annotated[FilledText, BeforeValidator(plain)]


def _filled(values: list[str]) -> list[str]:
    return [value for value in values if value]


def _one_line(value: str) -> str:
    """Of what is left after it was made plain, so that the document cannot say it with a pattern."""
    if not re.fullmatch(NO_CONTROLS, value):
        raise ValueError("more than one line")
    return value


def _from_form(value: object) -> object:
    """A form has words only."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500),
    BeforeValidator(plain),
    AfterValidator(_one_line),
]
Examples = Annotated[list[Words], Field(max_length=200), AfterValidator(_filled)]
Tags = Annotated[list[Words], Field(max_length=50), AfterValidator(_filled)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
BULK_LIMIT = 1000


class KnowledgeCreate(BaseModel):
    """`examples` are further ways in which customers ask; the dates are the first and the last valid day."""

    question: Question = ""
    answer: Answer
    examples: Examples = []
    language: Language = "de"
    tags: Tags = []
    valid_from: Day | None = None
    valid_until: Day | None = None


class KnowledgeBulkCreate(BaseModel):
    entries: Annotated[list[KnowledgeCreate], Field(min_length=1, max_length=BULK_LIMIT)]


class KnowledgeUpdate(BaseModel):
    question: Question = Field(default_factory=unset)
    answer: Answer = Field(default_factory=unset)
    examples: Examples = Field(default_factory=unset)
    language: Language = Field(default_factory=unset)
    tags: Tags = Field(default_factory=unset)
    valid_from: Day | None = None
    valid_until: Day | None = None


class KnowledgeContent(BaseModel):
    """What can be changed of an entry, and so what each of its versions holds."""

    model_config = ConfigDict(from_attributes=True)

    question: str
    answer: str
    examples: list[str]
    language: str
    tags: list[str]
    valid_from: date | None
    valid_until: date | None


class KnowledgePublic(KnowledgeContent):
    id: UUID
    assistant_id: UUID
    created_at: datetime
    updated_at: datetime


class ChangeSetPublic(BaseModel):
    """What was changed at once; `undoes` is the change set that an undo took back, `actor` who did it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: Literal["edit", "import", "undo"]
    undoes: UUID | None
    actor: str
    added: int
    changed: int
    removed: int
    created_at: datetime


class ChangePublic(BaseModel):
    """One entry in a change set: `before` is null where it was new, `after` where it was deleted."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: UUID
    before: KnowledgeContent | None
    after: KnowledgeContent | None


class VersionPublic(ChangePublic):
    """One change of one entry, with the change set that it was part of."""

    change_set: ChangeSetPublic


class FaultyCell(BaseModel):
    """What is wrong where: `row` counts as a spreadsheet does, headings included, or from 1 in a JSON list."""

    row: int
    column: str
    reason: str
    detail: str


class RowChange(BaseModel):
    """What an import does to one entry; `row` is null for one that is removed because it is not in the file."""

    action: Literal["add", "change", "remove"]
    row: int | None
    entry_id: UUID | None
    fields: list[str]
    before: KnowledgeContent | None
    after: KnowledgeContent | None


class ImportPreview(BaseModel):
    """What an import would do, and the `digest` to send along in order to have exactly that done.

    `changes` and `errors` are the first of them only where there are very many. There is no digest as long as there
    are errors. `ignored_columns` are those whose headings say nothing to us.
    """

    added: int
    changed: int
    unchanged: int
    removed: int
    changes: list[RowChange]
    faults: int
    errors: list[FaultyCell]
    ignored_columns: list[str]
    digest: str | None


class ImportDone(BaseModel):
    """`change_set` is what an undo takes; null where there was nothing to change."""

    change_set: UUID | None
    added: int
    changed: int
    unchanged: int
    removed: int


class KnowledgeImport(BaseModel):
    """The same import as JSON. Entries are read leniently, so that each fault is named with its row."""

    entries: Annotated[list[dict[str, Any]], Field(max_length=10_000)]
    remove_missing: Annotated[Flag, BeforeValidator(_from_form)] = False
    digest: Annotated[str, Field(max_length=64)] = ""
