"""The model behind an OpenAI-compatible endpoint.

`base_url` is the address up to and with the version: Azure AI Foundry's v1 (`https://NAME.openai.azure.com/openai/v1/`
with the resource's key and the deployment as `model`), `https://api.openai.com/v1`, a vLLM, Ollama or llama.cpp server.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from openai import APIConnectionError, APIError, AsyncOpenAI, AsyncStream
from opentelemetry.trace import Span
from prometheus_client import Counter, Histogram
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from tenacity import AsyncRetrying, retry_if_exception, stop_before_delay

from drafter.answer import Answer, Unusable, parse
from drafter.dialects import FORMATS, Dialect, streaming
from drafter.failures import failure, passes, wait
from drafter.prompt import Message
from drafter.replies import Listener, Reply, heard
from drafter.spans import answered, calling
from shared.errors import KinamikError, PermanentError, TransientError
from shared.events import Usage
from shared.tracing import failed

# At DEBUG these log addresses and headers; bodies never, but nobody need watch that for us.
for _name in ("openai", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)

CALLS = Counter("kinamik_model_calls_total", "Calls of the model, by what came of them", ["result"])
CALLS.labels("ok")
SECONDS = Histogram(
    "kinamik_model_call_seconds",
    "One call of the model, however it ended",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120),
)


class ModelSettings(BaseModel):
    """How to reach a model. Times are in seconds.

    `deadline` bounds a whole `complete` with its retries and its repair, `timeout` one call. `max_connections` is
    the number of calls that can be in flight. An empty `proxy` means a direct connection; the environment's proxy
    variables are not looked at.
    """

    model_config = ConfigDict(frozen=True)

    base_url: str
    model: str
    api_key: SecretStr = SecretStr("")
    timeout: float = 60.0
    connect_timeout: float = 5.0
    deadline: float = 150.0
    max_connections: int = 1000
    max_output_tokens: int = 2000
    temperature: float | None = 0.2
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer, and what it cost with every retry and repair (`duration_ms` is the model's part alone)."""

    answer: Answer
    usage: Usage


@dataclass(slots=True)
class _Tally:
    deadline: float
    started: float = field(default_factory=time.monotonic)
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def left(self) -> float:
        return self.deadline - (time.monotonic() - self.started)


class Model:
    """One endpoint, one client, any number of calls at once. `close` it at the end."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._dialect = Dialect()
        self._held_until = 0.0
        limits = httpx2.Limits(max_connections=settings.max_connections, max_keepalive_connections=None)
        timeout = httpx2.Timeout(settings.timeout, connect=settings.connect_timeout, pool=settings.timeout)
        # A redirect would carry a mail to an address that nobody configured.
        http = httpx2.AsyncClient(
            limits=limits, timeout=timeout, proxy=settings.proxy or None, trust_env=False, follow_redirects=False
        )
        self._client = AsyncOpenAI(
            api_key=settings.api_key.get_secret_value() or "none",
            base_url=settings.base_url,
            max_retries=0,
            timeout=timeout,
            http_client=http,
        )
        self._client.organization = self._client.project = None  # the SDK takes these from the environment

    @property
    def name(self) -> str:
        return self._settings.model

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.close()

    async def complete(self, messages: Sequence[Message], listener: Listener | None = None) -> Completion:
        """Asks the model, and asks a second time when its answer is not usable. A `listener` hears it write.

        Raises TransientError (`model_rate_limited`, `model_unavailable`, `model_timeout`, `model_quota_exhausted`)
        with `retry_after` where the endpoint named a time, AuthError (`model_credentials_refused`), and
        PermanentError (`model_refused`, `model_request_rejected`, `model_not_found`, `model_answer_unusable`).
        """
        tally = _Tally(self._settings.deadline)
        chat: list[Message] = list(messages)
        limit = self._settings.max_output_tokens
        for _ in range(2):
            reply = await self._retrying(chat, limit, tally, listener)
            try:
                return Completion(_answer(reply), self._usage(tally))
            except Unusable as error:
                repair = f"Deine letzte Antwort war unbrauchbar. {error.hint} Antworte jetzt nur mit dem JSON-Objekt."
                if error.reason == "truncated":
                    limit *= 2  # a reasoning model may have spent it all on thinking
            chat = [*messages, {"role": "user", "content": repair}]
        raise PermanentError("model_answer_unusable")

    def _usage(self, tally: _Tally) -> Usage:
        spent = round((time.monotonic() - tally.started) * 1000)
        model = self._settings.model
        return Usage(model=model, tokens_in=tally.tokens_in, tokens_out=tally.tokens_out, duration_ms=spent)

    async def _retrying(
        self, chat: Sequence[Message], limit: int, tally: _Tally, listener: Listener | None
    ) -> Reply | None:
        retrying = AsyncRetrying(
            retry=retry_if_exception(passes), wait=wait, stop=stop_before_delay(tally.left), reraise=True
        )
        return await retrying(self._ask, chat, limit, tally, listener)

    async def _ask(self, chat: Sequence[Message], limit: int, tally: _Tally, listener: Listener | None) -> Reply | None:
        """One call, or more while the endpoint's dialect is being found out. None for a body that is no completion."""
        held = self._held_until - time.monotonic()
        if held > 0:
            raise TransientError("model_rate_limited", retry_after=held)
        dialect = self._dialect
        for _ in range(6):
            body, seconds = self._body(chat, limit, dialect), min(self._settings.timeout, tally.left)
            with SECONDS.time(), calling(self._settings.base_url, body, limit=limit) as call:
                if listener is None:
                    outcome = await self._post(body, seconds)
                else:
                    outcome = await self._stream(body | streaming(dialect), seconds, listener)
                if isinstance(outcome, httpx2.Response | Reply):
                    self._dialect = dialect
                    CALLS.labels("ok").inc()
                    return _read(outcome, tally, call)
                error = failure(outcome)
                failed(call, error.reason)
            simpler = dialect.simpler(outcome)
            if simpler is None:
                raise self._failed(error)
            dialect = simpler
        raise PermanentError("model_request_rejected")

    def _body(self, chat: Sequence[Message], limit: int, dialect: Dialect) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self._settings.model, "messages": chat, dialect.tokens: limit}
        if FORMATS[dialect.format] is not None:
            body["response_format"] = FORMATS[dialect.format]
        if dialect.temperature and self._settings.temperature is not None:
            body["temperature"] = self._settings.temperature
        return body

    async def _post(self, body: dict[str, Any], seconds: float) -> httpx2.Response | APIError | TimeoutError:
        # Errors are returned, so that what is raised later has no context: the SDK's exceptions hold the bodies.
        try:
            async with asyncio.timeout(max(seconds, 0.001)):
                return await self._client.post("/chat/completions", cast_to=httpx2.Response, body=body)
        except (APIError, TimeoutError) as error:
            return error

    async def _stream(
        self, body: dict[str, Any], seconds: float, listener: Listener
    ) -> Reply | httpx2.Response | APIError | TimeoutError:
        """As `_post`; a server that does not stream is read as one that was not asked to."""
        try:
            async with asyncio.timeout(max(seconds, 0.001)):
                stream = await self._client.post(
                    "/chat/completions", cast_to=object, body=body, stream=True, stream_cls=AsyncStream[object]
                )
                async with stream:
                    if "text/event-stream" not in stream.response.headers.get("content-type", ""):
                        await stream.response.aread()
                        return stream.response
                    return await heard(stream, listener)
        except (APIError, TimeoutError) as error:
            return error
        except httpx2.TimeoutException:
            return TimeoutError()
        except httpx2.HTTPError as error:
            return APIConnectionError(request=error.request)

    def _failed(self, error: KinamikError) -> KinamikError:
        CALLS.labels(error.reason).inc()
        if error.reason == "model_rate_limited":
            # All calls in flight hold back, not this one alone.
            self._held_until = max(self._held_until, time.monotonic() + (error.retry_after or 0.0))
        return error


def _read(answer: httpx2.Response | Reply, tally: _Tally, call: Span) -> Reply | None:
    try:
        reply = answer if isinstance(answer, Reply) else Reply.model_validate_json(answer.content)
    except ValidationError:
        failed(call, "model_answer_unusable")
        return None
    if reply.usage is not None:
        tally.tokens_in += reply.usage.prompt_tokens
        tally.tokens_out += reply.usage.completion_tokens
    answered(call, reply)
    return reply


def _answer(reply: Reply | None) -> Answer:
    if reply is None or not reply.choices:
        raise Unusable("empty", "Die Antwort war leer.")
    choice = reply.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise PermanentError("model_refused")
    try:
        return parse(choice.message.content or "")
    except Unusable:
        if choice.finish_reason != "length":
            raise
    raise Unusable("truncated", "Die Antwort brach ab, weil sie zu lang war. Fasse dich deutlich kürzer.")
