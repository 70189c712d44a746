"""`make run` and `make demo` as a new user meets them, without the installation."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.servers.mail_server import free_ports

MEGABYTE = 1024 * 1024
MAX_RESIDENT = 400 * MEGABYTE
MAX_SECOND_START = 5.0


class House:
    """The run's process, what it printed, and its settings."""

    def __init__(self, folder: Path) -> None:
        api, imap, smtp = free_ports(3)
        self.data = folder / "data"
        self.environment = {
            **os.environ,
            "KINAMIK_DATA_DIR": str(self.data),
            "KINAMIK_API_PORT": str(api),
            "KINAMIK_IMAP_PORT": str(imap),
            "KINAMIK_SMTP_PORT": str(smtp),
        }
        self._output = folder / "output"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "embedded.main"], env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )

    def printed(self) -> str:
        return self._output.read_text()

    def until_printed(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + 60
        while (found := re.search(pattern, self.printed())) is None:
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.05)
        return found

    def ready_after(self) -> float:
        """The seconds it says it took."""
        return float(self.until_printed(r"Ready after ([\d.]+) s")[1])

    def demo(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "embedded.demo"], env=self.environment, capture_output=True, text=True, timeout=90
        )

    def family(self) -> list[psutil.Process]:
        """The run and its database's processes."""
        assert self.process is not None
        parents = [psutil.Process(self.process.pid)]
        parents += [each for each in psutil.process_iter() if str(self.data) in _command(each)]
        return list({child for parent in parents for child in (parent, *_children(parent))})

    def interrupt(self) -> int:
        """Ctrl-C."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@contextmanager
def a_house(folder: Path) -> Iterator[House]:
    house = House(folder)
    try:
        yield house
    finally:
        if house.process is not None and house.process.poll() is None:
            house.interrupt()


@pytest.mark.alone
def test_from_the_first_start_to_the_last_draft(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        house.start()
        house.ready_after()
        assert "from the knowledge alone" in house.printed()

        demo = house.demo()
        assert demo.returncode == 0, demo.stdout + demo.stderr
        assert "5 of 5 mails settled, 4 of them with a draft" in demo.stdout
        assert "newsletter" in demo.stdout

        family = house.family()
        assert sum(each.memory_full_info().pss for each in family) <= MAX_RESIDENT

        assert house.interrupt() == 0
        assert not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]

        house.start()
        assert house.ready_after() <= MAX_SECOND_START


def test_an_interrupted_start_leaves_nothing_behind(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        house.start()
        house.until_printed("the database ...")
        family = house.family()
        house.interrupt()
        assert not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("port", ["KINAMIK_API_PORT", "KINAMIK_IMAP_PORT", "KINAMIK_SMTP_PORT"])
def test_a_port_in_use_is_named_with_its_setting(tmp_path: Path, port: str) -> None:
    house = House(tmp_path)
    with socket.create_server(("127.0.0.1", int(house.environment[port]))):
        house.start()
        assert house.process is not None
        assert house.process.wait(30) == 1
    assert f"port {house.environment[port]} is in use" in house.printed()
    assert f"{port}=" in house.printed()


def test_the_demo_says_what_it_needs(tmp_path: Path) -> None:
    demo = House(tmp_path).demo()
    assert demo.returncode == 1
    assert "make run" in demo.stdout + demo.stderr
