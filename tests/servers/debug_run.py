"""All services in one process, as talkative as they can be, and with sealing switched off where a test asks for it.

`python -m tests.servers.debug_run`, set by the services' own environment variables and these: RUN_BUS is `kafka` or
`embedded`, RUN_SEALING is `on` or `off`.
"""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import audit.main
import audit.settings
import config_api.settings
import drafter.main
import drafter.settings
import embedded.settings
import ingest.main
import ingest.settings
import writer.main
import writer.settings
from config_api.app import ConfigApi, create_app
from embedded import house
from ingest.assignment import KafkaAssignment
from shared.bus.kafka import KafkaBus
from shared.bus.seam import Subscription
from shared.config_client import ConfigClient
from shared.database import create_engine
from shared.events import MessageReceived
from shared.ops import routes, serving
from shared.sealing import Keyring, Sealer
from shared.service import run_until_stopped
from shared.telemetry import configure_logging
from shared.tracing import tracing


class InTheClear:
    """What travels can be read by anybody."""

    def seal(self, content: bytes, context: bytes) -> dict[str, str]:
        return {"content": content.decode()}

    async def open(self, envelope: dict[str, str], context: bytes) -> bytes:
        return envelope["content"].encode()


async def broken(event: MessageReceived) -> None:
    """A handler with a bug, whose exception quotes the mail."""
    if event.mail.subject.startswith("Parkplatz"):
        raise ValueError(event.mail.model_dump_json())


@asynccontextmanager
async def on_one_machine(settings: config_api.settings.Settings, sealer: Sealer | None) -> AsyncGenerator[None]:
    secrets = house.Secrets(settings.service_token, settings.admin_token, settings.master_keys[0])
    url = settings.database_url.get_secret_value()
    async with house.running(url, embedded.settings.Settings(), secrets, sealer=sealer):
        yield


@asynccontextmanager
async def on_kafka(settings: config_api.settings.Settings, sealer: Sealer | None) -> AsyncGenerator[None]:
    """Each service on a bus of its own, as five processes do it; one more has a handler that fails for some mails."""
    config = ConfigClient(settings.config_api_url, settings.service_token)
    keyring = Keyring(config.content_keys)
    buses = [KafkaBus(settings.kafka_bootstrap, sealer or keyring) for _ in range(6)]
    api_bus, ingest_bus, drafter_bus, writer_bus, audit_bus, broken_bus = buses
    checks = {f"bus {number}": bus.healthy for number, bus in enumerate(buses)}
    async with AsyncExitStack() as stack:
        api = ConfigApi.of(settings)
        api_bus.subscribe(*api.subscriptions())
        await stack.enter_async_context(api.running(api_bus.publish))
        app = create_app(api)
        app.router.routes.extend(routes(checks))
        await stack.enter_async_context(serving(app, settings.host, settings.port))
        await stack.enter_async_context(config.running())
        await keyring.refresh()
        ingest_settings = ingest.settings.Settings()
        assignment = KafkaAssignment(ingest_settings.kafka_bootstrap, ingest_settings.kafka_replication)
        for service in (
            ingest.main.running(
                ingest_bus,
                config,
                settings=ingest_settings,
                assignment=assignment,
                engine=create_engine(ingest_settings.database_url.get_secret_value()),
            ),
            drafter.main.running(drafter_bus, config, settings=drafter.settings.Settings(), routes=app.router.routes),
            writer.main.running(writer_bus, config, settings=writer.settings.Settings()),
            audit.main.Audit.of(audit.settings.Settings()).running(audit_bus),
        ):
            await stack.enter_async_context(service)
        broken_bus.subscribe(Subscription(MessageReceived, "broken", broken))
        for bus in buses:
            stack.push_async_callback(bus.stop)
        await asyncio.gather(*(bus.start() for bus in buses))
        yield


async def run() -> None:
    settings = config_api.settings.Settings()
    running = on_kafka if os.environ["RUN_BUS"] == "kafka" else on_one_machine
    sealer = None if os.environ["RUN_SEALING"] == "on" else InTheClear()
    with tracing("debug", settings.otlp_endpoint):
        async with running(settings, sealer):
            await asyncio.Event().wait()


if __name__ == "__main__":
    configure_logging(level=logging.DEBUG)
    run_until_stopped(run())
