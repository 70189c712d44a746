"""What is measured: Kinamik as one process, as five on Kafka, and the bare script, each in processes of its own."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil

from embedded.processes import Process
from tests.mails import KNOWLEDGE
from tests.servers.kafka import KafkaServer, kafka_available
from tests.servers.mail_server import PASSWORD, free_ports
from tests.servers.postgres import running_postgres
from tests.servers.stack import Stack, an_api, an_organisation, created, running_stack, until

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = "2020-01-01T00:00:00Z"
READY_SECONDS = 120.0


class Missing(Exception):
    """Something that a benchmark needs is not there; the text names it."""


@dataclass(frozen=True)
class Mailbox:
    """Where the API has it."""

    path: str

    async def switch(self, api: httpx2.AsyncClient, *, on: bool) -> None:
        """What is already in it when it is switched on is answered too."""
        response = await api.patch(self.path, json={"active": on, "watch_since": ALWAYS})
        assert response.status_code == 200, response.text


@dataclass
class System:
    """A running Kinamik. `api` speaks as its administrator does, `pids` are our own processes' ids.

    `stack` is what it consists of where it is more than one process, `conninfo` and `url` its database then.
    """

    name: str
    api: httpx2.AsyncClient
    pids: Callable[[], Sequence[int]]
    stack: Stack | None = None
    conninfo: str = ""
    url: str = ""

    async def mailbox(self, user: str, port: int, *, active: bool = True) -> Mailbox:
        """A mailbox in an organisation of its own, that knows something."""
        path, assistant = await an_organisation(self.api, KNOWLEDGE)
        imap: dict[str, Any] = {"host": "127.0.0.1", "port": port, "security": "none", "username": user}
        body = {"assistant_id": assistant, "address": f"{user}@hotel-seeblick.example", "active": active}
        imap["password"] = PASSWORD
        made = await created(self.api, f"{path}/mailboxes", **body, imap=imap, watch_since=ALWAYS)
        return Mailbox(f"{path}/mailboxes/{made['id']}")

    def cpu_seconds(self) -> float:
        """That our own processes have used so far; neither the database's nor the broker's."""
        return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in self.pids())


def made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@asynccontextmanager
async def embedded(folder: Path, **settings: str) -> AsyncGenerator[System]:
    """`make run` without its demo."""
    (port,) = free_ports(1)
    environment = {
        **settings,
        "KINAMIK_DATA_DIR": str(folder / "data"),
        "KINAMIK_API_PORT": str(port),
        "KINAMIK_DEMO": "false",
    }
    house = Process("embedded", port, environment, made(folder) / "embedded.log", module="embedded.main")
    house.start()
    try:
        await until(house.is_ready, READY_SECONDS)
        token = (folder / "data" / "admin-token").read_text()
        async with an_api(f"http://127.0.0.1:{port}", token) as api:
            yield System("embedded", api, lambda: [house.pid])
    finally:
        await asyncio.to_thread(house.stop)


@asynccontextmanager
async def on_kafka(folder: Path, *, told: bool = False, **settings: str) -> AsyncGenerator[System]:
    """`make run-kafka`; `told` as in `Stack`. Raises Missing where there is no broker to be had."""
    if missing := kafka_available():
        raise Missing(f"Kafka: {missing}")
    logs = made(folder / "logs")
    broker = KafkaServer(folder / "kafka")
    try:
        await asyncio.to_thread(broker.start)
        with running_postgres() as postgres:
            database = postgres.create()
            async with running_stack(postgres, database, broker.bootstrap, logs, told=told, **settings) as stack:

                def pids() -> list[int]:
                    return [process.pid for process in stack.processes.values()]

                yield System("Kafka", stack.api, pids, stack, postgres.conninfo(database), postgres.url(database))
    finally:
        await asyncio.to_thread(broker.stop)


class Floor:
    """The bare script as a process: `begin` lets it go."""

    def __init__(self, port: int, users: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "tests.benchmarks.floor", str(port), *users]

    def __enter__(self) -> "Floor":
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def cpu_seconds(self) -> float:
        return sum(psutil.Process(self._process.pid).cpu_times()[:2])
