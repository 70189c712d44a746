"""Microsoft's own sample answers, and how far an answer may differ from them: values may, shapes may not."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

FILE = Path("graph-mocks", "mail-only.json")

# The samples leave these at will, or say them of some other kind of item.
_NOT_ALWAYS = {"@odata.type", "@odata.id", "@odata.context", "meetingMessageType", "type", "isOutOfDate", "isAllDay"}
_NOT_ALWAYS |= {"isDelegated", "responseRequested", "allowNewTimeProposals", "meetingRequestType"}
_NOT_ALWAYS |= {"startDateTime", "endDateTime", "location", "recurrence", "@odata.nextLink", "creatorId"}
_NOT_ALWAYS |= {"previousEndDateTime", "previousLocation", "previousStartDateTime"}
_NOT_ALWAYS |= {"notificationContentType", "encryptionCertificate", "encryptionCertificateId", "isHidden"}


class Canned:
    def __init__(self, file: Path) -> None:
        self._answers: list[tuple[str, re.Pattern[str], bool, Any]] = []
        for entry in json.loads(file.read_text("utf-8")):
            request, body = entry["request"], entry["response"].get("body")
            url = urlsplit(request["url"])
            path = unquote(url.path).removeprefix("/v1.0")
            pattern = re.compile("[^/]+".join(re.escape(part) for part in path.split("*")))
            if isinstance(body, dict):
                self._answers.append((request["method"], pattern, bool(url.query), body))

    def problems(self, method: str, path: str, *, chosen: bool, body: Any) -> Iterator[str]:
        """Where the answer's shape is another than the sample's. `chosen`: the request said which properties.

        `path` is without /v1.0, for one's own mailbox or as /users/{id}/...
        """
        path = re.sub(r"^/users/[^/]+/", "/me/", path)
        for known_method, pattern, has_query, sample in self._answers:
            if known_method == method and pattern.fullmatch(path) and not has_query:
                yield from _differences(body, sample, "", complete=not chosen)
                return


@lru_cache
def canned_of(folder: Path) -> Canned:
    return Canned(folder / FILE)


def _differences(value: Any, sample: Any, at: str, *, complete: bool) -> Iterator[str]:
    if value is None or sample is None:
        return
    if _shape(value) is not _shape(sample):
        yield f"{at} is {_shape(value).__name__}, in the sample {_shape(sample).__name__}"
    elif isinstance(value, dict):
        for name, item in sample.items():
            if name in value:
                yield from _differences(value[name], item, f"{at}.{name}", complete=complete)
            elif complete and name not in _NOT_ALWAYS:
                yield f"{at}.{name} is missing"
    elif isinstance(value, list) and sample:
        for number, item in enumerate(value):
            if "@removed" not in item:
                yield from _differences(item, sample[0], f"{at}[{number}]", complete=complete)


def _shape(value: Any) -> type:
    return bool if isinstance(value, bool) else type(value)
