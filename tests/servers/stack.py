"""The five services as real processes on a real broker and database, to be watched, killed and started again."""

import asyncio
import base64
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx2
import psycopg

from embedded.processes import Process, wait_ready
from tests.servers.mail_server import free_ports
from tests.servers.postgres import Postgres

ADMIN_TOKEN = "the admin's token"


class Stack:
    """`api` speaks to config-api as its administrator does. `told`: config-api is where Microsoft tells of changes."""

    def __init__(
        self,
        postgres: Postgres,
        database: str,
        bootstrap: str,
        folder: Path,
        settings: Mapping[str, str],
        *,
        told: bool = False,
    ) -> None:
        self._postgres = postgres
        self._database = database
        self.folder = folder
        names = ("config-api", "ingest", "drafter", "writer", "audit")
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        self._environment = {
            "KINAMIK_DATABASE_URL": postgres.url(database),
            "KINAMIK_KAFKA_BOOTSTRAP": bootstrap,
            "KINAMIK_CONFIG_API_URL": f"http://127.0.0.1:{ports['config-api']}",
            "KINAMIK_AUDIT_URL": f"http://127.0.0.1:{ports['audit']}",
            "KINAMIK_INGEST_URL": f"http://127.0.0.1:{ports['ingest']}",
            "KINAMIK_SERVICE_TOKEN": "the services' token",
            "KINAMIK_PRIVATE_HOSTS": "true",
            "KINAMIK_DRAFTER_URL": f"http://127.0.0.1:{ports['drafter']}",
            "KINAMIK_ADMIN_TOKEN": ADMIN_TOKEN,
            "KINAMIK_MASTER_KEYS": "first:" + base64.b64encode(os.urandom(32)).decode(),
            **settings,
        }
        if told:
            self._environment["KINAMIK_PUSH_URL"] = self._environment["KINAMIK_CONFIG_API_URL"]
        self.processes = {name: self.process(name, port) for name, port in ports.items()}
        self.api = an_api(self._environment["KINAMIK_CONFIG_API_URL"])

    def process(self, name: str, port: int | None = None) -> Process:
        """One more, as a replica."""
        port = port or free_ports(1)[0]
        return Process(name, port, self._environment, self.folder / f"{name}-{port}.log")

    async def start(self, *names: str) -> None:
        processes = [self.processes[name] for name in names or self.processes]
        for process in processes:
            process.start()
        await wait_ready(processes)

    async def stop(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(process.stop) for process in self.processes.values()))
        await self.api.aclose()

    def states(self) -> dict[str, int]:
        """How many messages the ledger has in each state."""
        return dict(ledger_states(self._postgres.conninfo(self._database)))

    def logs(self) -> str:
        return "\n".join(file.read_text(errors="replace") for file in self.folder.glob("*.log"))


def an_api(url: str, token: str = ADMIN_TOKEN) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)


def ledger_states(conninfo: str) -> list[tuple[str, int]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT state, count(*) FROM ingest.message GROUP BY state").fetchall()


@asynccontextmanager
async def running_stack(
    postgres: Postgres, database: str, bootstrap: str, folder: Path, *, told: bool = False, **settings: str
) -> AsyncGenerator[Stack]:
    async with running(Stack(postgres, database, bootstrap, folder, settings, told=told)) as stack:
        yield stack


AnyStack = TypeVar("AnyStack", bound=Stack)


@asynccontextmanager
async def running(stack: AnyStack) -> AsyncGenerator[AnyStack]:
    try:
        await stack.start()
        yield stack
    finally:
        await stack.stop()


async def created(api: httpx2.AsyncClient, path: str, **body: Any) -> Any:
    response = await api.post(path, json=body)
    assert response.status_code == 201, response.text
    return response.json()


async def an_organisation(
    api: httpx2.AsyncClient, knowledge: list[dict[str, Any]], **assistant: Any
) -> tuple[str, str]:
    """An organisation with one assistant that knows something: the organisation's path and the assistant's id."""
    organisation = await created(api, "/organisations", name="Hotel Seeblick")
    path = f"/organisations/{organisation['id']}"
    made = await created(api, f"{path}/assistants", name="Anna", **assistant)
    if knowledge:
        await created(api, f"{path}/assistants/{made['id']}/knowledge/bulk", entries=knowledge)
    return path, made["id"]


async def a_mailbox(api: httpx2.AsyncClient, path: str, assistant: str, user: str, port: int, password: str) -> UUID:
    imap = {"host": "127.0.0.1", "port": port, "security": "none", "username": user, "password": password}
    body = {"assistant_id": assistant, "address": f"{user}@hotel-seeblick.example", "imap": imap}
    return UUID((await created(api, f"{path}/mailboxes", **body, watch_since="2020-01-01T00:00:00Z"))["id"])


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Raises TimeoutError where it does not come true in time."""
    async with asyncio.timeout(seconds):
        while True:
            if await asyncio.to_thread(condition):
                return
            await asyncio.sleep(0.2)
