"""Connecting a mailbox by OAuth: what is under way travels in `state`, and comes back as a mailbox."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.mailboxes.service import require_new
from config_api.models import Assistant, Mailbox, now
from config_api.oauth.access import sealed
from config_api.oauth.client import Tokens
from config_api.oauth.providers import Provider, ProviderName
from config_api.oauth.schemas import ConnectRequest, ReturnTo
from config_api.outbox import next_revision
from config_api.plans.limits import require_room
from config_api.problems import Conflict, Forbidden, Invalid
from config_api.records import change, find
from shared.errors import PermanentError

FIELD = "oauth_state"
LIFETIME = timedelta(minutes=15)


class Attempt(BaseModel):
    """Sealed for the session that began it: no other one can end it, and the verifier is nobody's to see."""

    provider: ProviderName
    organisation_id: UUID
    assistant_id: UUID | None
    mailbox_id: UUID | None
    team_mailbox: str
    return_to: ReturnTo
    verifier: str
    expires_at: datetime


def begun(organisation_id: UUID, data: ConnectRequest, verifier: str) -> Attempt:
    values = data.model_dump() | {"organisation_id": organisation_id, "verifier": verifier}
    return Attempt.model_validate(values | {"expires_at": now() + LIFETIME})


def seal(attempt: Attempt, session_id: UUID, master_keys: MasterKeys) -> str:
    """The `state` parameter (RFC 6749, 10.12)."""
    return master_keys.seal(attempt.model_dump_json().encode(), session_id, FIELD)


def unseal(state: str, session_id: UUID, master_keys: MasterKeys) -> Attempt:
    """Raises Invalid (`link_not_valid`) where it is none of this session's, or too old."""
    try:
        attempt = Attempt.model_validate_json(master_keys.open(state, session_id, FIELD))
    except (PermanentError, ValidationError):
        raise Invalid("link_not_valid") from None
    if attempt.expires_at < now():
        raise Invalid("link_not_valid")
    return attempt


async def require_possible(session: AsyncSession, data: ConnectRequest, organisation_id: UUID) -> Mailbox | None:
    """The mailbox that is to be connected anew; None for a new one.

    Raises Invalid (`assistant_or_mailbox`), NotFound (`assistant_unknown`, `mailbox_unknown`), Conflict
    (`plan_limit_reached`, `other_provider`): better before the person has logged in than after.
    """
    if (data.assistant_id is None) == (data.mailbox_id is None):
        raise Invalid("assistant_or_mailbox")
    if data.mailbox_id is None:
        assert data.assistant_id is not None
        await find(session, Assistant, data.assistant_id)
        await require_room(session, Mailbox, organisation_id)
        return None
    mailbox = await find(session, Mailbox, data.mailbox_id)
    if mailbox.provider != data.provider:
        raise Conflict("other_provider")
    return mailbox


def require_scopes(provider: Provider, tokens: Tokens) -> None:
    """Raises Forbidden (`scope_deselected`) where the person has not agreed to all that is needed.

    Whoever names no scopes has granted what was asked for (RFC 6749, 5.1); Microsoft may name them in full or not.
    """
    granted = {_short(scope) for scope in tokens.scopes}
    if granted and not granted.issuperset(_short(scope) for scope in provider.needed):
        raise Forbidden("scope_deselected")


def _short(scope: str) -> str:
    return scope.rpartition("/")[2].lower()


async def finish(
    session: AsyncSession, attempt: Attempt, address: str, tokens: Tokens, master_keys: MasterKeys
) -> Mailbox:
    """The mailbox, new or connected anew, with its tokens; in the organisation's own transaction.

    Raises NotFound, Conflict (`other_account`, `plan_limit_reached`, `mailbox_exists`), Invalid
    (`no_refresh_token`). A mailbox that is connected anew goes on where it stopped.
    """
    if tokens.refresh_token is None:
        raise Invalid("no_refresh_token")
    revision = await next_revision(session)
    mailbox = await _known(session, attempt, address)
    if mailbox is None:
        mailbox = await _new(session, attempt, address)
    elif mailbox.address.casefold() != address.casefold():
        raise Conflict("other_account")
    values: dict[str, Any] = {"revision": revision, "renewing_until": None}
    change(mailbox, values | sealed(tokens, mailbox.id, master_keys))
    await require_new(session)
    return mailbox


async def _known(session: AsyncSession, attempt: Attempt, address: str) -> Mailbox | None:
    """Whoever connects as new what is connected already means that one.

    A team's mailbox and the same one as a person's own are opened in different ways, and are not taken for each other.
    """
    if attempt.mailbox_id is not None:
        return await find(session, Mailbox, attempt.mailbox_id)
    query = select(Mailbox).where(Mailbox.provider == attempt.provider, col(Mailbox.deleted_at).is_(None))
    query = query.where(func.lower(Mailbox.team_mailbox) == attempt.team_mailbox.lower())
    return (await session.exec(query.where(func.lower(Mailbox.address) == address.lower()))).first()


async def _new(session: AsyncSession, attempt: Attempt, address: str) -> Mailbox:
    assert attempt.assistant_id is not None
    await find(session, Assistant, attempt.assistant_id)
    await require_room(session, Mailbox, attempt.organisation_id)
    mailbox = Mailbox(
        organisation_id=attempt.organisation_id,
        assistant_id=attempt.assistant_id,
        provider=attempt.provider,
        address=address,
        team_mailbox=attempt.team_mailbox,
    )
    session.add(mailbox)
    return mailbox
