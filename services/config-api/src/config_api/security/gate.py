"""Who may try at all. Asked before anything that is worth trying often: log-ins, registrations, mails on request.

Audit counts, for all replicas together. While it does not answer, what this process has counted for itself decides: the
gate is never open without limits, and never closed for everybody.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import product
from typing import TypeVar

import structlog
from fastapi import Request
from prometheus_client import Counter

from config_api.problems import TooManyRequests
from config_api.security.limiter import Limiter
from config_api.security.log import client_address
from shared.audit import Admission, Attempt, Success
from shared.audit_client import Admissions
from shared.errors import KinamikError
from shared.limits import ACTIONS, Rules

log = structlog.get_logger(__name__)

T = TypeVar("T")

AWAY_SECONDS = 2.0
AT_A_TIME = 8
ATTEMPTS = Counter("kinamik_attempts_total", "Log-ins, registrations and the like", ["action", "counted_by", "result"])
SUCCEEDED = Counter(
    "kinamik_attempts_succeeded_total", "Log-ins that were right; others that were admitted failed", ["action"]
)
for _labels in product(ACTIONS, ("audit", "process"), ("admitted", "refused")):
    ATTEMPTS.labels(*_labels)
SUCCEEDED.labels("login")


class Gate:
    """`away_seconds` is how long audit is left alone after it has not answered, so that not everybody waits for it."""

    def __init__(self, audit: Admissions, rules: Rules, *, away_seconds: float = AWAY_SECONDS) -> None:
        self._audit = audit
        self._limiter = Limiter(rules)
        self._away_seconds = away_seconds
        self._away_until = 0.0
        self._turn = asyncio.Semaphore(AT_A_TIME)

    async def admit(self, attempt: Attempt) -> Admission:
        """Counts the attempt. Raises TooManyRequests."""
        own = self._limiter.admit(attempt, datetime.now(UTC))
        told = await self._in_turn(lambda: self._audit.admit(attempt))
        counted_by, admission = ("process", own) if told is None else ("audit", told)
        ATTEMPTS.labels(attempt.action, counted_by, "admitted" if admission.admitted else "refused").inc()
        if not admission.admitted:
            raise TooManyRequests("too_many_attempts", admission.retry_after)
        return admission

    async def succeeded(self, success: Success) -> None:
        """Takes the attempt back, here and at audit, should it answer."""
        if success.counted:
            SUCCEEDED.labels(success.action).inc()
        self._limiter.succeeded(success)
        await self._in_turn(lambda: self._audit.succeeded(success))

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Audit's answer; None while it is away. A flood waits here: it must not look as if audit were slow."""
        async with self._turn:
            if time.monotonic() < self._away_until:
                return None
            try:
                return await ask()
            except KinamikError as error:
                log.warning("audit_away", reason=error.reason)
                self._away_until = time.monotonic() + self._away_seconds
                return None


async def admit(request: Request, action: str, *, user_name: str = "") -> Admission:
    """To be called before the work, which `user_name` is to be done for where one was entered.

    An attempt counts as a failure until `succeeded` says otherwise. Raises TooManyRequests (`too_many_attempts`).
    """
    gate: Gate = request.app.state.gate
    return await gate.admit(Attempt(action=action, user_name=user_name, address=client_address(request)))


async def succeeded(
    request: Request, action: str, *, user_name: str, others: tuple[str, ...] = (), counted: bool = True
) -> None:
    """Whoever tried as `user_name` was right, and has the names `others` too: none of them is locked for them here.

    `counted` is whether `admit` was asked with `user_name` before. Not to be called within a transaction.
    """
    gate: Gate = request.app.state.gate
    address = client_address(request)
    await gate.succeeded(Success(action=action, user_name=user_name, others=others, address=address, counted=counted))
