"""Every request is held against the schema before it is carried out, every answer before it leaves."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers.graph.canned import Canned, canned_of
from tests.servers.graph.schema import Schema, schema_of

_INNER_ERROR = {"date", "request-id", "client-request-id"}
_STATUS = {"GET": {200}, "POST": {201, 204}, "PATCH": {200}, "DELETE": {204}}


def missing() -> str | None:
    """None where the schema and the samples are there, otherwise what is missing."""
    named = os.environ.get("KINAMIK_EVAL_DATA")
    if not named:
        return "KINAMIK_EVAL_DATA names no folder with evaluation data"
    return None if (Path(named) / "graph-metadata").is_dir() else "the evaluation data has no graph-metadata"


def require_schema() -> None:
    """Skips the test by name where there is no schema; fails instead where KINAMIK_REQUIRE_ALL=1."""
    if (reason := missing()) and os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
        pytest.fail(f"Graph's schema: {reason}", pytrace=False)
    if reason:
        pytest.skip(f"Graph's schema: {reason}")


@dataclass(frozen=True)
class Checks:
    schema: Schema
    canned: Canned

    def request(self, method: str, path: str, body: Any) -> list[str]:
        """What of a request's JSON body the schema does not know. `path` is without /v1.0."""
        kind, parameters = self.schema.returned(path)
        if not parameters:
            return list(self.schema.problems(body, _one_of(kind)))
        known = {name.lower(): of for name, of in parameters.items()}
        return [
            problem
            for name, value in body.items()
            for problem in (
                self.schema.problems(value, known[name.lower()], f".{name}")
                if name.lower() in known
                else [f".{name} is no parameter"]
            )
        ]

    def answer(self, method: str, path: str, query: Mapping[str, str], status: int, content: bytes) -> list[str]:
        """What is wrong with an answer."""
        if status >= 400:
            return list(_problems_of_error(json.loads(content)))
        if status not in _STATUS[method]:
            return [f"{method} is not answered with {status}"]
        kind, _ = self.schema.returned(path)
        if status == 204 or kind == "Edm.Stream":
            return []
        body = json.loads(content)
        chosen = "$select" in query or "/delta" in path
        kind = _one_of(kind) if method == "POST" else kind
        return [*self._problems(kind, query, body), *self.canned.problems(method, path, chosen=chosen, body=body)]

    def _problems(self, kind: str, query: Mapping[str, str], body: Any) -> Iterator[str]:
        if not str(body.get("@odata.context", "")).startswith("http"):
            yield "@odata.context is missing"
        items = body["value"] if kind.startswith("Collection") and "value" in body else body
        yield from self.schema.problems(items, kind)
        wanted = {"id", *query["$select"].split(",")} if "$select" in query else None
        wanted = wanted and wanted | {re.split(r"\(", name)[0] for name in query.get("$expand", "").split(",")}
        for item in items if isinstance(items, list) else [items]:
            if wanted and (more := {name for name in item if "@" not in name} - wanted):
                yield f"not asked for: {sorted(more)}"

    def notification(self, body: Any) -> list[str]:
        return list(self.schema.problems(body, "changeNotificationCollection"))


def checks_here() -> Checks | None:
    """None where there is nothing to check against. Fails where KINAMIK_REQUIRE_ALL=1."""
    if reason := missing():
        if os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
            pytest.fail(f"Graph's schema: {reason}", pytrace=False)
        return None
    folder = Path(os.environ["KINAMIK_EVAL_DATA"])
    return Checks(schema_of(folder), canned_of(folder))


def _one_of(kind: str) -> str:
    """What is posted to a collection is one of its items."""
    return re.sub(r"Collection\((.+)\)", r"\1", kind)


def _problems_of_error(body: Any) -> Iterator[str]:
    """An error as https://learn.microsoft.com/graph/errors has it."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or set(body) != {"error"}:
        yield "no error object"
        return
    if not isinstance(error.get("code"), str) or not isinstance(error.get("message"), str):
        yield "an error without code or message"
    if more := set(error.get("innerError", {})) - _INNER_ERROR:
        yield f"unknown in innerError: {sorted(more)}"
