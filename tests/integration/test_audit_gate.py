"""The gate in front of log-ins: one limit for all replicas, with audit and without it."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncGenerator

import httpx2
import pytest

from config_api.app import create_app
from shared.audit import After
from shared.ops import serving
from tests.servers.audit import AuditServer, running_guarded_api
from tests.servers.config_api import ConfigApiServer, running_config_api
from tests.servers.mail_server import free_ports
from tests.servers.person import a_browser, a_person
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.alone

Guarded = tuple[AuditServer, list[ConfigApiServer]]


@pytest.fixture
async def guarded(postgres: Postgres, database: str) -> AsyncGenerator[Guarded]:
    async with running_guarded_api(postgres, database, replicas=2) as both:
        yield both


async def tried(
    api: ConfigApiServer, login: str, *, address: str = "192.0.2.1", password: str = "wrong"
) -> httpx2.Response:
    """From an address that the proxy on loopback tells of."""
    async with a_browser(api) as http:
        body = {"login": login, "password": password}
        return await http.post("/auth/login", json=body, headers={"X-Forwarded-For": address})


async def test_a_lock_holds_in_every_replica_at_once(guarded: Guarded) -> None:
    _, apis = guarded
    statuses = [(await tried(apis[n % 2], "anna", address=f"192.0.2.{n}")).status_code for n in range(8)]
    assert statuses == [401] * 5 + [429] * 3
    refused = await tried(apis[1], "ANNA")
    assert refused.json()["reason"] == "too_many_attempts"
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 60


async def test_a_burst_gets_no_further_than_a_row(guarded: Guarded) -> None:
    audit, apis = guarded
    answers = await asyncio.gather(*(tried(apis[n % 2], "anna", address=f"192.0.2.{n}") for n in range(40)))
    assert Counter(answer.status_code for answer in answers) == {401: 5, 429: 35}
    assert len(await audit.arrived(5, action="login", outcome="failed")) == 5, "each that reached the password check"


async def test_an_address_is_locked_and_others_log_in(guarded: Guarded) -> None:
    _, apis = guarded
    anna = await a_person(apis[0])
    statuses = Counter([(await tried(apis[n % 2], f"name{n}")).status_code for n in range(25)])
    assert statuses == {401: 20, 429: 5}
    assert (await tried(apis[0], anna.email, password=anna.password)).status_code == 429
    assert (await tried(apis[1], anna.email, password=anna.password, address="192.0.2.2")).status_code == 200


async def test_right_passwords_are_no_failures(guarded: Guarded) -> None:
    _, apis = guarded
    anna = await a_person(apis[0])
    for n in range(25):
        assert (await tried(apis[n % 2], anna.email, password=anna.password)).status_code == 200
    for _ in range(2):
        assert [(await tried(apis[n % 2], anna.user_name)).status_code for n in range(4)] == [401] * 4
        assert (await tried(apis[0], anna.user_name, password=anna.password)).status_code == 200


async def test_an_attack_from_everywhere_does_not_lock_the_person_out(guarded: Guarded) -> None:
    """Neither by user name nor by address, from where she has logged in before."""
    _, apis = guarded
    anna = await a_person(apis[0])
    assert (await tried(apis[0], anna.email, password=anna.password)).status_code == 200
    for name in (anna.email, anna.user_name):
        for n in range(6):
            await tried(apis[n % 2], name, address=f"198.51.100.{n}")
        assert (await tried(apis[1], name, password=anna.password, address="198.51.100.99")).status_code == 429
        assert (await tried(apis[1], name, password=anna.password)).status_code == 200


async def test_an_operator_lifts_a_lock_for_all_replicas(guarded: Guarded) -> None:
    audit, apis = guarded
    for _ in range(6):
        await tried(apis[0], "anna")
    (lock,) = await audit.client.locks(After())
    assert (await apis[1].http.delete(f"/operator/audit/locks/{lock.id}")).status_code == 204
    assert (await tried(apis[0], "anna")).status_code == 401


async def test_registrations_are_limited_by_address(postgres: Postgres, database: str) -> None:
    async with running_guarded_api(postgres, database, registrations_per_address_and_hour=3) as (_, (api,)):
        statuses = [(await registered(api, f"person{n}", "192.0.2.1")).status_code for n in range(5)]
        assert statuses == [202] * 3 + [429] * 2
        assert (await registered(api, "person9", "192.0.2.2")).status_code == 202


async def test_resets_and_invitations_are_limited_by_address(postgres: Postgres, database: str) -> None:
    limits = {"password_resets_per_address_and_hour": 3, "invitations_per_address_and_hour": 3}
    async with running_guarded_api(postgres, database, **limits) as (_, (api,)):
        anna = await a_person(api)
        made = (await anna.http.post("/organisations", json={"name": "Hotel Seeblick"})).json()["id"]
        asked: tuple[tuple[str, dict[str, str], int], ...] = (
            ("/auth/password-reset", {}, 202),
            (f"/organisations/{made}/invitations", {"role": "member"}, 201),
        )
        for path, more, done in asked:
            for address, statuses in (("192.0.2.1", [done] * 3 + [429] * 2), ("192.0.2.2", [done])):
                answers = [
                    await anna.http.post(
                        path,
                        json={"email": f"name{n}@{address}.example"} | more,
                        headers={"X-Forwarded-For": address},
                    )
                    for n in range(len(statuses))
                ]
                assert [answer.status_code for answer in answers] == statuses, answers[0].text


async def registered(api: ConfigApiServer, name: str, address: str) -> httpx2.Response:
    body = {"email": f"{name}@hotel.example", "user_name": name, "password": "vier Schwalben am Seeufer"}
    body["terms_version"] = api.service.settings.terms_version
    async with a_browser(api) as http:
        return await http.post("/auth/register", json=body, headers={"X-Forwarded-For": address})


async def test_without_audit_the_limits_hold_and_people_log_in(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database) as api:
        anna = await a_person(api)
        assert [(await tried(api, "berta")).status_code for _ in range(7)] == [401] * 5 + [429] * 2
        statuses = Counter([(await tried(api, f"name{n}", address="192.0.2.9")).status_code for n in range(25)])
        assert statuses == {401: 20, 429: 5}
        for _ in range(25):
            assert (await tried(api, anna.email, password=anna.password)).status_code == 200
        for n in range(6):
            await tried(api, anna.email, address=f"198.51.100.{n}")
        assert (await tried(api, anna.email, address="198.51.100.99")).status_code == 429
        assert (await tried(api, anna.email, password=anna.password)).status_code == 200


async def test_an_audit_that_does_not_answer_is_not_waited_for_again_and_again(
    postgres: Postgres, database: str
) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    async with running_config_api(postgres, database, audit_url=url) as api:
        assert [(await tried(api, "berta")).status_code for _ in range(3)] == [401] * 3
    assert calls(silent) == 1
    silent.close()


def calls(server: socket.socket) -> int:
    """How often it was called; nobody has answered any."""
    server.setblocking(False)
    for count in range(100):
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
    raise AssertionError("again and again")


async def test_what_audit_has_counted_holds_when_audit_goes_away(postgres: Postgres, database: str) -> None:
    async with running_guarded_api(postgres, database) as (_, (api,)):
        assert [(await tried(api, "anna")).status_code for _ in range(4)] == [401] * 4
        postgres.execute("ALTER TABLE audit.lock RENAME TO away", database)
        assert [(await tried(api, "anna")).status_code for _ in range(3)] == [401, 429, 429]
        postgres.execute("ALTER TABLE audit.away RENAME TO lock", database)


async def test_when_audit_is_back_it_counts_again(postgres: Postgres, database: str) -> None:
    async with running_guarded_api(postgres, database, replicas=1) as (audit, (api,)):
        assert (await tried(api, "anna")).status_code == 401
        postgres.execute("ALTER TABLE audit.lock RENAME TO away", database)
        assert (await tried(api, "anna")).status_code == 401
        postgres.execute("ALTER TABLE audit.away RENAME TO lock", database)
        answers: Counter[int] = Counter()
        for _ in range(100):
            answers[(await tried(api, "anna")).status_code] += 1
            if locks := await audit.client.locks(After()):
                break
            await asyncio.sleep(0.1)
        assert [lock.user_name for lock in locks] == ["anna"]
        assert answers[401] <= 8, "four that each counts, after the first two"


@pytest.mark.parametrize(
    ("trusted", "source", "told", "seen"),
    [
        ("127.0.0.1", "127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.2", "203.0.113.9", "127.0.0.2"),
        ("", "127.0.0.1", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.0/8", "127.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1", "203.0.113.66, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1, 203.0.113.9", "127.0.0.1", "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        ("127.0.0.1", "127.0.0.1", "unknown", ""),
        ("127.0.0.1", "127.0.0.1", "", "127.0.0.1"),
    ],
)
async def test_only_a_trusted_proxy_says_where_a_request_came_from(
    postgres: Postgres, database: str, trusted: str, source: str, told: str, seen: str
) -> None:
    async with running_config_api(postgres, database, trusted_proxies=trusted) as api:
        app, (port,) = create_app(api.service), free_ports(1)
        trusted_proxies = api.service.settings.trusted_proxies
        transport = httpx2.AsyncHTTPTransport(local_address=source)
        async with (
            serving(app, "127.0.0.1", port, trusted_proxies=trusted_proxies),
            httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", transport=transport) as http,
        ):
            body = {"login": "anna", "password": "wrong"}
            headers = {"X-Forwarded-For": told} if told else {}
            assert (await http.post("/auth/login", json=body, headers=headers)).status_code == 401
            async with asyncio.timeout(10):
                event = await api.published.get()
                while getattr(event, "action", "") != "login":
                    event = await api.published.get()
        assert getattr(event, "address", None) == seen
