"""A receiver of traces: OTLP over HTTP on loopback, which keeps every byte it is sent."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Traces:
    """`endpoint` is what KINAMIK_OTLP_ENDPOINT takes, `received` all bodies and headers so far."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._received: list[bytes] = []

    @property
    def received(self) -> bytes:
        return b"\n".join(self._received)

    def keep(self, headers: bytes, body: bytes) -> None:
        self._received.append(headers + body)


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
