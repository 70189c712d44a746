"""Notices that go to an organisation's owners, each in their own language."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.crypto import MasterKeys
from config_api.members.models import Membership
from config_api.models import Organisation
from config_api.notices.service import Kind, notify


async def notify_owners(
    session: AsyncSession,
    master_keys: MasterKeys,
    kind: Kind,
    organisation_id: UUID,
    *,
    link: str = "",
    values: dict[str, str] | None = None,
) -> None:
    """Once this transaction, which is the organisation's, is committed. Its name is `organisation` in the values."""
    query = select(Account.email, Account.language).join(Membership, col(Membership.account_id) == Account.id)
    query = query.where(Membership.organisation_id == organisation_id, Membership.role == "owner")
    owners = (await session.exec(query.where(col(Account.active), col(Account.email).is_not(None)))).all()
    name = (await session.exec(select(Organisation.name).where(Organisation.id == organisation_id))).one()
    told = {"organisation": name} | (values or {})
    for email, language in owners:
        await notify(session, master_keys, kind, email or "", language=language, link=link, values=told)
