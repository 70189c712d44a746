"""How a service runs as a process of its own, on Kafka. On one machine all of them run in one process instead."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import Any

import structlog
from starlette.routing import BaseRoute

from shared.bus.kafka import KafkaBus
from shared.bus.kafka_login import kafka_login
from shared.bus.seam import Bus
from shared.config_client import ConfigClient
from shared.error_reports import error_reports
from shared.ops import SERVICE, Checks, operations_app, serving
from shared.sealing import Keyring
from shared.settings import ServiceSettings
from shared.telemetry import configure_logging
from shared.tracing import tracing

log = structlog.get_logger(__name__)


Service = Callable[[Bus, ConfigClient], AbstractAsyncContextManager[Checks]]


def run(
    name: str,
    settings: ServiceSettings,
    port: int,
    service: Service,
    *,
    concurrency: int = 64,
    routes: Sequence[BaseRoute] = (),
) -> None:
    """Runs until SIGTERM or SIGINT; what is in flight then may come to its end (`drain_seconds`).

    `routes` are served beside those that every service has.
    """
    configure_logging()
    run_until_stopped(_run(name, settings, port, service, concurrency, routes))
    log.info("stopped", service=name)


async def _run(
    name: str, settings: ServiceSettings, port: int, service: Service, concurrency: int, routes: Sequence[BaseRoute]
) -> None:
    SERVICE.info({"service": name})
    async with AsyncExitStack() as stack:
        stack.enter_context(error_reports(name, settings.sentry_dsn.get_secret_value()))
        stack.enter_context(tracing(name, settings.otlp_endpoint))
        config = ConfigClient(settings.config_api_url, settings.service_token)
        await stack.enter_async_context(config.running())
        keyring = Keyring(config.content_keys)
        await keyring.refresh()
        await stack.enter_async_context(keyring.running())
        bus = KafkaBus(
            settings.kafka_bootstrap,
            keyring,
            concurrency=concurrency,
            replication=settings.kafka_replication,
            login=kafka_login(settings),
            drain_seconds=settings.drain_seconds,
        )
        checks = await stack.enter_async_context(service(bus, config))
        await bus.start()
        stack.push_async_callback(bus.stop)
        app = operations_app({**checks, "bus": bus.healthy}, routes)
        await stack.enter_async_context(serving(app, settings.host, port))
        log.info("ready", service=name, port=port)
        await asyncio.Event().wait()


def run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Runs `work`, which SIGTERM and SIGINT cancel, at its start as well as later; its contexts end in order."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(stoppable())
