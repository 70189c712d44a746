"""Error reports reach a sink over HTTP as real envelopes, and nothing is in them but types and frames."""

import io
import json
import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
import sentry_sdk
import structlog
from fastapi import FastAPI, Request
from sentry_sdk.integrations.logging import LoggingIntegration

from shared.error_reports import error_reports
from shared.ops import serving
from shared.telemetry import configure_logging
from tests.servers.canaries import Canaries
from tests.servers.mail_server import free_ports
from tests.servers.traces import Traces, receiving_traces

log = structlog.get_logger(__name__)


class Stumbled(Exception):
    pass


@pytest.fixture
def sink() -> Generator[Traces]:
    with receiving_traces() as sink:
        yield sink


@pytest.fixture(autouse=True)
def logging_as_in_a_service() -> Generator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logging(io.StringIO())
    yield
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def dsn(sink: Traces) -> str:
    return sink.endpoint.replace("http://", "http://public@").replace("/v1/traces", "/1")


@contextmanager
def reporting(sink: Traces) -> Generator[None]:
    with error_reports("tester", dsn(sink)):
        yield


def events(sink: Traces) -> list[Any]:
    """Every event of every envelope: a line of JSON that has an `event_id` and a `level`."""
    lines = [json.loads(line) for line in sink.received.split(b"\n") if line.startswith(b"{")]
    return [line for line in lines if "level" in line]


def stumble(canaries: Canaries) -> None:
    in_a_variable = canaries.words["text"]
    try:
        raise ValueError(f"cannot read {canaries.words['subject']}")
    except ValueError as error:
        raise Stumbled(canaries.words["sender name"], in_a_variable) from error


def go_wrong_everywhere(canaries: Canaries) -> None:
    """An exception, one that another causes, a library's line, our own line with values, a breadcrumb, a user."""
    sentry_sdk.set_user({"email": f"{canaries.words['sender address']}@gast.example"})
    sentry_sdk.set_context("mail", {"subject": canaries.words["subject"]})
    sentry_sdk.set_tag("subject", canaries.words["subject"])
    sentry_sdk.add_breadcrumb(message=canaries.words["quoted text"])
    try:
        stumble(canaries)
    except Stumbled:
        log.exception("could_not_read", subject=canaries.words["subject"])
        logging.getLogger("somelibrary").exception("cannot parse %s", canaries.words["recipient name"])
    logging.getLogger("somelibrary").error(f"cannot parse {canaries.words['copied name']}")
    log.error("password_unreadable", value=canaries.words["wrong password"])
    log.error(f"No fixed word: {canaries.words['signature']}")


def test_an_error_is_reported_by_its_type_its_frames_and_its_word(sink: Traces) -> None:
    with reporting(sink):
        go_wrong_everywhere(Canaries())
    by_word = {event["logentry"]["message"]: event for event in events(sink)}
    assert set(by_word) == {"could_not_read", "password_unreadable", "error"}
    report = by_word["could_not_read"]
    assert report["tags"] == {"service": "tester", "word": "could_not_read", "trace_id": ""}
    first, second = report["exception"]["values"]
    assert [first["type"], second["type"]] == ["ValueError", "Stumbled"]
    assert [frame["function"] for frame in second["stacktrace"]["frames"]] == ["go_wrong_everywhere", "stumble"]
    assert first["value"] == second["value"] == ""


def test_nothing_else_is_in_a_report(sink: Traces) -> None:
    canaries = Canaries()
    with reporting(sink):
        go_wrong_everywhere(canaries)
    assert events(sink)
    assert canaries.found_in(sink.received) == set()


def test_the_search_would_find_what_the_sdk_sends_by_itself(sink: Traces) -> None:
    """The test above can fail: the SDK as it comes sends nearly all of it.

    Without its other integrations, though, which would change Starlette for all tests that follow.
    """
    canaries = Canaries()
    sentry_sdk.init(dsn(sink), default_integrations=False, integrations=[LoggingIntegration()])
    go_wrong_everywhere(canaries)
    sentry_sdk.flush(2)
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    assert {"subject", "text", "sender name", "sender address", "quoted text"} <= canaries.found_in(sink.received)


async def test_a_request_that_fails_says_nothing_of_itself(sink: Traces) -> None:
    canaries = Canaries()
    word = canaries.words
    app = FastAPI()

    @app.post("/{name}")
    async def endpoint(name: str, request: Request) -> None:
        body = await request.json()
        log.error("request_failed", body=body, name=name)
        stumble(canaries)

    with reporting(sink):
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        async with serving(app, "127.0.0.1", port), httpx2.AsyncClient(base_url=url) as http:
            answer = await http.post(
                f"/{word['attachment name']}?q={word['subject']}",
                json={"text": word["text"]},
                headers={"X-Kunde": word["other header"], "Cookie": f"authData={word['model key']}"},
            )
    assert answer.status_code == 500
    assert [event["logentry"]["message"] for event in events(sink)] == ["request_failed", "error"]
    assert canaries.found_in(sink.received) == set()
    assert "127.0.0.1" not in json.dumps(events(sink))


def test_what_ends_a_service_is_reported(sink: Traces) -> None:
    with pytest.raises(Stumbled), reporting(sink):
        stumble(Canaries())
    (report,) = events(sink)
    assert [each["type"] for each in report["exception"]["values"]] == ["ValueError", "Stumbled"]


def test_afterwards_and_without_a_dsn_nothing_is_sent(sink: Traces) -> None:
    with reporting(sink):
        log.error("once")
    with error_reports("tester", ""):
        log.error("never")
    assert not sentry_sdk.is_initialized()
    assert len(events(sink)) == 1


def test_no_host_no_address_and_no_path_of_this_machine(sink: Traces) -> None:
    with reporting(sink):
        go_wrong_everywhere(Canaries())
    for event in events(sink):
        assert set(event) <= {
            *("event_id", "timestamp", "platform", "level", "release", "sdk", "tags", "logentry", "exception"),
        }
        for exception in event.get("exception", {}).get("values", ()):
            for frame in exception["stacktrace"]["frames"]:
                assert "/" not in frame["filename"]
                assert set(frame) <= {"filename", "function", "module", "lineno", "in_app"}
