"""How many assistants and mailboxes an organisation's plan allows."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.models import Assistant, Mailbox
from config_api.plans.models import Plan
from config_api.problems import Conflict

Limited = type[Assistant] | type[Mailbox]

# What whoever runs the installation makes, for himself or for others, is meant to be used.
PLENTY = 1000


def operators(organisation_id: UUID) -> Plan:
    """What an organisation has that the operator made, or that is older than plans are."""
    return Plan(organisation_id=organisation_id, kind="standard", max_assistants=PLENTY, max_mailboxes=PLENTY)


async def plan_of(session: AsyncSession, organisation_id: UUID) -> Plan:
    return await session.get(Plan, organisation_id) or operators(organisation_id)


async def in_use(session: AsyncSession, model: Limited, organisation_id: UUID) -> int:
    """How many there are, switched on or off."""
    query = select(func.count()).select_from(model)
    return (
        await session.exec(query.where(model.organisation_id == organisation_id, col(model.deleted_at).is_(None)))
    ).one()


async def require_room(session: AsyncSession, model: Limited, organisation_id: UUID) -> None:
    """To be called once `next_revision` is taken, under which nobody else adds one.

    Raises Conflict (`plan_limit_reached`).
    """
    plan = await plan_of(session, organisation_id)
    most = plan.max_assistants if model is Assistant else plan.max_mailboxes
    if await in_use(session, model, organisation_id) >= most:
        raise Conflict("plan_limit_reached")
