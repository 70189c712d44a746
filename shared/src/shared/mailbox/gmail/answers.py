"""JSON that somebody else wrote: whatever is not of the shape expected is taken to be empty."""

import json
from typing import Any, cast


def object_in(content: bytes) -> dict[str, Any] | None:
    """The object in a body; None where that is something else altogether, as a proxy's page."""
    try:
        value: object = json.loads(content)
    except ValueError:
        return None
    return cast(dict[str, Any], value) if isinstance(value, dict) else None


def as_object(value: object) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []
