"""The real Prometheus, of Debian: it scrapes what a test names, every second, and evaluates our rules."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import yaml

from tests.servers.mail_server import free_ports
from tests.servers.owner import wait_for

READY_SECONDS = 30


def require_prometheus() -> None:
    """Skips the test by name where it is not installed; fails instead where KINAMIK_REQUIRE_ALL=1."""
    missing = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    if missing and os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
        pytest.fail("Prometheus is not installed (Debian: prometheus)", pytrace=False)
    if missing:
        pytest.skip("Prometheus is not installed (Debian: prometheus)")


class Prometheus:
    """Methods block. `ports` are those of the targets on this machine."""

    def __init__(self, folder: Path, ports: Sequence[int], rules: Path) -> None:
        (self._port,) = free_ports(1)
        self._folder = folder
        self._ports = ports
        self._rules = rules
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir()
        targets = [f"127.0.0.1:{port}" for port in self._ports]
        configuration = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self._rules)],
            "scrape_configs": [{"job_name": "kinamik", "static_configs": [{"targets": targets}]}],
        }
        (self._folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        command = [
            "prometheus",
            f"--config.file={self._folder}/prometheus.yml",
            f"--storage.tsdb.path={self._folder}/data",
            f"--web.listen-address=127.0.0.1:{self._port}",
        ]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(self._scrapes_all, READY_SECONDS)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def query(self, expression: str) -> list[Mapping[str, Any]]:
        """The series of an instant vector. Raises HTTPError where Prometheus does not understand it."""
        return self.get("query", query=expression)["result"]

    def get(self, path: str, **parameters: str) -> Any:
        """https://prometheus.io/docs/prometheus/latest/querying/api/"""
        with urlopen(f"http://127.0.0.1:{self._port}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def _scrapes_all(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            return len(self.query("up == 1")) == len(self._ports)
        except (URLError, OSError):
            return False

    def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
