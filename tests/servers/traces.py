"""A receiver of traces: OTLP over HTTP on loopback, which keeps every byte it is sent, and reads the spans in it."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1 import trace_pb2


@dataclass(frozen=True)
class Received:
    """A span; ids are in hex, `parent` is empty for the first of a trace, `links` are the ids of spans."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    attributes: dict[str, str | int | float | list[str]]


class Traces:
    """`endpoint` is what KINAMIK_OTLP_ENDPOINT takes; `received` are all bodies and headers, `spans` those in them."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._received: list[bytes] = []
        self._spans: list[Received] = []

    @property
    def received(self) -> bytes:
        return b"\n".join(self._received)

    @property
    def spans(self) -> list[Received]:
        return self._spans.copy()

    def keep(self, headers: bytes, body: bytes) -> None:
        self._received.append(headers + body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self._spans += [_read(named["service.name"], span) for span in scope.spans]


@contextmanager
def receiving_traces() -> Iterator[Traces]:
    traces = Traces()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            traces.keep(bytes(self.headers), body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        traces.endpoint = f"http://127.0.0.1:{server.server_port}/v1/traces"
        try:
            yield traces
        finally:
            server.shutdown()
            thread.join()


def _read(service: str, span: trace_pb2.Span) -> Received:
    return Received(
        service,
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        tuple(link.span_id.hex() for link in span.links),
        {each.key: _value(each.value) for each in span.attributes},
    )


def _value(value: AnyValue) -> str | int | float | list[str]:
    if value.HasField("array_value"):
        return [each.string_value for each in value.array_value.values]
    kind = value.WhichOneof("value")
    assert kind is not None, "an attribute without a value"
    return getattr(value, kind)
