"""Log-ins by force: how many guesses reach a password, whom the locks hold up, and what the answers give away."""

import asyncio
import math
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import numpy as np
from pydantic import SecretStr

from config_api.accounts.models import Account
from config_api.auth import passwords
from config_api.database import Database
from config_api.models import now
from embedded.postgres import running_url
from shared.settings import LimitSettings
from shared.tasks import background
from tests.benchmarks.table import Row
from tests.servers.house import House

ATTEMPTS = int(os.environ.get("KINAMIK_BENCH_BRUTE_FORCE_ATTEMPTS", "10000"))
ADDRESSES = 1000
AT_A_TIME = 40
PEOPLE = 30
TRIES = 4
PASSWORD = "vier Schwalben am Seeufer"
# Of the means: what differs by less is the machine.
ALIKE = 1.15


@dataclass
class Outcome:
    """Of an attack. Times in seconds; `last_check` is when the last guess was sent that reached a password."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    last_check: float = 0.0
    seconds: float = 0.0
    refusals: list[float] = field(default_factory=list[float])

    @property
    def checked(self) -> int:
        return self.statuses[401]


async def log_in(http: httpx2.AsyncClient, login: str, password: str, address: str) -> tuple[httpx2.Response, float]:
    """From an address that the proxy, which is us, tells of; the answer, and how long it took."""
    began = time.perf_counter()
    body = {"login": login, "password": password}
    response = await http.post("/auth/login", json=body, headers={"X-Forwarded-For": address})
    return response, time.perf_counter() - began


async def attack(
    http: httpx2.AsyncClient, attempts: int, login: Callable[[int], str], address: Callable[[int], str]
) -> Outcome:
    """Wrong passwords, so many at a time; `login` and `address` are those of each attempt."""
    outcome, numbers, began = Outcome(), iter(range(attempts)), time.perf_counter()

    async def guess() -> None:
        for n in numbers:
            sent = time.perf_counter() - began
            response, took = await log_in(http, login(n), "wrong", address(n))
            outcome.statuses[response.status_code] += 1
            if response.status_code == 429:
                outcome.refusals.append(took)
            else:
                outcome.last_check = max(outcome.last_check, sent)

    await asyncio.gather(*(guess() for _ in range(AT_A_TIME)))
    outcome.seconds = time.perf_counter() - began
    return outcome


@asynccontextmanager
async def others_logging_in(http: httpx2.AsyncClient, people: Sequence[str]) -> AsyncGenerator[list[float]]:
    """While entered, people log in at home, one after the other. Raises AssertionError where one is not let in."""
    took: list[float] = []
    failed: list[int] = []

    async def go_on() -> None:
        while True:
            for n, person in enumerate(people):
                response, seconds = await log_in(http, person, PASSWORD, f"198.19.0.{n}")
                took.append(seconds)
                if response.status_code != 200:
                    failed.append(response.status_code)
                await asyncio.sleep(0.1)

    async with background(go_on(), name="others"):
        yield took
    assert took
    assert not failed, failed


def allowed(limit: int, seconds: float) -> int:
    """How many guesses the limit lets through in this time: so many before each lock that ends meanwhile."""
    first = LimitSettings().first_lock
    return limit * (1 + math.floor(math.log2(seconds / first + 1)))


async def told(http: httpx2.AsyncClient, people: Sequence[str]) -> tuple[bool, float]:
    """Whether the answers for people and for nobody are the same, and the ratio of their mean times.

    Each name is tried less often than it takes to lock it, and always from another address.
    """
    answers: set[tuple[int, str]] = set()
    took: dict[bool, list[float]] = {True: [], False: []}
    for round_ in range(TRIES):
        for n, person in enumerate(people):
            for known in (True, False) if (n + round_) % 2 else (False, True):
                login, address = person if known else f"nobody{n}", f"198.18.{round_ * 2 + known}.{n}"
                response, seconds = await log_in(http, login, "wrong", address)
                answers.add((response.status_code, response.text))
                took[known].append(seconds)
    return len(answers) == 1, statistics.mean(took[True]) / statistics.mean(took[False])


async def move_in(url: str, names: Sequence[str]) -> None:
    database, password_hash = Database(url, connections=1), await passwords.hashed(SecretStr(PASSWORD))
    async with database.auth() as session:
        for name in names:
            address = f"{name}@example.org"
            values = {"password_hash": password_hash, "terms_version": "1", "confirmed_at": now()}
            session.add(Account(user_name=name, email=address, **values))
    await database.close()


def rows() -> Iterator[Row]:
    """The one-machine run as a process of its own, with the limits that it comes with."""
    with tempfile.TemporaryDirectory(prefix="kinamik-bench-") as folder, House(Path(folder)) as house:
        url = running_url(house.data / "postgres")
        assert url is not None
        people = [f"person{n}" for n in range(2 * PEOPLE)]
        asyncio.run(move_in(url, people))
        yield from asyncio.run(measured(house.url, people))


async def measured(url: str, people: Sequence[str]) -> list[Row]:
    victims, others = people[:PEOPLE], people[PEOPLE:]
    limits = LimitSettings()
    api = httpx2.AsyncClient(base_url=f"{url}/api/v1", timeout=60)
    async with api as http:
        same, ratio = await told(http, victims)
        table = [
            Row("no enumeration", f"answers {'equal' if same else 'DIFFERENT'}", "equal", same),
            Row("", f"mean time known / unknown {ratio:.2f}", f"within {ALIKE}", 1 / ALIKE < ratio < ALIKE),
        ]
        table += await attacked(
            http,
            others,
            "from one address",
            limits.login_failures_per_address,
            lambda n: f"name{n % 1000}",
            lambda _: "203.0.113.1",
        )
        table += await attacked(
            http,
            others,
            f"from {ADDRESSES} addresses",
            limits.login_failures_per_name,
            lambda _: "the-victim",
            lambda n: f"10.0.{n % ADDRESSES // 250}.{n % 250}",
        )
    return table


async def attacked(
    http: httpx2.AsyncClient,
    others: Sequence[str],
    name: str,
    limit: int,
    login: Callable[[int], str],
    address: Callable[[int], str],
) -> list[Row]:
    async with others_logging_in(http, others) as took:
        outcome = await attack(http, ATTEMPTS, login, address)
    expected = allowed(limit, outcome.seconds)
    refused = statistics.median(outcome.refusals) * 1e3
    p50, p95 = np.quantile(np.array(took) * 1e3, [0.5, 0.95])
    kept = outcome.checked <= expected and set(outcome.statuses) <= {401, 429}
    return [
        Row(name, f"{outcome.checked} of {ATTEMPTS} guesses reached a password", f"at most {expected}", kept),
        Row("", f"the last of them was sent after {outcome.last_check:.2f} s"),
        Row("", f"{ATTEMPTS / outcome.seconds:.0f} guesses/s, refused in {refused:.0f} ms (p50)"),
        Row("others meanwhile", f"{len(took)} log-ins, p50 {p50:.0f} ms, p95 {p95:.0f} ms", "all let in", True),
    ]
