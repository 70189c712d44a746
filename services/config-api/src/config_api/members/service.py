"""Members: people who may work with an organisation, as its owners or not."""

from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.orm import load_only
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from config_api.accounts.models import Account
from config_api.members.models import Membership
from config_api.members.ownership import require_owner_besides
from config_api.members.schemas import MemberPublic
from config_api.principal import Principal, Role
from config_api.problems import Forbidden, NotFound
from config_api.records import Page, Paging, next_cursor

SHOWN = ("user_name", "first_name", "last_name", "email")


async def list_members(session: AsyncSession, paging: Paging) -> Page[MemberPublic]:
    """Oldest first."""
    moment, account_id = col(Membership.created_at), col(Membership.account_id)
    query = _members()
    if after := paging.after():
        query = query.where(tuple_(moment, account_id) > after)
    rows = (await session.exec(query.order_by(moment, account_id).limit(paging.limit + 1))).all()
    items = [_public(*row) for row in rows[: paging.limit]]
    more = len(rows) > paging.limit
    return Page(items=items, next_cursor=next_cursor(items[-1].created_at, items[-1].id) if more else None)


async def set_role(session: AsyncSession, organisation_id: UUID, account_id: UUID, role: Role) -> MemberPublic:
    """Raises NotFound (`member_unknown`), Conflict (`last_owner`)."""
    if role != "owner":
        await require_owner_besides(session, organisation_id, account_id)
    membership = await _find(session, organisation_id, account_id)
    membership.role = role
    await session.flush()
    return _public(*(await session.exec(_members().where(Membership.account_id == account_id))).one())


async def remove(session: AsyncSession, organisation_id: UUID, account_id: UUID, caller: Principal) -> str:
    """What that is called: a member who is `left` or `removed`. Owners remove anybody, others themselves.

    Raises Forbidden (`owners_only`), NotFound (`member_unknown`), Conflict (`last_owner`).
    """
    leaving = caller.account_id == account_id
    if not leaving and caller.role_in(organisation_id) != "owner":
        raise Forbidden("owners_only")
    await require_owner_besides(session, organisation_id, account_id)
    await session.delete(await _find(session, organisation_id, account_id))
    return "left" if leaving else "removed"


def _members() -> "Select[Membership, Account]":
    shown = load_only(*(getattr(Account, name) for name in SHOWN))
    return select(Membership, Account).join(Account, col(Account.id) == Membership.account_id).options(shown)


def _public(membership: Membership, person: Account) -> MemberPublic:
    shown = {name: getattr(person, name) for name in SHOWN}
    return MemberPublic.model_validate(
        shown | {"id": membership.account_id, "role": membership.role, "created_at": membership.created_at}
    )


async def _find(session: AsyncSession, organisation_id: UUID, account_id: UUID) -> Membership:
    if (membership := await session.get(Membership, (organisation_id, account_id))) is None:
        raise NotFound("member_unknown")
    return membership
