"""What an endpoint was found to understand of the API that all of them imitate."""

from dataclasses import dataclass, replace
from typing import Any

from openai import APIError, APIStatusError

from drafter.answer import SCHEMA

FORMATS: tuple[dict[str, Any] | None, ...] = (
    {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}},
    {"type": "json_object"},
    None,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an endpoint was found to accept. Local servers know only max_tokens, newer hosted models refuse it."""

    format: int = 0
    tokens: str = "max_tokens"
    temperature: bool = True
    stream_usage: bool = True

    def simpler(self, error: APIError | TimeoutError) -> "Dialect | None":
        """What to try next after this error, None where the dialect is not to blame."""
        if not isinstance(error, APIStatusError) or error.status_code not in (400, 422):
            return None
        told = f"{error.param} {error.message}"
        if error.code == "content_filter":
            return None
        if self.tokens == "max_tokens" and "max_tokens" in told:
            return replace(self, tokens="max_completion_tokens")
        if self.temperature and "temperature" in told:
            return replace(self, temperature=False)
        if self.stream_usage and "stream_options" in told:
            return replace(self, stream_usage=False)
        return replace(self, format=self.format + 1) if self.format + 1 < len(FORMATS) else None


def streaming(dialect: Dialect) -> dict[str, Any]:
    options = {"stream_options": {"include_usage": True}} if dialect.stream_usage else {}
    return {"stream": True, **options}
