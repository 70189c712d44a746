"""What a model has written of its answer so far. For showing only: nothing of it is checked."""

import json
import re

_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_BODY = re.compile(r'"body"\s*:\s*"((?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)')
_HALVES = re.compile(r"[\ud800-\udfff]")


def body_so_far(text: str) -> str:
    """The beginning of the value of "body" in JSON that has not ended yet; empty before it begins."""
    found = _BODY.search(_THOUGHTS.sub("", text))
    return _HALVES.sub("", json.loads(f'"{found[1]}"', strict=False)) if found else ""
