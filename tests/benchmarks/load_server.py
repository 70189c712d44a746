"""What the load is put on, as a process of its own: config-api with who counts its log-ins, or a bare FastAPI endpoint.

`python -m tests.benchmarks.load_server PORT [DATABASE_URL]`; without a database it is the bare one.
"""

import asyncio
import sys

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp

from audit.main import Audit
from audit.settings import Settings as AuditSettings
from config_api.app import ConfigApi, create_app
from shared.database import migrate
from shared.events import Event
from shared.ops import serving
from shared.service import run_until_stopped
from tests.servers.config_api import settings_for


def bare() -> FastAPI:
    app = FastAPI()

    @app.get("/api/v1/nothing")
    async def nothing() -> dict[str, list[str]]:
        return {"items": []}

    return app


async def nowhere(_: Event) -> None:
    """There is no bus here."""


async def serve(app: ASGIApp, port: int) -> None:
    async with serving(app, "127.0.0.1", port, trusted_proxies=["127.0.0.1"]):
        print("ready", flush=True)
        await asyncio.Event().wait()


async def main(port: int, database_url: str = "") -> None:
    if not database_url:
        await serve(bare(), port)
    service = ConfigApi.of(settings_for(database_url))
    audit = Audit.of(AuditSettings(database_url=SecretStr(database_url), service_token=service.settings.service_token))
    await migrate(database_url, "audit")
    async with service.running(nowhere):
        await serve(create_app(service, admissions=audit), port)
    await audit.engine.dispose()


if __name__ == "__main__":
    run_until_stopped(main(int(sys.argv[1]), *sys.argv[2:]))
