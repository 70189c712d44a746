"""What Google's answers and the lack of them mean (https://developers.google.com/gmail/api/guides/handle-errors)."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx2

from shared.errors import AuthError, KinamikError, PermanentError, TransientError
from shared.mailbox.gmail.answers import as_list, as_object

_LIMITS = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_RETRY_AFTER = re.compile(r"Retry after (\d{4}-\d\d-\d\dT[\d:.]+Z)")


class NotFound(PermanentError):
    """What was asked for is not there, or not any more."""

    def __init__(self) -> None:
        super().__init__("not_found")


class Refused(PermanentError):
    """Google finds fault with the request itself."""

    def __init__(self) -> None:
        super().__init__("request_refused")


def error_of(status: int, headers: httpx2.Headers, body: dict[str, Any]) -> KinamikError:
    """The error that an answer stands for, with nothing in it that Google wrote."""
    if status == 429 or (status == 403 and _reasons(body) & _LIMITS):
        return TransientError("rate_limited", retry_after=_seconds(headers, body))
    match status:
        case 401:
            return AuthError("credentials_refused")
        case 403:
            return AuthError("access_denied")
        case 404:
            return NotFound()
        case 413:
            return PermanentError("draft_too_large")
        case _ if status >= 500:
            return TransientError("server_error", retry_after=_seconds(headers, body))
        case _:
            return Refused()


def no_answer(error: httpx2.RequestError) -> TransientError:
    return TransientError("timeout" if isinstance(error, httpx2.TimeoutException) else "connection_lost")


def _reasons(body: dict[str, Any]) -> set[str]:
    error = as_object(body.get("error"))
    entries = [*as_list(error.get("errors")), *as_list(error.get("details"))]
    return {str(as_object(entry).get("reason")) for entry in entries}


def _seconds(headers: httpx2.Headers, body: dict[str, Any]) -> float | None:
    """From Retry-After, else from what Gmail says in words only; None where it names no time."""
    if (named := headers.get("Retry-After", "")).isdecimal():
        return float(named)
    told = _RETRY_AFTER.search(str(as_object(body.get("error")).get("message", "")))
    if told is None:
        return None
    return max(0.0, (datetime.fromisoformat(told[1]) - datetime.now(UTC)).total_seconds())
