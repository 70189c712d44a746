"""Trying out an assistant on a pasted mail: the way of a real draft, told as it goes, with nothing kept of it.

For config-api only, which knows who may: POST /internal/v1/drafts/try with the services' token. The answer is
a stream of events (WHATWG HTML, 9.2): `progress`, `text` and `restart` while it is written, then `draft`, `entries` and
`result`, or `failed`.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from pydantic import SecretStr, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from drafter.author import Author, Written
from drafter.partial import body_so_far
from drafter.passages import matched
from shared.config import Assistant
from shared.config_client import ConfigClient
from shared.errors import KinamikError, TransientError
from shared.events import Usage
from shared.mail import Frozen, Mail
from shared.tasks import background

PATH = "/internal/v1/drafts/try"
FRESH_WITHIN = 2.0
KNOWN_WITHIN = 10.0
"""Seconds to wait for config-api where the assistant is not known yet: somebody has only just made it."""
STILL_THERE_EVERY = 10.0
"""Seconds of silence after which a comment is sent, so that nobody on the way gives the connection up."""
_ZONE = ZoneInfo("Europe/Berlin")

log = structlog.get_logger(__name__)


class Try(Frozen):
    assistant_id: UUID
    mail: Mail


class Playground:
    def __init__(self, config: ConfigClient, author: Author, token: SecretStr) -> None:
        self._config = config
        self._author = author
        self._expected = f"Bearer {token.get_secret_value()}".encode()

    @property
    def route(self) -> Route:
        return Route(PATH, self.answer, methods=["POST"])

    async def answer(self, request: Request) -> Response:
        if not secrets.compare_digest(request.headers.get("authorization", "").encode(), self._expected):
            return _refusal(401, "token_not_valid")
        try:
            asked = Try.model_validate_json(await request.body())
        except ValidationError:
            return _refusal(422, "not_valid")
        fresh = await self._refreshed(asked.assistant_id)
        assistant = self._config.assistant(asked.assistant_id)
        if assistant is None:
            return _refusal(404, "assistant_unknown") if fresh else _refusal(503, "config_api_unavailable")
        if reason := _why_not(assistant, datetime.now(UTC)):
            return _refusal(409, reason)
        return StreamingResponse(self._told(asked.mail, assistant), media_type="text/event-stream")

    async def _refreshed(self, assistant_id: UUID) -> bool:
        """Whether what is known of the assistant is as of now."""
        try:
            async with asyncio.timeout(FRESH_WITHIN if self._config.assistant(assistant_id) else KNOWN_WITHIN):
                await self._config.refresh()
        except (TransientError, TimeoutError):
            return False
        return True

    async def _told(self, mail: Mail, assistant: Assistant) -> AsyncGenerator[str]:
        """Ends with the drafting, and ends the drafting when nobody listens any more."""
        account = _Account()
        async with background(self._write(mail, assistant, account), name="playground"):
            while not account.ended:
                try:
                    yield await asyncio.wait_for(account.events.get(), STILL_THERE_EVERY)
                except TimeoutError:
                    yield ": still there\n\n"
            while not account.events.empty():
                yield account.events.get_nowait()

    async def _write(self, mail: Mail, assistant: Assistant, account: "_Account") -> None:
        try:
            written = await self._author.write(mail, assistant, _ZONE, onlooker=account)
            account.tell_result(written, mail)
        except KinamikError as error:
            account.tell("failed", reason=error.reason)
        except Exception as error:  # its text may quote the mail
            log.error("playground_failed", kind=type(error).__name__)
            account.tell("failed", reason="internal_error")
        finally:
            account.ended = True


class _Account:
    """An `Onlooker` that writes down what it sees."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.ended = False
        self._shown = ""

    def tell(self, event: str, **data: Any) -> None:
        self.events.put_nowait(f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n")

    def found(self, count: int, usage: Usage) -> None:
        self.tell("progress", step="found", entries=count, model=usage.model, tokens_in=usage.tokens_in)

    def wrote(self, text: str) -> None:
        body = body_so_far(text)
        if not body.startswith(self._shown):
            self.tell("restart")
            self._shown = ""
        if len(body) > len(self._shown):
            self.tell("text", text=body[len(self._shown) :])
            self._shown = body

    def checking(self) -> None:
        self.tell("progress", step="checking")

    def tell_result(self, written: Written, mail: Mail) -> None:
        used = {entry.id for entry in written.used}
        if written.draft is not None:
            self.tell("draft", **written.draft.model_dump(mode="json"))
        self.tell(
            "entries",
            items=[
                {
                    "id": str(hit.entry.id),
                    "question": hit.entry.question,
                    "score": round(hit.score, 4),
                    "used": hit.entry.id in used,
                    "passages": matched(hit.entry, mail),
                }
                for hit in written.hits
            ],
        )
        self.tell(
            "result",
            outcome="skipped" if written.draft is None else "drafted",
            reason="no_answer_expected" if written.draft is None else "",
            needs_human=written.needs_human,
            removed=sorted(set(written.removed)),
            model_failure=written.failure,
            **written.usage.model_dump(),
        )


def _why_not(assistant: Assistant, moment: datetime) -> str:
    """Its own switch does not matter, it is tried out before it is switched on; what costs money must be paid for."""
    if assistant.active_until is not None and moment >= assistant.active_until:
        return "plan_ended"
    paused = assistant.paused_until is not None and moment < assistant.paused_until
    return assistant.paused_reason if paused and assistant.paused_reason == "token_budget" else ""


def _refusal(status: int, reason: str) -> Response:
    return JSONResponse({"reason": reason}, status)
