"""What happens to one delivered event, whichever bus brought it: decode, handle, publish, account for errors."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import structlog
from opentelemetry.trace import Span, SpanKind
from prometheus_client import Counter, Gauge, Histogram
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_any,
    stop_never,
)
from tenacity.stop import stop_base
from tenacity.wait import wait_exponential_jitter

from shared.bus.seam import Subscription
from shared.errors import AuthError, PermanentError, TransientError
from shared.events import (
    AuditRecorded,
    DeadLettered,
    DraftProposed,
    Event,
    MailboxEvent,
    MailboxStatus,
    MailboxStatusChanged,
    MessageReceived,
    MessageSettled,
    Outcome,
)
from shared.sealing import Sealer, decode
from shared.tracing import Attribute, delivered, failed, span

log = structlog.get_logger(__name__)

HANDLED = Counter("kinamik_events_handled_total", "Events handled", ["group", "topic", "result"])
SECONDS = Histogram(
    "kinamik_event_seconds",
    "Time in the handler",
    ["group", "topic"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180),
)
WAITED = Histogram(
    "kinamik_event_wait_seconds",
    "From an event's making to the beginning of its handler",
    ["group", "topic"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
IN_FLIGHT = Gauge("kinamik_events_in_flight", "Events in a handler", ["group", "topic"])
DEAD = Counter("kinamik_dead_letters_total", "Events that could not be worked on", ["group", "topic"])

Publish = Callable[..., Awaitable[None]]

_backoff = wait_exponential_jitter(multiplier=0.5, max=30, jitter=1)


def _wait(state: RetryCallState) -> float:
    return max(_backoff(state), _named(state))


def _named(state: RetryCallState) -> float:
    """The seconds for which the other side wants to be left alone."""
    error = state.outcome.exception() if state.outcome else None
    return (error.retry_after or 0.0) if isinstance(error, TransientError) else 0.0


class _AskedToStayAway(stop_base):
    """Ends the attempts where the other side wants to be left alone for longer than `patience` seconds."""

    def __init__(self, patience: float | None) -> None:
        self._patience = patience

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self._patience is not None and _named(retry_state) > self._patience


class Delivery:
    """Runs one subscription's handler and turns every ending into events; raises only when cancelled."""

    def __init__(self, subscription: Subscription, sealer: Sealer, publish: Publish, *, system: str) -> None:
        """`system` is the bus as traces name it (`messaging.system`)."""
        self._subscription = subscription
        self._system = system
        self._sealer = sealer
        self._publish = publish
        self._labels = (subscription.group, subscription.event.topic)
        # What has not happened yet is zero, not unknown.
        HANDLED.labels(*self._labels, "ok")
        for metric in (SECONDS, WAITED, IN_FLIGHT, DEAD):
            metric.labels(*self._labels)

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> None:
        context, links = delivered(headers)
        group, topic = self._labels
        attributes = {**_on_the_bus(self._system, "process", topic), "messaging.consumer.group.name": group}
        with (
            span(f"process {topic}", SpanKind.CONSUMER, attributes, context=context, links=links) as current,
            IN_FLIGHT.labels(*self._labels).track_inprogress(),
            SECONDS.labels(*self._labels).time(),
        ):
            result = await self._settle(body, current)
            if result != "ok":
                failed(current, result)
        HANDLED.labels(*self._labels, result).inc()

    async def _settle(self, body: bytes, current: Span) -> str:
        try:
            event = await self._retrying(decode, self._subscription.event, body, self._sealer)
        except (PermanentError, TransientError) as error:
            await self._publish_surely(self._reference(error.reason))
            return error.reason
        current.set_attributes(ids_of(event))
        WAITED.labels(*self._labels).observe(max(0.0, (datetime.now(UTC) - event.occurred_at).total_seconds()))
        try:
            result = await self._retrying(self._subscription.handler, event)
        except TransientError as error:
            # Not settled: the ledger notices and reads the message from its mailbox again.
            log.warning("gave_up_for_now", reason=error.reason, topic=event.topic)
            return "gave_up"
        except AuthError as error:
            await self._publish_surely(*_stopped(event, error.reason))
            return error.reason
        except PermanentError as error:
            await self._publish_surely(*self._failed(event, error.reason))
            return error.reason
        except Exception:
            log.exception("handler_failed", topic=event.topic)
            await self._publish_surely(*self._failed(event, "internal_error"))
            return "internal_error"
        await self._publish_surely(*_as_events(result))
        return "ok"

    async def _retrying(self, work: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        attempts = self._subscription.attempts
        stop = stop_any(
            stop_never if attempts is None else stop_after_attempt(attempts),
            _AskedToStayAway(self._subscription.patience),
        )
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(TransientError), wait=_wait, stop=stop, sleep=asyncio.sleep, reraise=True
        )
        return await retrying(work, *arguments)

    async def _publish_surely(self, *events: Event) -> None:
        """Until the bus takes them: the delivered event is not acknowledged before."""
        if events:
            retry = AsyncRetrying(retry=retry_if_exception_type(TransientError), wait=_backoff, stop=stop_never)
            await retry(self._publish, *events)

    def _reference(self, reason: str, event: Event | None = None) -> DeadLettered:
        """Where it is and why, in the log as well: a bus without a reader of dead letters keeps none."""
        DEAD.labels(*self._labels).inc()
        reference = DeadLettered(
            service=self._subscription.group,
            source_topic=self._subscription.event.topic,
            reason=reason,
            organisation_id=event.organisation_id if isinstance(event, MailboxEvent) else None,
            mailbox_id=event.mailbox_id if isinstance(event, MailboxEvent) else None,
            message_id=event.message_id if isinstance(event, MessageReceived | DraftProposed) else None,
        )
        log.error("dead_letter", **reference.model_dump(mode="json", exclude={"event_id", "occurred_at"}))
        return reference

    def _failed(self, event: Event, reason: str) -> list[Event]:
        events: list[Event] = [self._reference(reason, event)]
        if isinstance(event, MessageReceived | DraftProposed):
            events.append(settled(event, Outcome.FAILED, reason))
        return events


def settled(event: MessageReceived | DraftProposed, outcome: Outcome, reason: str = "") -> MessageSettled:
    """The end of the message that `event` is about."""
    proposal = event if isinstance(event, DraftProposed) else None
    of_draft: dict[str, Any] = {}
    if proposal is not None:
        of_draft = proposal.model_dump(include={"knowledge_ids", "needs_human", "usage"})
        of_draft["open_points"] = len(proposal.draft.open_questions)
    return MessageSettled(
        organisation_id=event.organisation_id,
        mailbox_id=event.mailbox_id,
        assistant_id=event.assistant_id,
        message_id=event.message_id,
        generation=event.generation,
        received_at=event.received_at,
        outcome=outcome,
        reason=reason,
        **of_draft,
    )


def _stopped(event: Event, reason: str) -> list[Event]:
    """Credentials were refused: the mailbox stops, the message stays open until its owner has mended that."""
    if not isinstance(event, MailboxEvent):
        return []
    return [
        MailboxStatusChanged(
            organisation_id=event.organisation_id,
            mailbox_id=event.mailbox_id,
            status=MailboxStatus.STOPPED,
            reason=reason,
        ),
        AuditRecorded(
            actor="writer",
            action="mailbox.credentials_refused",
            organisation_id=event.organisation_id,
            subject=str(event.mailbox_id),
            outcome="failed",
        ),
    ]


def _as_events(result: Event | Sequence[Event] | None) -> Sequence[Event]:
    if result is None:
        return ()
    return (result,) if isinstance(result, Event) else result


def _on_the_bus(system: str, operation: str, topic: str) -> dict[str, Attribute]:
    return {
        "messaging.system": system,
        "messaging.operation.type": operation,
        "messaging.operation.name": operation,
        "messaging.destination.name": topic,
    }


def sending(event: Event, *, system: str) -> AbstractContextManager[Span]:
    """The span of who publishes an event; within it the event's headers are made (`carried`)."""
    attributes = {**_on_the_bus(system, "send", event.topic), **ids_of(event)}
    return span(f"send {event.topic}", SpanKind.PRODUCER, attributes)


def ids_of(event: Event) -> dict[str, Attribute]:
    """What a span says of an event."""
    ids: dict[str, Attribute] = {"messaging.message.id": str(event.event_id)}
    for name in ("organisation_id", "mailbox_id", "message_id"):
        if value := getattr(event, name, None):
            ids[f"kinamik.{name}"] = str(value)
    return ids
