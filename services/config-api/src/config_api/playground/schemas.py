from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Discriminator, Field, Tag

from config_api.fields import FilledText, Line, OptionalMailAddress
from shared.config import Language

Source = Annotated[str, Field(min_length=1, max_length=500_000)]


class PastedText(BaseModel):
    """A mail's text, as somebody copied it."""

    text: FilledText
    subject: Line = ""
    sender: OptionalMailAddress = ""
    sender_name: Line = ""


class PastedSource(BaseModel):
    """A mail's source (RFC 5322), as mail programs show and save it."""

    source: Source


def _kind(value: Any) -> str:
    named = "source" in value if isinstance(value, dict) else hasattr(value, "source")
    return "source" if named else "text"


Pasted = Annotated[Annotated[PastedText, Tag("text")] | Annotated[PastedSource, Tag("source")], Discriminator(_kind)]


class Progress(BaseModel):
    """`found`: so many entries may have to do with the mail, and `model`, if there is one, reads about `tokens_in`.
    `checking`: all is written, and is being checked.
    """

    step: Literal["found", "checking"]
    entries: int | None = None
    model: str = ""
    tokens_in: int = 0


class WrittenText(BaseModel):
    """The next piece of what is being written, unchecked; after `restart` it begins anew."""

    text: str


class TriedDraft(BaseModel):
    body: str
    language: Language
    open_questions: list[str]


class TriedEntry(BaseModel):
    """`score` is between 0 and 1; `passages` are the sentences of the entry that have to do with the mail."""

    id: UUID
    question: str
    score: float
    used: bool
    passages: list[str]


class TriedEntries(BaseModel):
    items: list[TriedEntry]


class TriedResult(BaseModel):
    """`removed` names the kinds of facts that nobody gave and that were taken out. `model_failure` says why the draft
    comes from the knowledge alone, where a model should have written it. `duration_ms` is the drafter's whole work.
    """

    outcome: Literal["drafted", "skipped"]
    reason: str
    needs_human: bool
    removed: list[str]
    model_failure: str
    model: str
    tokens_in: int
    tokens_out: int
    duration_ms: int


class Failed(BaseModel):
    reason: str


EVENTS: dict[str, type[BaseModel] | None] = {
    "progress": Progress,
    "text": WrittenText,
    "restart": None,
    "draft": TriedDraft,
    "entries": TriedEntries,
    "result": TriedResult,
    "failed": Failed,
}
"""What the stream consists of, by the events' names."""
