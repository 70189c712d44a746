"""Error reports to Sentry, or a server that speaks its protocol: which error, and where in the code. Nothing else.

What is sent is not cleaned but built anew from a short list of fields (`report_of`): an exception's type and frames,
the fixed word under which it was logged, service, release and trace id. No text of an exception, no local variable, no
request, no breadcrumb, no address, no host's or person's name can be in it, whatever later SDKs collect.
"""

import re
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

FIXED_WORD = re.compile(r"[a-z][a-z0-9_-]{0,79}")
FRAME_FIELDS = ("function", "module", "lineno", "in_app")
EVENT_FIELDS = ("event_id", "timestamp", "platform", "level", "release", "sdk")
FLUSH_SECONDS = 2.0

# Takes the place of send_default_pii=False, which the SDK calls deprecated; what is left out here would be collected.
NOTHING_COLLECTED: Mapping[str, Any] = {
    "user_info": False,
    "cookies": {"mode": "off"},
    "http_headers": {"request": {"mode": "off"}},
    "http_bodies": [],
    "url_query_params": {"mode": "off"},
    "graphql": {"document": False, "variables": False},
    "gen_ai": {"inputs": False, "outputs": False},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
    "frame_context_lines": 0,
}


@contextmanager
def error_reports(service: str, dsn: str) -> Generator[None]:
    """Reports what is logged as an error, and what ends the service, while entered; without a DSN nothing is."""
    if not dsn:
        yield
        return
    import sentry_sdk  # 10 MB, which a run without error reports can save

    sentry_sdk.init(dsn, **_options())
    sentry_sdk.set_tag("service", service)
    try:
        yield
    except Exception as error:
        sentry_sdk.capture_exception(error)
        raise
    finally:
        sentry_sdk.flush(FLUSH_SECONDS)
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)


def _options() -> dict[str, Any]:
    """No default integration but the one that reports an exception once: the others hook into requests, logs, threads,
    the command line and the list of packages, each to collect something. What is left is off one by one besides."""
    from sentry_sdk.integrations.dedupe import DedupeIntegration

    return {
        "release": f"kinamik@{version('kinamik-shared')}",
        "before_send": report_of,
        "before_breadcrumb": lambda _crumb, _hint: None,  # pyright: ignore[reportUnknownLambdaType]
        "default_integrations": False,
        "auto_enabling_integrations": False,
        "integrations": [DedupeIntegration()],
        "data_collection": NOTHING_COLLECTED,
        "max_request_body_size": "never",
        "max_breadcrumbs": 0,
        "server_name": "",
        "auto_session_tracking": False,
        "send_client_reports": False,
        "enable_logs": False,
        "enable_metrics": False,
        "propagate_traces": False,
        "spotlight": False,
        "shutdown_timeout": FLUSH_SECONDS,
    }


def report_logged(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A processor of structlog that reports errors, before the log line loses the exception itself.

    A library's line has no fixed word, and may quote a mail: of that only the exception is reported, if there is one.
    """
    sdk = sys.modules.get("sentry_sdk")
    if method not in ("error", "exception", "critical") or sdk is None or not sdk.is_initialized():
        return event
    error = exception_in(event.get("exc_info"))
    word = "" if "_record" in event else str(event.get("event", ""))
    with sdk.new_scope() as scope:
        scope.set_tag("word", word)
        if context := trace.get_current_span().get_span_context():
            scope.set_tag("trace_id", f"{context.trace_id:032x}" if context.is_valid else "")
        if isinstance(error, BaseException):
            scope.capture_exception(error)
        elif word:
            scope.capture_event({"level": "error"})
    return event


def exception_in(info: Any) -> Any:
    """The exception that a log line's `exc_info` means: one itself, a tuple as of sys.exc_info(), or True."""
    if info is True:
        return sys.exc_info()[1]
    return cast(tuple[Any, Any, Any], info)[1] if isinstance(info, tuple) else info


def report_of(event: "Event", _: "Hint") -> "Event":
    """What leaves the house: every field is named here, and whatever else the SDK found is dropped."""
    given = cast(Mapping[str, Any], event)
    report: dict[str, Any] = {name: given[name] for name in EVENT_FIELDS if name in given}
    tags = cast(Mapping[str, Any], given.get("tags") or {})
    words = {name: str(tags.get(name) or "") for name in ("service", "word", "trace_id")}
    report["tags"] = {name: word for name, word in words.items() if FIXED_WORD.fullmatch(word) or name == "trace_id"}
    report["logentry"] = {"message": report["tags"].get("word", "error")}
    if "exception" in given:
        report["exception"] = {"values": [_exception(each) for each in _list(given["exception"], "values")]}
    return cast("Event", report)


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    frames = _list(value.get("stacktrace"), "frames")
    shown = [_frame(each) for each in frames]
    return {"type": value.get("type"), "module": value.get("module"), "value": "", "stacktrace": {"frames": shown}}


def _frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    """The file by its name only: its path says how this machine is set up."""
    shown = {name: frame[name] for name in FRAME_FIELDS if name in frame}
    return shown | {"filename": str(frame.get("filename", "")).rsplit("/", 1)[-1]}


def _list(holder: Any, name: str) -> Sequence[Mapping[str, Any]]:
    return cast(Mapping[str, Any], holder or {}).get(name) or []
