"""Wiring: the API, what runs beside it, and what it listens to on the bus."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute

from config_api import problems
from config_api.accounts import endpoints as accounts
from config_api.activity import endpoints as activity
from config_api.activity.service import ActivityRecorder
from config_api.api_keys import endpoints as api_keys
from config_api.assistants import endpoints as assistants
from config_api.auth import endpoints as auth
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.deps import require_service
from config_api.internal import endpoints as internal
from config_api.internal.service import Snapshots
from config_api.keys.service import ContentKeys
from config_api.knowledge import endpoints as knowledge
from config_api.mailboxes import endpoints as mailboxes
from config_api.mailboxes.service import StatusRecorder
from config_api.members import endpoints as members
from config_api.models import SCHEMA, now
from config_api.notices.sender import Sender
from config_api.notices.service import QUEUE as NOTICES
from config_api.operator import endpoints as operator
from config_api.organisations import endpoints as organisations
from config_api.outbox import relay
from config_api.plans import endpoints as plans
from config_api.playground import endpoints as playground
from config_api.privacy import endpoints as privacy
from config_api.rotation import keys_in_use
from config_api.security import endpoints as security
from config_api.settings import Settings
from config_api.usage import endpoints as usage
from shared.bus.seam import Subscription
from shared.database import migrate
from shared.errors import PermanentError
from shared.events import Event, MailboxStatusChanged, MessageSettled
from shared.tasks import background

GROUP = "config-api"

RESOURCES = (
    auth,
    accounts,
    organisations,
    members,
    api_keys,
    assistants,
    mailboxes,
    knowledge,
    playground,
    activity,
    usage,
    plans,
    privacy,
    operator,
    security,
)


@dataclass(frozen=True)
class ConfigApi:
    """The service's parts, not running yet."""

    settings: Settings
    database: Database
    master_keys: MasterKeys
    content_keys: ContentKeys

    @classmethod
    def of(cls, settings: Settings) -> "ConfigApi":
        """Raises ValueError where a master key is not valid."""
        master_keys = MasterKeys.parse(settings.master_keys)
        database = Database(settings.database_url.get_secret_value(), connections=settings.database_connections)
        retention = timedelta(seconds=settings.content_retention)
        return cls(settings, database, master_keys, ContentKeys(database, master_keys, retention))

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Nothing else would bring these events back, so they are tried for ever."""
        recorder, activity = StatusRecorder(self.database), ActivityRecorder(self.database)
        return (
            Subscription(MailboxStatusChanged, GROUP, recorder.on_mailbox_status, attempts=None),
            Subscription(MessageSettled, GROUP, activity.on_message_settled, attempts=None),
        )

    @asynccontextmanager
    async def running(self, publish: Callable[[Event], Awaitable[None]]) -> AsyncGenerator[None]:
        """Migrates, issues content keys, and relays the outbox to `publish` while entered.

        Raises PermanentError (`master_key_missing`) where something is sealed with a key that is not in the settings.
        """
        url = self.settings.database_url.get_secret_value()
        try:
            await migrate(url, "config_api", schema=SCHEMA)
            if await keys_in_use(self.database) - self.master_keys.ids:
                raise PermanentError("master_key_missing")
            await self.content_keys.issue(now())
            await self.content_keys.destroy(now())
            notices = Sender(self.master_keys)
            async with (
                background(self.content_keys.maintain(), name="content-keys"),
                relay(url, publish, {NOTICES: notices.send}),
            ):
                yield
        finally:
            await self.database.close()


def create_app(service: ConfigApi) -> FastAPI:
    """The HTTP API over the service's parts; it starts nothing by itself."""
    app = FastAPI(title="Kinamik", version="1", generate_unique_id_function=_operation_id)
    app.state.settings = service.settings
    app.state.database = service.database
    app.state.master_keys = service.master_keys
    app.state.content_keys = service.content_keys
    app.state.snapshots = Snapshots(service.database, service.master_keys)
    problems.install(app)
    public = APIRouter(prefix="/api/v1", responses=problems.RESPONSES)
    for resource in RESOURCES:
        public.include_router(resource.router)
    app.include_router(public)
    app.include_router(
        internal.router, prefix="/internal/v1", dependencies=[Depends(require_service)], tags=["internal"]
    )
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
