"""What an import would do: each row against the entry it means, and what is wrong with the rest."""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from pydantic import ValidationError

from config_api.knowledge.exchange.faults import Faults
from config_api.knowledge.exchange.table import Row, Table
from config_api.knowledge.history import Content
from config_api.knowledge.schemas import KnowledgeContent, KnowledgeCreate

Action = Literal["add", "change", "remove"]


@dataclass(frozen=True, slots=True)
class Known:
    """An entry as it is now."""

    id: UUID
    content: Content


@dataclass(frozen=True, slots=True)
class Step:
    """One entry that the import changes; `row` is None where it is removed because no row means it."""

    action: Action
    row: int | None
    entry_id: UUID | None
    before: Content | None
    after: Content | None

    @property
    def fields(self) -> list[str]:
        """Those that differ."""
        if self.before is None or self.after is None:
            return list(self.before or self.after or ())
        return [name for name, value in self.after.items() if self.before[name] != value]


@dataclass(slots=True)
class Plan:
    steps: list[Step] = field(default_factory=list[Step])
    unchanged: int = 0
    faults: Faults = field(default_factory=Faults)
    ignored_columns: Sequence[str] = ()

    def count(self, action: Action) -> int:
        return sum(step.action == action for step in self.steps)

    def digest(self, assistant_id: UUID, knowledge_revision: int) -> str | None:
        """Stands for exactly these changes to exactly this knowledge; None where there are faults."""
        if self.faults.count:
            return None
        steps = [(step.action, step.entry_id and str(step.entry_id), step.after) for step in self.steps]
        exact = json.dumps([str(assistant_id), knowledge_revision, steps], sort_keys=True)
        return hashlib.sha256(exact.encode()).hexdigest()


def plan(table: Table, known: Sequence[Known], *, remove_missing: bool) -> Plan:
    """A row means the entry with its id, else the first one with its question and language that no other row means."""
    made = Plan(ignored_columns=table.ignored_columns)
    meant = _meant(table.rows, known, made.faults)
    seen: dict[str, int] = {}
    for row in table.rows:
        entry = meant.get(row.number)
        after = _content(row, entry, made.faults)
        if after is None:
            continue
        if entry is None and (first := seen.setdefault(_exact(after), row.number)) != row.number:
            made.faults.add(row.number, "question", "row_repeated", first)
        elif entry is not None and entry.content == after:
            made.unchanged += 1
        elif entry is not None:
            made.steps.append(Step("change", row.number, entry.id, entry.content, after))
        else:
            made.steps.append(Step("add", row.number, None, None, after))
    if remove_missing:
        kept = {entry.id for entry in meant.values()}
        made.steps += [Step("remove", None, each.id, each.content, None) for each in known if each.id not in kept]
    return made


def _meant(rows: Iterable[Row], known: Sequence[Known], faults: Faults) -> dict[int, Known]:
    """The entries that rows mean, by the rows' numbers. An id that is none of ours means nothing."""
    by_id = {str(entry.id): entry for entry in known}
    meant: dict[int, Known] = {}
    taken: dict[UUID, int] = {}
    others: list[Row] = []
    for row in rows:
        entry = by_id.get(str(row.values.get("id") or "").lower())
        if entry is None:
            others.append(row)
        elif (first := taken.setdefault(entry.id, row.number)) != row.number:
            faults.add(row.number, "id", "id_repeated", first)
        else:
            meant[row.number] = entry
    waiting: defaultdict[tuple[str, str], deque[Known]] = defaultdict(deque)
    for entry in known:
        if entry.id not in taken:
            waiting[_key(entry.content)].append(entry)
    for row in others:
        if same := waiting.get(_key(row.values)):
            meant[row.number] = same.popleft()
    return meant


def _key(values: Mapping[str, object]) -> tuple[str, str]:
    """Question and language, however it is spaced and spelt; the answer where there is no question."""
    question, answer = str(values.get("question") or ""), str(values.get("answer") or "")
    words = " ".join(question.split()).casefold()
    return str(values.get("language") or "de"), words or f"\n{answer.strip()}"


def _content(row: Row, entry: Known | None, faults: Faults) -> Content | None:
    """What the entry would then be; None where the row is not valid."""
    values = {name: value for name, value in row.values.items() if name != "id"}
    try:
        valid = KnowledgeCreate.model_validate({**(entry.content if entry else {}), **values})
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            faults.of_field(row.number, str(fault["loc"][0]), fault["type"])
        return None
    return KnowledgeContent.model_validate(valid.model_dump()).model_dump(mode="json")


def _exact(content: Content) -> str:
    return json.dumps(content, sort_keys=True)
