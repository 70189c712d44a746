"""What an answer of Microsoft Graph means to us (https://learn.microsoft.com/graph/errors)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared.errors import AuthError, KinamikError, PermanentError, TransientError

_LOST = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "invalidsyncstatedata"})
_FULL = frozenset({"errorquotaexceeded", "quotaexceeded"})
_TOO_LARGE = frozenset({"errormessagesizeexceeded", "errorcontenttoolarge"})
_NOT_THERE = frozenset({"erroritemnotfound", "errorinvalididmalformed", "errorfoldernotfound", "resourcenotfound"})
_NO_MAILBOX = frozenset({"mailboxnotenabledforrestapi", "errorinvaliduser", "errornonexistentmailbox"})


class NotThere(TransientError):
    """What was asked for does not exist (404). Each who asks says what that means."""

    def __init__(self) -> None:
        super().__init__("server_refused")


class ChangedMeanwhile(TransientError):
    """It is no longer as it was when it was read (412)."""

    def __init__(self) -> None:
        super().__init__("server_refused")


class CursorLost(TransientError):
    """A delta token does not hold any more: everything has to be listed anew."""

    def __init__(self) -> None:
        super().__init__("server_refused")


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> KinamikError:
    """The error for an answer that is no success. Its words are not kept, only what they mean."""
    code = _code(body)
    wait = retry_after(headers)
    if status == 429:
        return TransientError("rate_limited", retry_after=wait)
    if status == 410 or code in _LOST:
        return CursorLost()
    if code in _FULL:
        return PermanentError("quota_exceeded")
    if status == 413 or code in _TOO_LARGE:
        return PermanentError("draft_too_large")
    if status == 401:
        return AuthError("credentials_refused")
    if status == 403 or code in _NO_MAILBOX:
        return AuthError("access_denied")
    if status == 404 or code in _NOT_THERE:
        return NotThere()
    if status in (409, 412):
        return ChangedMeanwhile()
    return TransientError("server_error" if status >= 500 else "server_refused", retry_after=wait)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds (RFC 9110, 10.2.3), None where there is no such header or it says nothing."""
    value = headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _code(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["code"]).lower()
    except (ValueError, LookupError, TypeError):
        return ""
