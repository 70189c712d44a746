"""All services in one process, on one database. What differs from five processes is the bus, and nothing else."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

import audit.settings
import config_api.settings
import drafter.main
import drafter.settings
import ingest.main
import ingest.settings
import writer.main
import writer.settings
from audit.main import Audit
from config_api import web
from config_api.app import ConfigApi, create_app
from config_api.fields import is_loopback
from config_api.settings import DemoMailbox
from embedded.demo_mail import ACCOUNTS, FOR_NEWCOMERS
from embedded.settings import Settings
from ingest.assignment import EveryMailbox
from ingest.ledger import Ledger
from ingest.ledger_api import LedgerApi
from shared.bus.embedded import EmbeddedBus
from shared.config_client import ConfigClient
from shared.database import create_engine
from shared.database import database_url as with_driver
from shared.ops import Checks, routes, serving
from shared.sealing import Keyring, Sealer

# Events at a time; each holds a database connection while the house stands.
WORKERS: Mapping[str, int] = {
    "ingest": 2,
    "ingest-config": 1,
    "drafter": 8,
    "drafter-config": 1,
    "writer": 6,
    "writer-config": 1,
    "config-api": 1,
    "audit": 1,
}


@dataclass(frozen=True)
class Secrets:
    service_token: SecretStr
    admin_token: SecretStr
    master_key: SecretStr


@asynccontextmanager
async def running(
    url: str, settings: Settings, secrets: Secrets, *, sealer: Sealer | None = None
) -> AsyncGenerator[Checks]:
    """Yields once everything is ready. `sealer` replaces the keyring, for tests that look for content at rest."""
    service_token, database_url = secrets.service_token, SecretStr(url)
    async with AsyncExitStack() as stack:
        config = ConfigClient(settings.api_url, secrets.service_token)
        keyring = Keyring(config.content_keys)
        bus = EmbeddedBus(with_driver(url, "asyncpg"), sealer or keyring, workers=WORKERS)
        checks: dict[str, Callable[[], Awaitable[bool]]] = {"bus": bus.healthy}

        api = ConfigApi.of(
            config_api.settings.Settings(
                service_token=service_token,
                database_url=database_url,
                database_connections=4,
                admin_token=secrets.admin_token,
                master_keys=(secrets.master_key,),
                audit_url=settings.api_url,
                ingest_url=settings.api_url,
                private_hosts=True,
                public_url=settings.public_url or settings.api_url,
                drafter_url=settings.api_url,
                writer_url=settings.api_url,
                edition="house",
                demo_mailbox=_demo_mailbox(settings),
            )
        )
        await stack.enter_async_context(api.running(bus.publish))
        bus.subscribe(*api.subscriptions())
        audit_service = Audit.of(audit.settings.Settings(service_token=service_token, database_url=database_url))
        app = create_app(api, admissions=audit_service)
        app.router.routes.extend(routes(checks))
        app.router.routes.extend(audit_service.routes())
        trusted = api.settings.trusted_proxies
        await stack.enter_async_context(serving(app, settings.host, settings.api_port, trusted_proxies=trusted))
        await stack.enter_async_context(config.running())
        await keyring.refresh()
        await stack.enter_async_context(keyring.running())

        ingest_settings = ingest.settings.Settings(
            service_token=service_token,
            database_url=database_url,
            private_hosts=True,
            redrive_after=settings.redrive_after,
            redrive_every=settings.redrive_every,
        )
        ledger_engine = create_engine(url)
        app.router.routes.extend(LedgerApi(service_token, Ledger(ledger_engine)).routes())
        checks |= await stack.enter_async_context(
            ingest.main.running(bus, config, settings=ingest_settings, assignment=EveryMailbox(), engine=ledger_engine)
        )
        drafter_settings = drafter.settings.Settings(
            service_token=service_token,
            llm_base_url=settings.llm_base_url,
            llm_api_key=settings.llm_api_key,
            llm_model=settings.llm_model,
        )
        checks |= await stack.enter_async_context(
            drafter.main.running(bus, config, settings=drafter_settings, routes=app.router.routes)
        )
        writer_settings = writer.settings.Settings(service_token=service_token, private_hosts=True)
        checks |= await stack.enter_async_context(writer.main.running(bus, config, settings=writer_settings))
        checks |= await stack.enter_async_context(audit_service.running(bus))
        web.install(app, settings.built_web_folder)
        await bus.start()
        stack.push_async_callback(bus.stop)
        yield checks


def _demo_mailbox(settings: Settings) -> DemoMailbox | None:
    if not settings.demo or not is_loopback(settings.host):
        return None
    return DemoMailbox(
        address=FOR_NEWCOMERS,
        password=ACCOUNTS[FOR_NEWCOMERS],
        imap_port=settings.imap_port,
        smtp_port=settings.smtp_port,
    )
