"""The real Apache broker, for tests and benchmarks: one node on loopback ports of its own."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.kafka import broker
from tests.servers.mail_server import free_ports


def kafka_available() -> str | None:
    """None where a broker can run, otherwise what is missing."""
    return broker.missing_tool()


def require_kafka() -> None:
    """Skips the test by name where the broker cannot run; fails instead where KINAMIK_REQUIRE_ALL=1."""
    missing = kafka_available()
    if missing and os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
        pytest.fail(f"Kafka: {missing}", pytrace=False)
    if missing:
        pytest.skip(f"Kafka: {missing}")


class KafkaServer:
    """All methods block; call them through asyncio.to_thread while a loop is working. The ports stay over restarts."""

    def __init__(self, data_dir: Path) -> None:
        self._node = broker.Node(data_dir, *free_ports(2))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        return self._node.bootstrap

    @property
    def log_dir(self) -> Path:
        """Where the topics lie on disk."""
        return self._node.log_dir

    @property
    def pid(self) -> int:
        assert self._process, "the broker is not running"
        return self._process.pid

    def start(self) -> None:
        """Returns once clients are served; seconds when new, less when the storage is formatted already."""
        assert self._process is None, "the broker is running"
        libs = broker.ensure_libs()
        broker.prepare(self._node, libs)
        self._process = broker.launch(self._node, libs)
        try:
            broker.wait_ready(self._node, self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ends the broker in order; nothing happens when it is not running."""
        if self._process:
            broker.stop(self._process)
            self._process = None

    def kill(self) -> None:
        """SIGKILL: what was not yet on disk is in the page cache only."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self, *, kill: bool = False) -> None:
        if kill:
            self.kill()
        else:
            self.stop()
        self.start()
