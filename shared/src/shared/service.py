"""How a service runs as a process of its own, on Kafka. On one machine all of them run in one process instead."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import structlog

from shared.bus.kafka import KafkaBus
from shared.bus.seam import Bus
from shared.config_client import ConfigClient
from shared.ops import Checks, operations_app, serving
from shared.sealing import Keyring
from shared.settings import ServiceSettings
from shared.telemetry import configure_logging, configure_tracing

log = structlog.get_logger(__name__)


Service = Callable[[Bus, ConfigClient], AbstractAsyncContextManager[Checks]]


def run(name: str, settings: ServiceSettings, port: int, service: Service, *, concurrency: int = 64) -> None:
    """Runs until SIGTERM or SIGINT; what is in flight then is delivered again to whoever comes next."""
    configure_logging()
    asyncio.run(_run(name, settings, port, service, concurrency))


async def _run(name: str, settings: ServiceSettings, port: int, service: Service, concurrency: int) -> None:
    stop = stop_signal()
    tracing = configure_tracing(name, settings.otlp_endpoint)
    async with AsyncExitStack() as stack:
        config = ConfigClient(settings.config_api_url, settings.service_token.get_secret_value())
        await stack.enter_async_context(config.running())
        keyring = Keyring(config.content_keys)
        await keyring.refresh()
        await stack.enter_async_context(keyring.running())
        bus = KafkaBus(
            settings.kafka_bootstrap, keyring, concurrency=concurrency, replication=settings.kafka_replication
        )
        checks = await stack.enter_async_context(service(bus, config))
        await bus.start()
        stack.push_async_callback(bus.stop)
        app = operations_app({**checks, "bus": bus.healthy})
        await stack.enter_async_context(serving(app, settings.host, port))
        log.info("ready", service=name, port=port)
        await stop.wait()
        log.info("stopping", service=name)
    if tracing is not None:
        tracing.shutdown()


def stop_signal() -> asyncio.Event:
    """Set when the process is asked to end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
