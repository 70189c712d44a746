"""One trace for each mail, from its mailbox to its draft, across the bus and the model's call. Ids, never content.

The trace's id is the message's own: whoever has the one has the other, and a message that is handed on again adds to
the trace that it has. Attributes are OpenTelemetry's (messaging, GenAI), ours begin with `kinamik.`.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from uuid import UUID

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, TraceFlags

from shared.errors import KinamikError

Attribute = str | int | float | Sequence[str]

SPAN_ID = (1 << 64) - 1
SAMPLED = TraceFlags(TraceFlags.SAMPLED)
tracer = trace.get_tracer("kinamik")

_begun: ContextVar[UUID | None] = ContextVar("the message whose trace begins", default=None)


class MessageIds(RandomIdGenerator):
    """Random, but for a message's first span: its ids are made of the message's, which is a version 4 UUID."""

    def generate_trace_id(self) -> int:
        message = _begun.get()
        return message.int if message else super().generate_trace_id()

    def generate_span_id(self) -> int:
        message = _begun.get()
        return message.int & SPAN_ID if message else super().generate_span_id()


@contextmanager
def tracing(service: str, endpoint: str) -> Generator[None]:
    """Exports spans by OTLP over HTTP to `endpoint` (".../v1/traces"); without one nothing is recorded."""
    if not endpoint:
        yield
        return
    provider = TracerProvider(
        resource=Resource.create({"service.name": f"kinamik-{service}"}), id_generator=MessageIds()
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, Attribute] | None = None,
    *,
    context: Context | None = None,
    links: Sequence[Link] = (),
) -> AbstractContextManager[Span]:
    """Below the current span, or the one of `context`."""
    return _entered(tracer.start_span(name, context, kind, attributes, links))


def message_span(
    message_id: UUID, attributes: Mapping[str, Attribute], *, began: int, again: bool
) -> AbstractContextManager[Span]:
    """The first span of a message's trace, since `began` (nanoseconds since 1970).

    Where the message is handed on `again`, it is one below the first, and linked to it.
    """
    first = SpanContext(message_id.int, message_id.int & SPAN_ID, is_remote=True, trace_flags=SAMPLED)
    context, links = (_below(first), [Link(first)]) if again else (Context(), [])
    token = _begun.set(None if again else message_id)
    try:
        started = tracer.start_span("hand on message", context, SpanKind.INTERNAL, attributes, links, began)
    finally:
        _begun.reset(token)
    return _entered(started)


def delivered(headers: Mapping[str, str]) -> tuple[Context, list[Link]]:
    """For the span of who works on a message: below the one that sent it, and linked to it.

    The links show a message that was delivered twice: both spans name the same sender.
    """
    context = propagate.extract(headers)
    sender = trace.get_current_span(context).get_span_context()
    return context, [Link(sender)] if sender.is_valid else []


def carried() -> dict[str, str]:
    """The current span as a message's headers (W3C Trace Context)."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return headers


def failed(span: Span, reason: str) -> None:
    """`reason` is a fixed word."""
    span.set_attribute("error.type", reason)
    span.set_status(StatusCode.ERROR)


def _below(parent: SpanContext) -> Context:
    return trace.set_span_in_context(NonRecordingSpan(parent), Context())


@contextmanager
def _entered(started: Span) -> Generator[Span]:
    """Until the end. An exception leaves its reason or its type: its text could quote a mail."""
    with trace.use_span(started, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield started
        except Exception as error:
            failed(started, error.reason if isinstance(error, KinamikError) else type(error).__name__)
            raise
