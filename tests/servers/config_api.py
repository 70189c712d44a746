"""config-api on a real PostgreSQL, behind a real HTTP server on loopback."""

import asyncio
import base64
import os
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from starlette.routing import BaseRoute

from config_api.app import ConfigApi, create_app
from config_api.settings import Settings
from shared.config_client import ConfigClient
from shared.events import AuditRecorded, Event
from shared.tasks import background
from tests.servers.postgres import Postgres

ADMIN_TOKEN = "the admin's token"
SERVICE_TOKEN = "the services' token"
# Where no service listens: what asks there does without.
NOBODY = "http://127.0.0.1:1"
# For clients that need none: each would read all the world's certificates.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def a_master_key(key_id: str) -> str:
    return f"{key_id}:{base64.b64encode(os.urandom(32)).decode()}"


def settings_for(url: str, **changes: Any) -> Settings:
    values = {
        "admin_token": ADMIN_TOKEN,
        "service_token": SERVICE_TOKEN,
        "master_keys": a_master_key("first"),
        "private_hosts": True,
        "confirm_by_mail": True,
        "audit_url": NOBODY,
        "drafter_url": NOBODY,
    }
    return Settings(database_url=url, **values | changes)


@dataclass
class ConfigApiServer:
    """`http` has the admin's token, `published` is what came out of the outbox."""

    service: ConfigApi
    url: str
    http: httpx2.AsyncClient
    database: str
    published: asyncio.Queue[Event]
    app: FastAPI

    async def add(self, path: str, **body: Any) -> Any:
        response = await self.http.post(path, json=body)
        assert response.status_code == 201, response.text
        return response.json()

    async def change(self, path: str, **body: Any) -> Any:
        response = await self.http.patch(path, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def internal(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
        response = await self.http.get(f"{self.url}/internal/v1{path}", headers=headers)
        assert response.status_code == 200, response.text
        return response.json()

    async def recorded(self) -> list[AuditRecorded]:
        """What the security log was told since this was asked last, once none of it waits any more."""
        waiting = text("SELECT count(*) FROM config.config_outbox WHERE queue = :queue")
        for _ in range(1000):
            async with self.service.database.outside_transactions() as connection:
                if not (await connection.execute(waiting, {"queue": AuditRecorded.topic})).scalar_one():
                    events = [self.published.get_nowait() for _ in range(self.published.qsize())]
                    return [event for event in events if isinstance(event, AuditRecorded)]
            await asyncio.sleep(0.02)
        raise AssertionError("the security log was never told")

    async def an_assistant(self, organisation: str = "Hotel Seeblick", **values: Any) -> "Resource":
        owner = await self.add("/organisations", name=organisation)
        path = f"/organisations/{owner['id']}"
        assistant = await self.add(f"{path}/assistants", **{"name": "Anna"} | values)
        return Resource(self, path, assistant["id"])

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncGenerator[ConfigClient]:
        client = ConfigClient(self.url, self.service.settings.service_token, **options)
        try:
            yield client
        finally:
            await client.close()


@dataclass(frozen=True)
class Resource:
    """An assistant and where it and what belongs to it are found."""

    api: ConfigApiServer
    organisation: str
    id: str

    @property
    def organisation_id(self) -> str:
        return self.organisation.rsplit("/", 1)[-1]

    @property
    def path(self) -> str:
        return f"{self.organisation}/assistants/{self.id}"

    async def mailbox(self, name: str = "info", **values: Any) -> Any:
        imap = {"host": "127.0.0.1", "port": 1143, "security": "none", "username": name, "password": "geheim"}
        body = {"assistant_id": self.id, "address": f"{name}@hotel-seeblick.example", "imap": imap}
        return await self.api.add(f"{self.organisation}/mailboxes", **body | values)

    async def entry(self, question: str, answer: str = "Ja.") -> Any:
        return await self.api.add(f"{self.path}/knowledge", question=question, answer=answer)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals stay with the test run."""
        yield


@asynccontextmanager
async def serving(app: Any, **options: Any) -> AsyncGenerator[str]:
    """An application on a free port of loopback; its address."""
    config = uvicorn.Config(
        app, port=0, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2, **options
    )
    server = _Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    async with background(server.main_loop(), name="http"):
        yield f"http://127.0.0.1:{port}"
    await server.shutdown()


def an_app(service: ConfigApi) -> FastAPI:
    """As the service makes it. FastAPI completes the routes of an application when they are first asked for, which
    takes a fifth of a second: here the first application's serve the others too.
    """
    app = create_app(service)
    app.router.routes[:] = _routes or app.router.routes
    _routes[:] = app.router.routes
    return app


_routes: list[BaseRoute] = []


@asynccontextmanager
async def running_config_api(
    postgres: Postgres, database: str, *, publish: Callable[[Event], Awaitable[None]] | None = None, **changes: Any
) -> AsyncGenerator[ConfigApiServer]:
    """On the given database, which it migrates. Its events go to `publish`, or else into `published`."""
    service = ConfigApi.of(settings_for(postgres.url(database), **changes))
    published: asyncio.Queue[Event] = asyncio.Queue()
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    app = an_app(service)
    async with (
        service.running(publish or published.put),
        serving(app) as url,
        httpx2.AsyncClient(base_url=f"{url}/api/v1", headers=headers, verify=NO_TLS) as http,
    ):
        yield ConfigApiServer(service, url, http, database, published, app)
