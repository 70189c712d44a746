"""How a stream of events (WHATWG HTML, 9.2) is told of in the OpenAPI document, which knows no sequences."""

from collections.abc import Iterable
from typing import Any


def described(description: str, names: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """The responses of an operation that answers with events of these names. The schema is one event's."""
    event = {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "id": {"type": "string"},
            "event": {"type": "string", "enum": list(names)},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
    }
    return {200: {"description": description, "content": {"text/event-stream": {"schema": event}}}}
