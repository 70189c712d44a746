"""The small JSON object a model answers with. It is untrusted until `guard.check` has seen it."""

import json
import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

MAX_ANSWER_CHARS = 20_000
MAX_BODY_CHARS = 12_000
_MAX_OBJECTS = 20
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


class Unusable(ValueError):
    """What a model wrote is no answer. `reason` is one word for the logs, `hint` tells the model what to mend.

    Neither ever repeats what the model wrote.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def _language(value: object) -> str:
    return "en" if str(value).strip().lower().startswith("en") else "de"


def _strings(value: object) -> list[str]:
    items = cast(list[object], value) if isinstance(value, list) else [value]
    return [str(item).strip()[:500] for item in items[:20] if isinstance(item, str | int) and str(item).strip()]


def _share(value: object) -> float:
    try:
        number = float(str(value).strip().rstrip("%"))
    except ValueError:
        return 0.0
    if not math.isfinite(number):
        return 0.0
    return min(1.0, max(0.0, number / 100 if number > 1 else number))


class Answer(BaseModel):
    """A model's answer.

    `knowledge_ids` are the prompt's short ids ("K1") as the model gave them, see `prompt.cited`; `confidence` is
    between 0 and 1. Small slips (a missing list, "85 %", a number as an id) are mended, a missing decision is not.
    """

    model_config = ConfigDict(extra="ignore", json_schema_extra={"additionalProperties": False})

    decision: Literal["reply", "skip"]
    language: Annotated[Literal["de", "en"], BeforeValidator(_language)]
    body: str
    knowledge_ids: Annotated[list[str], BeforeValidator(_strings)]
    open_questions: Annotated[list[str], BeforeValidator(_strings)]
    confidence: Annotated[float, BeforeValidator(_share)]

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        # Defaults live here, not on the fields: strict structured output wants every field required.
        if not isinstance(data, dict):
            return data
        defaults: dict[str, Any] = {"language": "de", "knowledge_ids": [], "open_questions": [], "confidence": 0.0}
        return defaults | cast(dict[str, Any], data)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.decision == "reply" and not self.body.strip():
            raise ValueError("body is empty")
        if len(self.body) > MAX_BODY_CHARS:
            raise ValueError("body is too long")
        return self


SCHEMA: dict[str, Any] = {key: value for key, value in Answer.model_json_schema().items() if key != "description"}


def parse(text: str) -> Answer:
    """Reads an answer out of what a model wrote: bare JSON, in a code fence, or with words around it.

    Raises Unusable (`empty`, `too_long`, `not_json`, `wrong_json`).
    """
    text = _THOUGHTS.sub("", text).strip()
    if not text:
        raise Unusable("empty", "Die Antwort war leer.")
    if len(text) > MAX_ANSWER_CHARS:
        raise Unusable("too_long", "Die Antwort war zu lang. Fasse dich deutlich kürzer.")
    wrong: str | None = None
    for candidate in _objects(text):
        try:
            return Answer.model_validate(candidate)
        except ValidationError as error:
            wrong = wrong or _fields(error)
    if wrong is not None:
        raise Unusable("wrong_json", f"Das JSON-Objekt passte nicht; falsch oder fehlend: {wrong}.")
    raise Unusable("not_json", "Die Antwort enthielt kein gültiges JSON-Objekt.")


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    for _ in range(_MAX_OBJECTS):
        if start < 0:
            return
        end = start + 1
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            pass
        else:
            yield value
        start = text.find("{", end)


def _fields(error: ValidationError) -> str:
    known = Answer.model_fields
    names = {str(item["loc"][0]) for item in error.errors(include_input=False, include_url=False) if item["loc"]}
    return ", ".join(sorted(names & known.keys())) or "body"
