"""Having the service tell us what is new (https://learn.microsoft.com/graph/change-notifications-overview)."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import structlog
from msgraph.generated.models.subscription import Subscription as Model

from shared.errors import KinamikError
from shared.mailbox.graph.client import Graph
from shared.mailbox.graph.errors import NotThere
from shared.mailbox.graph.requests import asking
from shared.mailbox.graph.subscription import Subscription
from shared.mailbox.push import Push

log = structlog.get_logger(__name__)

LIFETIME = timedelta(hours=24)
"""The service allows 4,230 minutes; one that nobody renews, since its process has died, should not go on for long."""
RENEWED_BEFORE = timedelta(hours=8)
AGAIN_AFTER = timedelta(minutes=5)
"""How soon it is tried again after a failure."""

Kept = Literal["new", "alive", "none"]


async def keep(subscription: Subscription, graph: Graph, folder_id: str, push: Push) -> Kept:
    """Makes or renews it where that is due. Never raises a KinamikError: without it the folder is polled."""
    now = datetime.now(UTC)
    fits = bool(subscription.id) and subscription.folder_id == folder_id
    if fits and not push.in_doubt and subscription.expires - now > RENEWED_BEFORE:
        return "alive"
    if now < subscription.try_again:
        return "none"
    try:
        renewed = fits and await _renew(subscription, graph, now)
        if not renewed:
            await _create(subscription, graph, folder_id, now)
    except KinamikError as error:
        log.warning("subscription_refused", reason=error.reason)
        subscription.try_again = now + AGAIN_AFTER
        return "none"
    push.in_doubt = False
    return "alive" if renewed else "new"


async def _renew(subscription: Subscription, graph: Graph, now: datetime) -> bool:
    """Whether there is one to be renewed."""
    one = graph.subscriptions.by_subscription_id(subscription.id)
    change = Model(expiration_date_time=now + LIFETIME)
    try:
        await graph.answer(one.to_patch_request_information(change, asking()), dict)
    except NotThere:
        return False
    subscription.expires = now + LIFETIME
    return True


async def _create(subscription: Subscription, graph: Graph, folder_id: str, now: datetime) -> None:
    """With immutable ids, as all that is asked for."""
    endpoint = subscription.endpoint
    wanted = Model(
        change_type="created",
        resource=f"{graph.resource}/mailFolders('{folder_id}')/messages",
        notification_url=endpoint.notification_url,
        lifecycle_notification_url=endpoint.lifecycle_url,
        client_state=endpoint.client_state.get_secret_value(),
        expiration_date_time=now + LIFETIME,
    )
    subscription.id = ""
    request = graph.subscriptions.to_post_request_information(wanted, asking())
    subscription.id = await graph.answer(request, lambda made: str(made["id"]))
    subscription.folder_id, subscription.expires = folder_id, now + LIFETIME
