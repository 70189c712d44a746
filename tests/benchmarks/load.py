"""The API under 200 people at once, beside a bare FastAPI endpoint that the same clients ask in the same run."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import psutil
from pydantic import SecretStr

from config_api.accounts.models import Account
from config_api.auth.passwords import hashed
from config_api.database import Database
from config_api.members.models import Membership
from config_api.models import Assistant, KnowledgeEntry, Organisation, now
from tests.benchmarks.load_client import Answer, Client
from tests.benchmarks.systems import ROOT
from tests.benchmarks.table import Row
from tests.servers.mail_server import free_ports
from tests.servers.postgres import running_postgres

PEOPLE = int(os.environ.get("KINAMIK_BENCH_LOAD_PEOPLE", "200"))
ROUNDS = 10
ENTRIES = 20
PASSWORD = "vier Schwalben am Seeufer"

Ask = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True)
class Person:
    login: str
    http: Client
    knowledge: str
    entry: str


@dataclass(frozen=True)
class Load:
    """Times in milliseconds; `cpu` is per request: the server's, PostgreSQL's where there is one, and our own."""

    per_second: float
    p50: float
    p95: float
    cpu: Sequence[float]

    def __str__(self) -> str:
        *servers, clients = (f"{each:.1f}" for each in self.cpu)
        cpu = f"CPU {' + '.join(servers)} ms (clients {clients})"
        return f"{self.per_second:.0f} requests/s, p50 {self.p50:.0f} ms, p95 {self.p95:.0f} ms, {cpu}"


def rows() -> Iterator[Row]:
    """Each as soon as it is known."""
    results = asyncio.run(measure())
    bare = results["bare endpoint"]
    for name, load in results.items():
        share = "" if load is bare else f"; {bare.per_second / load.per_second:.1f} times the bare endpoint's time"
        yield Row(name, f"{load}{share}")


async def measure() -> dict[str, Load]:
    results: dict[str, Load] = {}
    bare_port, port = free_ports(2)
    with server(bare_port) as pid:
        clients = [a_client(bare_port, number) for number in range(PEOPLE)]
        asks = [asking(http, "/nothing") for http in clients]
        results["bare endpoint"] = await under_load(asks, clients, ROUNDS, [pid])
    with running_postgres() as postgres:
        url = postgres.url(postgres.create())
        with server(port, url) as pid:
            people, pids = await moved_in(url, port), [pid, postgres.pid]
            clients = [person.http for person in people]
            for name, ask, rounds in (
                ("log-in", logging_in, 1),
                ("list knowledge", listing, ROUNDS),
                ("change an entry", changing, ROUNDS),
            ):
                results[name] = await under_load([ask(person) for person in people], clients, rounds, pids)
    return results


@contextmanager
def server(port: int, *arguments: str) -> Iterator[int]:
    """Its process id."""
    command = [sys.executable, "-m", "tests.benchmarks.load_server", str(port), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def a_client(port: int, number: int) -> Client:
    """At home each, since log-ins are counted per address."""
    return Client(port, f"198.18.{number // 250}.{number % 250 + 1}")


async def moved_in(url: str, port: int) -> list[Person]:
    """The people with an organisation each, put into the database as they would be after some weeks."""
    database, password_hash = Database(url, connections=4), await hashed(SecretStr(PASSWORD))
    people: list[Person] = []
    for number in range(PEOPLE):
        account = Account(
            email=f"person{number}@example.org",
            user_name=f"person{number}",
            password_hash=password_hash,
            terms_version="1",
            confirmed_at=now(),
        )
        async with database.auth() as session:
            session.add(account)
        people.append(await an_organisation(database, account, a_client(port, number)))
    await database.close()
    return people


async def an_organisation(database: Database, account: Account, http: Client) -> Person:
    organisation = Organisation(id=uuid4(), name=account.user_name)
    assistant = Assistant(organisation_id=organisation.id, name="Anna")
    owner = {"organisation_id": organisation.id, "assistant_id": assistant.id}
    entries = [KnowledgeEntry(**owner, question=f"Frage {n}?", answer="Ja. " * 30) for n in range(ENTRIES)]
    async with database.tenant(organisation.id) as session:
        for several in ([organisation], [assistant], entries):
            session.add_all(several)
            await session.flush()
        session.add(Membership(organisation_id=organisation.id, account_id=account.id, role="owner"))
    knowledge = f"/organisations/{organisation.id}/assistants/{assistant.id}/knowledge"
    return Person(account.user_name, http, knowledge, f"{knowledge}/{entries[0].id}")


def asking(http: Client, path: str) -> Ask:
    return lambda: http.get(path)


def logging_in(person: Person) -> Ask:
    return lambda: person.http.send("POST", "/auth/login", login=person.login, password=PASSWORD)


def listing(person: Person) -> Ask:
    return asking(person.http, person.knowledge)


def changing(person: Person) -> Ask:
    return lambda: person.http.send("PATCH", person.entry, answer=f"Ja, seit {time.time_ns()}.")


async def under_load(asks: Sequence[Ask], clients: Sequence[Client], rounds: int, pids: Sequence[int]) -> Load:
    """Everybody asks `rounds` times, one after the other, all of them at the same time."""
    took: list[float] = []
    measured = [*pids, os.getpid()]

    async def one(ask: Ask) -> None:
        for _ in range(rounds):
            began = time.perf_counter()
            answer = await ask()
            took.append(time.perf_counter() - began)
            assert answer.status == 200, answer

    await asyncio.gather(*(client.connect() for client in clients))
    before, began = [cpu_seconds(pid) for pid in measured], time.perf_counter()
    await asyncio.gather(*map(one, asks))
    seconds = time.perf_counter() - began
    cpu = [(cpu_seconds(pid) - was) / len(took) * 1e3 for pid, was in zip(measured, before, strict=True)]
    await asyncio.gather(*(client.close() for client in clients))
    p50, p95 = np.quantile(np.array(took) * 1e3, [0.5, 0.95])
    return Load(len(took) / seconds, float(p50), float(p95), cpu)


def cpu_seconds(pid: int) -> float:
    """Of the process, and where it is PostgreSQL's of those that serve its connections."""
    processes = [psutil.Process(pid)]
    if pid != os.getpid():
        processes += processes[0].children()
    return sum(sum(process.cpu_times()[:2]) for process in processes)
