"""The security log and the locks with real processes on Kafka: two replicas of config-api, and an audit that dies."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx2

from embedded.processes import wait_ready
from tests.servers.kafka import KafkaServer
from tests.servers.postgres import Postgres
from tests.servers.stack import an_api, running_stack

ENTRIES = "/operator/audit/entries"


async def tried(api: httpx2.AsyncClient, login: str, address: str) -> int:
    body = {"login": login, "password": "wrong"}
    return (await api.post("/auth/login", json=body, headers={"X-Forwarded-For": address})).status_code


async def logged(api: httpx2.AsyncClient, count: int, **filters: Any) -> list[Any]:
    deadline = time.monotonic() + 60
    while True:
        response = await api.get(ENTRIES, params=filters)
        if response.status_code == 200 and len(response.json()["items"]) >= count:
            return response.json()["items"]
        assert time.monotonic() < deadline, response.text
        await asyncio.sleep(0.2)


async def test_locks_and_log_survive(postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path) -> None:
    async with running_stack(postgres, database, kafka.bootstrap, tmp_path, KINAMIK_FIRST_LOCK="600") as stack:
        replica = stack.process("config-api")
        replica.start()
        try:
            await wait_ready([replica])
            async with an_api(f"http://127.0.0.1:{replica.port}") as other:
                apis = (stack.api, other)
                statuses = [await tried(apis[n % 2], "anna", f"192.0.2.{n}") for n in range(7)]
                assert statuses == [401] * 5 + [429] * 2
                await logged(other, 5, user_name="anna", action="login")

                audit = stack.processes["audit"]
                audit.kill()
                assert [await tried(stack.api, "berta", "192.0.2.50") for _ in range(6)] == [401] * 5 + [429]
                assert (await other.get(ENTRIES)).json()["reason"] == "audit_unavailable"
                audit.start()
                found = await logged(other, 5, user_name="berta")
                assert len(found) == 5, "what happened while it was dead, and each once"
                await asyncio.sleep(2)
                assert await tried(other, "anna", "192.0.2.99") == 429, "the lock outlives the process"
        finally:
            await asyncio.to_thread(replica.stop)
