"""What somebody was refused for want of a right is in the security log, but not as often as they ask."""

import time
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

import structlog
from fastapi import FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from config_api import problems
from config_api.database import Database
from config_api.principal import Principal
from config_api.problems import ApiError, Forbidden, NotFound
from config_api.security.log import record

REASONS = frozenset(
    {"organisation_unknown", "operators_only", "owners_only", "people_only", "scope_missing", "origin_not_allowed"}
)
EVERY_SECONDS = 600.0
KEPT = 10_000

log = structlog.get_logger(__name__)


class Refusals:
    """Notes the first one of each caller and reason, and then one every ten minutes, in each replica."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._noted: OrderedDict[tuple[str, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._noted)

    async def note(self, request: Request, reason: str) -> None:
        """Under the operation's id, with the reason as its outcome. A database that is away changes no answer."""
        caller: Principal | None = getattr(request.state, "principal", None)
        if caller is None or caller.operator or reason not in REASONS or not self.is_due(caller.name, reason):
            return
        wanted = _organisation(request)
        own = wanted if wanted and caller.role_in(wanted) else None
        operation, subject = request.scope["route"].name, str(wanted or "")
        try:
            async with self._database.auth() as session:
                await record(
                    session, request, operation, actor=caller, organisation_id=own, subject=subject, outcome=reason
                )
        except (SQLAlchemyError, OSError):
            log.exception("refusal_not_recorded")

    def is_due(self, caller: str, reason: str) -> bool:
        """Whether it is to be noted now, which is remembered."""
        what = caller, reason
        last = self._noted.get(what)
        if last is not None and self._clock() < last + EVERY_SECONDS:
            return False
        self._noted[what] = self._clock()
        self._noted.move_to_end(what)
        while len(self._noted) > KEPT:
            self._noted.popitem(last=False)
        return True


def install(app: FastAPI, refusals: Refusals) -> None:
    """To be called after `problems.install`, whose answers stay as they are."""

    async def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        await refusals.note(request, error.reason)
        return await problems.api_error(request, error)

    for kind in (Forbidden, NotFound):
        app.add_exception_handler(kind, answer)


def _organisation(request: Request) -> UUID | None:
    try:
        return UUID(request.path_params["organisation_id"])
    except (KeyError, ValueError):
        return None
