"""How calls of a model fail, and what is tried again when."""

import time
from email.utils import parsedate_to_datetime

import httpx2
from openai import APIError, APIStatusError, APITimeoutError
from tenacity import RetryCallState, wait_exponential_jitter

from shared.errors import AuthError, KinamikError, PermanentError, TransientError

_QUOTA_CODES = ("insufficient_quota", "billing_hard_limit_reached")


def failure(error: APIError | TimeoutError) -> KinamikError:
    """In our own words, without what the endpoint said."""
    if isinstance(error, TimeoutError | APITimeoutError):
        return TransientError("model_timeout")
    if not isinstance(error, APIStatusError):
        return TransientError("model_unavailable")
    retry_after = _retry_after(error.response.headers)
    match error.status_code:
        case 401 | 403:
            return AuthError("model_credentials_refused")
        case 402:
            return TransientError("model_quota_exhausted", retry_after=retry_after)
        case 429 if error.code in _QUOTA_CODES:
            return TransientError("model_quota_exhausted", retry_after=retry_after)
        case 429:
            return TransientError("model_rate_limited", retry_after=retry_after)
        case 408 | 409 | 425:
            return TransientError("model_unavailable", retry_after=retry_after)
        case status if status >= 500:
            return TransientError("model_unavailable", retry_after=retry_after)
        case 404:
            return PermanentError("model_not_found")
        case _ if error.code == "content_filter":
            return PermanentError("model_refused")
        case _:
            return PermanentError("model_request_rejected")


def passes(error: BaseException) -> bool:
    """Whether it may be another time."""
    return isinstance(error, TransientError) and error.reason != "model_quota_exhausted"


_backoff = wait_exponential_jitter(multiplier=0.5, max=20, jitter=0.5)


def wait(state: RetryCallState) -> float:
    """Seconds until the next try: what the endpoint asked for, else exponential, both with jitter."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, KinamikError) else None
    jitter = _backoff(state)
    return jitter if asked is None else asked + min(jitter, 1.0)


def _retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds from `retry-after-ms` or `Retry-After`, a number or an HTTP date (RFC 9110, 10.2.3)."""
    milliseconds, value = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    if milliseconds.isdecimal():
        return int(milliseconds) / 1000
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds < 86_400 * 7 else None
