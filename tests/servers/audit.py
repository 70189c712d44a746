"""audit on a real PostgreSQL, behind a real HTTP server on loopback, with events from the bus of one machine."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from audit.main import Audit
from audit.settings import Settings
from shared.audit import After, Entry, Filters
from shared.audit_client import AuditClient
from shared.bus.embedded import EmbeddedBus
from shared.ops import operations_app
from shared.sealing import NoContent
from tests.servers.config_api import PATIENCE, SERVICE_TOKEN, ConfigApiServer, a_master_key, running_config_api, serving
from tests.servers.postgres import Postgres

MOST = 1001


@dataclass
class AuditServer:
    """`publish` is the bus that it listens to; `http` has the services' token."""

    service: Audit
    url: str
    client: AuditClient
    http: httpx2.AsyncClient
    publish: Callable[..., Awaitable[None]]

    async def entries(self, **filters: Any) -> list[Entry]:
        """The newest first."""
        return list(await self.client.entries(Filters(**filters), After(limit=MOST)))

    async def arrived(self, count: int, *, seconds: float = 15, **filters: Any) -> list[Entry]:
        """The entries, once there are so many."""
        deadline = time.monotonic() + seconds
        while len(found := await self.entries(**filters)) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} entries arrived"
            await asyncio.sleep(0.05)
        return found


def audit_settings(postgres: Postgres, database: str, **changes: Any) -> Settings:
    return Settings(**{"database_url": postgres.url(database), "service_token": SERVICE_TOKEN} | changes)


@asynccontextmanager
async def running_audit(postgres: Postgres, database: str, **changes: Any) -> AsyncGenerator[AuditServer]:
    """On the given database, which it migrates."""
    service = Audit.of(audit_settings(postgres, database, **changes))
    bus = EmbeddedBus(postgres.url(database, "asyncpg"), NoContent(), workers={"audit": 2})
    async with service.running(bus), serving(operations_app({}, service.routes())) as url:
        client = AuditClient(url, service.settings.service_token)
        asking = {"headers": {"Authorization": f"Bearer {SERVICE_TOKEN}"}, "timeout": PATIENCE}
        await bus.start()
        try:
            async with httpx2.AsyncClient(base_url=f"{url}/internal/v1/audit", **asking) as http:
                yield AuditServer(service, url, client, http, bus.publish)
        finally:
            await client.close()
            await bus.stop()


@asynccontextmanager
async def running_guarded_api(
    postgres: Postgres, database: str, *, replicas: int = 1, **limits: Any
) -> AsyncGenerator[tuple[AuditServer, list[ConfigApiServer]]]:
    """config-api in so many replicas, and the audit that counts for all of them."""
    async with AsyncExitStack() as stack:
        audit = await stack.enter_async_context(running_audit(postgres, database, **limits))
        master_key = a_master_key("first")
        apis = [
            await stack.enter_async_context(
                running_config_api(
                    postgres,
                    database,
                    publish=audit.publish,
                    audit_url=audit.url,
                    master_keys=master_key,
                    **limits,
                )
            )
            for _ in range(replicas)
        ]
        yield audit, apis
