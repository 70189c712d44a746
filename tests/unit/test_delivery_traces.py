"""What a span tells of a delivery that ended badly: that it was there, and nothing of what it was about."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import tracing
from shared.bus import delivery
from shared.bus.seam import Subscription
from shared.events import ConfigChanged, Event
from shared.sealing import NoContent, encode

SECRET = "Frau Müller hat ihren Schlüssel verloren"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


async def handler(event: ConfigChanged) -> ConfigChanged:
    return event


async def publish(*_: Event) -> None:
    """As a defect below the handler: what a handler raises never gets as far as the span."""
    raise ValueError(SECRET)


async def test_no_text_of_an_exception_reaches_a_span(spans: InMemorySpanExporter) -> None:
    deliver = delivery.Delivery(
        Subscription(ConfigChanged, "writer-config", handler), NoContent(), publish, system="kafka"
    )
    with pytest.raises(ValueError, match=SECRET):
        await deliver(encode(ConfigChanged(revision=1), NoContent()), {})
    (span,) = spans.get_finished_spans()
    assert span.name == "process config-changed.v1"
    assert list(span.events) == []
    assert span.status.description is None
