"""A model that says what a test wants: an OpenAI-compatible server on loopback, in a process of its own.

    with ModelStub(delay=0.5) as stub:
        stub.script({"do": "status", "status": 429, "retry_after": "1"}, times=2)
        ... call stub.base_url ...
        assert stub.stats()["calls"] == 3

Each scripted step answers one call, then the default returns: a German answer made of the first knowledge entry.
`rules` hold for every call: `delay` (seconds), `pace` (seconds between the pieces of a stream), `reject` (names of
request fields that get 400), `key` (the API key).
By hand or in a benchmark: `python -m tests.servers.model_stub --port 8099 --delay 5`. HTTP is spoken on a bare
asyncio protocol, since a framework's CPU time would show in every throughput figure.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import re
import subprocess
import sys
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
KEY = re.compile(rb"\r\nauthorization: *bearer +([^\r]*)", re.IGNORECASE)
FIRST_ENTRY = re.compile(r"^\[K1\].*\nAntwort: (.*)", re.MULTILINE)
FENCED = re.compile(r"^<mail (\w+)>\n(.*?)\n</mail \1>$", re.MULTILINE | re.DOTALL)
PIECE = 12
Json = dict[str, Any]


def answer(body: str, **changes: Any) -> str:
    """A well-formed answer as a model would write it."""
    fields = {"decision": "reply", "language": "de", "body": body, "knowledge_ids": ["K1"], "open_questions": []}
    return json.dumps(fields | {"confidence": 0.9} | changes, ensure_ascii=False)


def default_answer(request: Json) -> str:
    entry = FIRST_ENTRY.search(request["messages"][-1]["content"])
    if entry is None:
        point = "Antwort auf Ihre Frage"
        return answer(f"Guten Tag,\n\n[bitte ergänzen: {point}]", knowledge_ids=[], open_questions=[point])
    return answer(f"Guten Tag,\n\nvielen Dank für Ihre Nachricht. {entry[1]}\n\nMit freundlichen Grüßen")


def obedient_answer(request: Json) -> str:
    """What a model answers that does whatever the mail says: the mail itself."""
    fenced = FENCED.search(request["messages"][-1]["content"])
    return answer(fenced[2] if fenced else "", knowledge_ids=["K1", "K99"])


def completion(request: Json, content: str | None, finish: str = "stop", refusal: str | None = None) -> Json:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "chatcmpl-stub",
        "object": "chat.completion",
        "created": 0,
        "model": request.get("model", "stub"),
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    }


def error(message: str, /, **fields: Any) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None} | fields}


class Brain:
    """The steps still to come, the rules, and what was counted."""

    def __init__(self, delay: float) -> None:
        self.steps: deque[Json] = deque()
        self.rules: Json = {"delay": delay, "pace": 0.0, "reject": [], "key": ""}
        self.stats: Json = {"calls": 0, "in_flight": 0, "max_in_flight": 0, "connections": 0}
        self.last: Json = {}

    async def chat(self, request: Json, key: str) -> tuple[int, Json | str, str] | None:
        """Status, body and Retry-After of one call; None to drop the connection."""
        self.last = request
        step = self.steps.popleft() if self.steps else {"do": "answer"}
        if delay := step.get("delay", self.rules["delay"]):
            await asyncio.sleep(delay)
        if self.rules["key"] and key != self.rules["key"]:
            return 401, error("Incorrect API key provided", code="invalid_api_key"), ""
        for field in self.rules["reject"]:
            if field in (request.get("response_format") or {}).values() or field in request:
                return 400, error(f"Unsupported parameter: '{field}'", code="unsupported_parameter"), ""
        return self.perform(step, request)

    def perform(self, step: Json, request: Json) -> tuple[int, Json | str, str] | None:
        match step["do"]:
            case "answer":
                return 200, completion(request, default_answer(request)), ""
            case "obey":
                return 200, completion(request, obedient_answer(request)), ""
            case "say":
                content, finish = step.get("content"), step.get("finish", "stop")
                return 200, completion(request, content, finish, step.get("refusal")), ""
            case "status":
                body = step.get("body", error("as scripted", **step.get("error", {})))
                return step["status"], body, step.get("retry_after", "")
            case "drop":
                return None
            case unknown:
                raise ValueError(unknown)

    def control(self, target: str, body: Json) -> Json:
        match target:
            case "/stats":
                return self.stats | {"steps": len(self.steps)}
            case "/last":
                return self.last
            case "/script":
                self.steps.extend([body["step"]] * body["times"])
            case "/rules":
                self.rules |= body
            case "/reset":
                self.steps.clear()
                self.stats |= {"calls": 0, "max_in_flight": 0}
        return {}


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, one request at a time."""

    def __init__(self, brain: Brain) -> None:
        self.brain = brain
        self.buffer = bytearray()
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.brain.stats["connections"] += 1

    def connection_lost(self, exc: Exception | None) -> None:
        if self.task is not None:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        head = bytes(self.buffer[:end])
        length = LENGTH.search(head)
        total = end + (int(length[1]) if length else 0)
        if len(self.buffer) >= total:
            body = bytes(self.buffer[end:total])
            del self.buffer[:total]
            self.task = asyncio.ensure_future(self.respond(head, body))

    async def respond(self, head: bytes, raw: bytes) -> None:
        target = head.split(b" ", 2)[1].decode()
        body = json.loads(raw) if raw else {}
        if target.endswith("/models"):
            self.write(200, {"object": "list", "data": [{"id": "stub", "object": "model", "owned_by": "stub"}]})
        elif target.endswith("/chat/completions"):
            await self.chat(head, body)
        else:
            self.write(200, self.brain.control(target, body))

    async def chat(self, head: bytes, body: Json) -> None:
        stats = self.brain.stats
        stats["calls"] += 1
        stats["in_flight"] += 1
        stats["max_in_flight"] = max(stats["max_in_flight"], stats["in_flight"])
        key = KEY.search(head)
        try:
            answered = await self.brain.chat(body, key[1].decode() if key else "")
        finally:
            stats["in_flight"] -= 1
        if answered is None:
            self.transport.abort()
        elif body.get("stream") and answered[0] == 200 and isinstance(answered[1], dict):
            await self.stream(answered[1], usage="stream_options" in body)
        else:
            self.write(*answered)

    async def stream(self, whole: Json, *, usage: bool) -> None:
        """The completion in pieces of a few characters, `pace` seconds after one another."""
        choice = whole["choices"][0]
        text = choice["message"]["content"] or ""
        deltas: list[Json] = [{"content": text[start : start + PIECE]} for start in range(0, len(text), PIECE)]
        if choice["message"]["refusal"]:
            deltas.append({"refusal": choice["message"]["refusal"]})
        chunks: list[Json] = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
        if usage:
            chunks.append({"choices": [], "usage": whole["usage"]})
        self.transport.write(
            b"HTTP/1.1 200 Stub\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for data in [*(json.dumps(chunk, ensure_ascii=False) for chunk in chunks), "[DONE]"]:
            event = f"data: {data}\n\n".encode()
            self.transport.write(b"%x\r\n%b\r\n" % (len(event), event))
            await asyncio.sleep(self.brain.rules["pace"])
        self.transport.write(b"0\r\n\r\n")

    def write(self, status: int, body: Json | str, retry_after: str = "") -> None:
        payload = (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
        extra = f"Retry-After: {retry_after}\r\n" if retry_after else ""
        self.transport.write(
            f"HTTP/1.1 {status} Stub\r\nContent-Type: application/json\r\n{extra}"
            f"Content-Length: {len(payload)}\r\n\r\n".encode()
            + payload
        )


class ModelStub:
    """The stub as a child process on a free port of 127.0.0.1."""

    def __init__(self, *, delay: float = 0.0) -> None:
        self.delay = delay

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.servers.model_stub", "--delay", str(self.delay)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=10)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, step: Json, *, times: int = 1) -> None:
        """Answers the next `times` calls not yet scripted with `step`."""
        self._call("/script", {"step": step, "times": times})

    def rules(self, **changes: Any) -> None:
        self._call("/rules", changes)

    def reset(self) -> None:
        """Forgets the steps left over and sets the counters to 0."""
        self._call("/reset", {})

    def stats(self) -> Json:
        return self._call("/stats", {})

    def last(self) -> Json:
        """The body of the last call."""
        return self._call("/last", {})

    def _call(self, target: str, body: Json) -> Json:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("POST", target, json.dumps(body))
            return json.loads(connection.getresponse().read())


async def serve(port: int, delay: float, *, until_stdin_closes: bool) -> None:
    brain = Brain(delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(brain), "127.0.0.1", port, backlog=2048)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    if until_stdin_closes:  # so that a killed test leaves no server behind
        await asyncio.to_thread(sys.stdin.read)
    else:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible stub on 127.0.0.1; prints its port.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one, and ends when stdin does")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.port, options.delay, until_stdin_closes=options.port == 0))


if __name__ == "__main__":
    main()
