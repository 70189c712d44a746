"""config-api as a process of its own: the HTTP API, the outbox's relay, and what it listens to on the bus."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from config_api import web
from config_api.app import ConfigApi, create_app
from config_api.settings import Settings
from shared.bus.kafka import KafkaBus
from shared.bus.kafka_login import kafka_login
from shared.error_reports import error_reports
from shared.ops import SERVICE, routes, serving
from shared.sealing import NoContent
from shared.service import run_until_stopped
from shared.telemetry import configure_logging
from shared.tracing import tracing

log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Until it is cancelled."""
    SERVICE.info({"service": "config-api"})
    service = ConfigApi.of(settings)
    login = kafka_login(settings)
    bus = KafkaBus(
        settings.kafka_bootstrap,
        NoContent(),
        replication=settings.kafka_replication,
        login=login,
        drain_seconds=settings.drain_seconds,
    )
    bus.subscribe(*service.subscriptions())
    async with AsyncExitStack() as stack:
        stack.enter_context(error_reports("config-api", settings.sentry_dsn.get_secret_value()))
        stack.enter_context(tracing("config-api", settings.otlp_endpoint))
        await stack.enter_async_context(service.running(bus.publish))
        app = create_app(service)
        app.router.routes.extend(routes({"database": service.database.healthy, "bus": bus.healthy}))
        web.install(app, settings.web_folder)
        # Before the bus: the others ask for configuration while Kafka may still be starting.
        await stack.enter_async_context(
            serving(app, settings.host, settings.port, trusted_proxies=settings.trusted_proxies)
        )
        await bus.start()
        stack.push_async_callback(bus.stop)
        log.info("ready", service="config-api", port=settings.port)
        await asyncio.Event().wait()


def main() -> None:
    configure_logging()
    run_until_stopped(run(Settings()))  # pyright: ignore[reportCallIssue]  # the environment fills in what is required


if __name__ == "__main__":
    main()
