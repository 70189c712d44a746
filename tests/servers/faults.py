"""Faults that a test plans for a service's next requests. They come in the order planned, each so many times."""

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What the client gets. `carried_out`: the service has done what it was asked for all the same.

    A `status` of 0 is a connection that ends without an answer, None the service's own answer. It comes after `delay`
    seconds, and once `released` is set.
    """

    status: int | None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    carried_out: bool = False
    delay: float = 0.0
    released: threading.Event | None = None


@dataclass
class _Planned:
    method: str
    path: re.Pattern[str]
    user: str | None
    outcome: Outcome
    times: int

    def is_for(self, method: str, path: str, user: str | None) -> bool:
        return self.method in ("", method) and self.user in (None, user) and self.path.search(path) is not None


class Faults:
    """Used by a test and by a server's thread. `asked` counts requests by method and path, ids and all."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()
        self.asked: Counter[tuple[str, str]] = Counter()

    def plan(self, method: str, path: str, outcome: Outcome, *, times: int = 1, user: str | None = None) -> None:
        """For requests in whose path the regular expression `path` is found, of any method where that is empty; only
        `user`'s where one is named."""
        with self._lock:
            self._planned.append(_Planned(method, re.compile(path), user, outcome, times))

    def unmet(self) -> int:
        """How many requests are still to meet a fault."""
        with self._lock:
            return sum(planned.times for planned in self._planned)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
            self.asked.clear()

    def count(self, method: str, path: str) -> int:
        """How many requests of this method had a path in which the regular expression `path` is found."""
        with self._lock:
            return sum(number for (how, what), number in self.asked.items() if how == method and re.search(path, what))

    def next_for(self, method: str, path: str, user: str | None) -> Outcome | None:
        """Counts a request, and takes the fault that is planned for it."""
        with self._lock:
            self.asked[method, path] += 1
            for planned in self._planned:
                if planned.times and planned.is_for(method, path, user):
                    planned.times -= 1
                    return planned.outcome
        return None


def dropped(*, carried_out: bool = False) -> Outcome:
    return Outcome(0, carried_out=carried_out)


def slow(seconds: float) -> Outcome:
    """The service does at once what it is asked for, and takes its time to say so."""
    return Outcome(None, carried_out=True, delay=seconds)


def held(status: int | None = None, body: Any = None) -> Outcome:
    """The answer comes when its `released` is set: the service's own, or one with this status and body."""
    return Outcome(status, body, carried_out=status is None, released=threading.Event())


def server_error(status: int = 503, *, carried_out: bool = False) -> Outcome:
    body = google_error(status, "The service is currently unavailable.", "backendError")
    return Outcome(status, body, {}, carried_out)


def throttled(seconds: int) -> Outcome:
    body = google_error(429, "Resource has been exhausted (e.g. check quota).", "rateLimitExceeded")
    return Outcome(429, body, {"Retry-After": str(seconds)})


def rate_limited(until: datetime) -> Outcome:
    """Gmail's limit of a user, which it tells in words only."""
    moment = until.strftime("%Y-%m-%dT%H:%M:%S.") + f"{until.microsecond // 1000:03}Z"
    message = f"User-rate limit exceeded.  Retry after {moment}"
    return Outcome(403, google_error(403, message, "userRateLimitExceeded", "usageLimits"))


def unauthorised() -> Outcome:
    return Outcome(401, google_error(401, "Invalid Credentials", "authError"))


def forbidden(reason: str = "insufficientPermissions") -> Outcome:
    return Outcome(403, google_error(403, "Request had insufficient authentication scopes.", reason))


def not_found() -> Outcome:
    return Outcome(404, google_error(404, "Requested entity was not found.", "notFound"))


def google_error(code: int, message: str, reason: str, domain: str = "global") -> dict[str, Any]:
    """The body of an error as Google's APIs send it (https://cloud.google.com/apis/design/errors)."""
    status = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
    return {
        "error": {
            "code": code,
            "message": message,
            "errors": [{"message": message, "domain": domain, "reason": reason}],
            "status": status.get(code, "UNAVAILABLE"),
        }
    }
