"""Wiring: the API, what runs beside it, and what it listens to on the bus."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from config_api import backups, problems
from config_api.accounts import endpoints as accounts
from config_api.accounts import upkeep
from config_api.activity import endpoints as activity
from config_api.activity.feed import Feeds
from config_api.activity.recorder import ActivityRecorder
from config_api.api_keys import endpoints as api_keys
from config_api.assistants import endpoints as assistants
from config_api.auth import endpoints as auth
from config_api.auth.by_mail import QUEUE as ASKED_BY_MAIL
from config_api.auth.by_mail import ByMail
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.deps import require_service
from config_api.idempotency import creates
from config_api.internal import endpoints as internal
from config_api.internal.service import Snapshots
from config_api.keys.service import ContentKeys
from config_api.knowledge import endpoints as knowledge
from config_api.mailboxes import endpoints as mailboxes
from config_api.mailboxes import notifications
from config_api.mailboxes.discovery import Discovery
from config_api.mailboxes.service import StatusRecorder
from config_api.measured import Measured
from config_api.members import endpoints as members
from config_api.models import SCHEMA, now
from config_api.notices import endpoints as newsletter
from config_api.notices.mailboxes import QUEUE as MAILBOX_AWAY
from config_api.notices.mailboxes import SecondLook
from config_api.notices.sender import Sender
from config_api.notices.service import QUEUE as NOTICES
from config_api.oauth import endpoints as oauth
from config_api.oauth.access import Access
from config_api.oauth.revocation import QUEUE as ENDED_GRANTS
from config_api.oauth.revocation import Revocations
from config_api.operator import endpoints as operator
from config_api.operator import health as services
from config_api.organisations import endpoints as organisations
from config_api.outbox import relay
from config_api.overview import endpoints as overview
from config_api.plans import endpoints as plans
from config_api.plans.keeper import PlanKeeper
from config_api.playground import endpoints as playground
from config_api.privacy import endpoints as privacy
from config_api.privacy.eraser import Eraser
from config_api.privacy.exporter import Exporter
from config_api.privacy.others import OtherServices
from config_api.retention import Retention
from config_api.rotation import keys_in_use
from config_api.security import endpoints as security
from config_api.security import refusals
from config_api.security.bodies import BodyLimit
from config_api.security.gate import Gate
from config_api.security.headers import SecurityHeaders
from config_api.settings import Settings
from config_api.site import endpoints as site
from config_api.starting_points import endpoints as starting_points
from config_api.turns import Turns
from config_api.usage import endpoints as usage
from shared.audit_client import Admissions, AuditClient
from shared.bus.seam import Subscription
from shared.database import migrate
from shared.errors import PermanentError
from shared.events import ErasureRequested, Event, MailboxStatusChanged, MessageSettled
from shared.tasks import background

GROUP = "config-api"

RESOURCES = (
    site,
    starting_points,
    auth,
    accounts,
    organisations,
    members,
    api_keys,
    assistants,
    oauth,
    notifications,
    mailboxes,
    knowledge,
    playground,
    activity,
    overview,
    usage,
    plans,
    newsletter,
    privacy,
    operator,
    services,
    security,
)


@dataclass(frozen=True)
class ConfigApi:
    """The service's parts, not running yet."""

    settings: Settings
    database: Database
    master_keys: MasterKeys
    content_keys: ContentKeys
    audit: AuditClient
    eraser: Eraser
    exporter: Exporter

    @classmethod
    def of(cls, settings: Settings) -> "ConfigApi":
        """Raises ValueError where a master key is not valid."""
        master_keys = MasterKeys.parse(settings.master_keys)
        database = Database(settings.database_url.get_secret_value(), connections=settings.database_connections)
        retention = timedelta(seconds=settings.content_retention)
        content_keys = ContentKeys(database, master_keys, retention)
        audit = AuditClient(settings.audit_url, settings.service_token)
        eraser = Eraser(database, master_keys)
        exporter = Exporter(database, master_keys, OtherServices(settings, audit))
        return cls(settings, database, master_keys, content_keys, audit, eraser, exporter)

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Nothing else would bring these events back, so they are tried for ever."""
        recorder = StatusRecorder(self.database, self.master_keys)
        activity = ActivityRecorder(self.database, self.master_keys, prices=self.settings.model_prices)
        return (
            Subscription(MailboxStatusChanged, GROUP, recorder.on_mailbox_status, attempts=None),
            Subscription(MessageSettled, GROUP, activity.on_message_settled, attempts=None),
            Subscription(ErasureRequested, GROUP, self.eraser.on_erasure_requested, attempts=None),
        )

    @asynccontextmanager
    async def running(self, publish: Callable[[Event], Awaitable[None]]) -> AsyncGenerator[None]:
        """Migrates, issues content keys, and relays the outbox to `publish` while entered.

        Raises PermanentError (`master_key_missing`) where something is sealed with a key that is not in the settings.
        """
        url = self.settings.database_url.get_secret_value()
        backups.watch(self.settings.backup_stamp)
        try:
            await migrate(url, "config_api", schema=SCHEMA)
            if await keys_in_use(self.database) - self.master_keys.ids:
                raise PermanentError("master_key_missing")
            await self.content_keys.issue(now())
            await self.content_keys.destroy(now())
            notices, asked = Sender(self.master_keys, self.settings), ByMail(self.database, self.master_keys)
            away = SecondLook(self.database, self.master_keys)
            ended_grants = Revocations(self.database, self.master_keys, self.settings)
            others = {
                NOTICES: notices.send,
                ASKED_BY_MAIL: asked.answer,
                MAILBOX_AWAY: away.look,
                ENDED_GRANTS: ended_grants.end,
            }
            async with (
                background(self.content_keys.maintain(), name="content-keys"),
                background(PlanKeeper(self.database, self.master_keys).maintain(), name="plans"),
                background(Retention(self.database, self.settings).maintain(), name="retention"),
                background(upkeep.maintain(self.database), name="accounts"),
                background(self.eraser.run(), name="erasures"),
                background(self.exporter.run(), name="exports"),
                relay(url, publish, others),
            ):
                yield
        finally:
            await self.exporter.close()
            await self.audit.close()
            await self.database.close()


def create_app(service: ConfigApi, *, admissions: Admissions | None = None) -> FastAPI:
    """The HTTP API over the service's parts; it starts nothing by itself.

    `admissions` counts what is tried, where audit is in the same process.
    """
    app = FastAPI(
        title="Kinamik",
        version="1",
        generate_unique_id_function=_operation_id,
        # Their pages load scripts from elsewhere; the document itself stays at /openapi.json.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = service.settings
    app.state.database = service.database
    app.state.master_keys = service.master_keys
    app.state.content_keys = service.content_keys
    app.state.audit = service.audit
    app.state.gate = Gate(admissions or service.audit, service.settings.rules())
    app.state.discovery = Discovery.of(private_hosts=service.settings.private_hosts)
    app.state.turns = Turns()
    app.state.feeds = Feeds()
    app.state.access = Access(service.database, service.master_keys, service.settings)
    app.state.snapshots = Snapshots(service.database, service.master_keys)
    problems.install(app)
    refusals.install(app, refusals.Refusals(service.database))
    creates.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, tls=not service.settings.plain_loopback)
    app.add_middleware(Measured)
    for resource in RESOURCES:
        app.include_router(
            resource.router,
            prefix="/api/v1",
            responses=problems.RESPONSES,
            dependencies=[Depends(creates.reserve)],
        )
    app.include_router(
        internal.router, prefix="/internal/v1", dependencies=[Depends(require_service)], include_in_schema=False
    )
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
