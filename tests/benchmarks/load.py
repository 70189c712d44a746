"""The API under 200 people at once, beside a bare FastAPI endpoint that the same clients ask in the same run."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import numpy as np
from pwdlib import PasswordHash

from config_api.accounts.models import Account
from config_api.database import Database
from config_api.members.models import Membership
from config_api.models import Assistant, KnowledgeEntry, Organisation, now
from tests.benchmarks.systems import ROOT
from tests.benchmarks.table import Row
from tests.servers.mail_server import free_ports
from tests.servers.postgres import running_postgres

PEOPLE = int(os.environ.get("KINAMIK_BENCH_LOAD_PEOPLE", "200"))
ROUNDS = 10
ENTRIES = 20
PASSWORD = "vier Schwalben am Seeufer"

Ask = Callable[[], Awaitable[httpx2.Response]]


@dataclass(frozen=True)
class Person:
    login: str
    http: httpx2.AsyncClient
    knowledge: str
    entry: str


@dataclass(frozen=True)
class Load:
    """Times in milliseconds."""

    per_second: float
    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.per_second:.0f} requests/s, p50 {self.p50:.0f} ms, p95 {self.p95:.0f} ms"


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
    with server(bare_port):
        clients = [a_client(bare_port, number) for number in range(PEOPLE)]
        results["bare endpoint"] = await under_load([asking(http, "/nothing") for http in clients], ROUNDS)
        await asyncio.gather(*(http.aclose() for http in clients))
    with running_postgres() as postgres:
        url = postgres.url(postgres.create())
        with server(port, url):
            people = await moved_in(url, port)
            results["log-in"] = await under_load([logging_in(person) for person in people], 1)
            results["list knowledge"] = await under_load([asking(p.http, p.knowledge) for p in people], ROUNDS)
            results["change an entry"] = await under_load([changing(person) for person in people], ROUNDS)
            await asyncio.gather(*(person.http.aclose() for person in people))
    return results


@contextmanager
def server(port: int, *arguments: str) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.benchmarks.load_server", str(port), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def a_client(port: int, number: int) -> httpx2.AsyncClient:
    """At home each, since log-ins are counted per address."""
    headers = {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250 + 1}"}
    return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=120)


async def moved_in(url: str, port: int) -> list[Person]:
    """The people with an organisation each, put into the database as they would be after some weeks."""
    database, password_hash = Database(url, connections=4), PasswordHash.recommended().hash(PASSWORD)
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


async def an_organisation(database: Database, account: Account, http: httpx2.AsyncClient) -> Person:
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


def asking(http: httpx2.AsyncClient, path: str) -> Ask:
    return lambda: http.get(path)


def logging_in(person: Person) -> Ask:
    return lambda: person.http.post("/auth/login", json={"login": person.login, "password": PASSWORD})


def changing(person: Person) -> Ask:
    return lambda: person.http.patch(person.entry, json={"answer": f"Ja, seit {time.time_ns()}."})


async def under_load(people: list[Ask], rounds: int) -> Load:
    """Everybody asks `rounds` times, one after the other, all of them at the same time."""
    took: list[float] = []

    async def one(ask: Ask) -> None:
        for _ in range(rounds):
            began = time.perf_counter()
            response = await ask()
            took.append(time.perf_counter() - began)
            assert response.status_code == 200, (response.status_code, response.text)

    began = time.perf_counter()
    await asyncio.gather(*map(one, people))
    seconds = time.perf_counter() - began
    p50, p95 = np.quantile(np.array(took) * 1e3, [0.5, 0.95])
    return Load(len(took) / seconds, float(p50), float(p95))
