"""Restriction of processing (GDPR, article 18): data stays and nothing is done with it.

A restricted organisation counts as switched off, for everybody who asks the internal API. A restricted person may do
nothing but see to the own account (see deps.get_principal).
"""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts import lookup
from config_api.accounts.models import Account
from config_api.models import Organisation, now
from config_api.organisations.service import apply
from config_api.records import find


async def restrict(session: AsyncSession, organisation_id: UUID, *, on: bool) -> Organisation:
    """Switched off again, what has arrived meanwhile gets no draft. Twice changes nothing."""
    organisation = await find(session, Organisation, organisation_id)
    if (organisation.restricted_at is not None) == on:
        return organisation
    return await apply(session, organisation_id, {"restricted_at": now() if on else None})


async def restrict_person(session: AsyncSession, account_id: UUID, *, on: bool) -> Account:
    account = await lookup.get(session, account_id, lock=True)
    if (account.restricted_at is not None) != on:
        account.restricted_at, account.updated_at = now() if on else None, now()
    return account
