from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.deps import NO_KEYS, OWNERS, DatabaseDep, OperatorDep, PrincipalDep, SettingsDep, TenantSession
from config_api.models import Assistant, Mailbox, Organisation
from config_api.plans import service
from config_api.plans.limits import in_use, plan_of
from config_api.plans.models import Plan
from config_api.plans.schemas import PlanGrant, PlanPublic, PlanUpgrade
from config_api.problems import Conflict
from config_api.records import find
from config_api.security import log
from config_api.settings import Settings

router = APIRouter(tags=["plan"])

OF_ORGANISATION = "/organisations/{organisation_id}/plan"


@router.get(OF_ORGANISATION)
async def get_plan(organisation_id: UUID, session: TenantSession, settings: SettingsDep) -> PlanPublic:
    """What the organisation may use, until when, and at what price."""
    return await _public(session, await plan_of(session, organisation_id), settings)


@router.post(f"{OF_ORGANISATION}/upgrade", dependencies=[OWNERS, NO_KEYS])
async def upgrade_plan(
    organisation_id: UUID,
    data: PlanUpgrade,
    session: TenantSession,
    settings: SettingsDep,
    caller: PrincipalDep,
    request: Request,
) -> PlanPublic:
    """Changes to the standard plan at once; who did, when, and on what terms is kept."""
    if data.price_terms != settings.price_terms_version:
        raise Conflict("price_terms_outdated")
    plan = await service.upgrade(session, organisation_id, actor=caller.name, price_terms=data.price_terms)
    await log.record(session, request, "plan.upgraded", actor=caller, organisation_id=organisation_id)
    return await _public(session, plan, settings)


@router.patch("/operator/organisations/{organisation_id}/plan")
async def grant_plan(
    organisation_id: UUID,
    data: PlanGrant,
    database: DatabaseDep,
    settings: SettingsDep,
    caller: OperatorDep,
    request: Request,
) -> PlanPublic:
    """Sets the plan, what it allows, or when the trial ends."""
    async with database.tenant(organisation_id) as session:
        await find(session, Organisation, organisation_id)
        plan = await service.grant(session, organisation_id, data, actor=caller.name)
        await log.record(session, request, "plan.granted", actor=caller, organisation_id=organisation_id)
        return await _public(session, plan, settings)


async def _public(session: AsyncSession, plan: Plan, settings: Settings) -> PlanPublic:
    assistants, mailboxes = [await in_use(session, model, plan.organisation_id) for model in (Assistant, Mailbox)]
    return PlanPublic.of(plan, settings, assistants=assistants, mailboxes=mailboxes)
