"""Plans: 30 days for nothing, then the standard plan."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.mailboxes.service import watch_from_now
from config_api.models import Assistant, Mailbox, now
from config_api.outbox import next_revision
from config_api.plans.limits import operators
from config_api.plans.models import Plan, PlanChange
from config_api.plans.schemas import PlanGrant
from config_api.problems import Invalid

TRIAL = timedelta(days=30)


async def begin(session: AsyncSession, organisation_id: UUID, *, trial: bool, actor: str) -> None:
    """A new organisation's first plan: a trial for people, the standard plan where the operator made it."""
    at = now()
    plan = operators(organisation_id)
    if trial:
        ends_at = at + TRIAL
        plan = Plan(
            organisation_id=organisation_id, kind="trial", trial_ends_at=ends_at, max_assistants=1, max_mailboxes=1
        )
    session.add(plan)
    _note(session, plan, at, actor)
    await session.flush()


async def upgrade(session: AsyncSession, organisation_id: UUID, *, actor: str, price_terms: str) -> Plan:
    """To the standard plan, as of now; nothing changes for whoever has it."""
    revision = await next_revision(session)
    plan = await locked(session, organisation_id)
    if plan.kind != "standard":
        await switch(session, plan, "standard", now(), revision=revision, actor=actor, price_terms=price_terms)
    return plan


async def grant(session: AsyncSession, organisation_id: UUID, data: PlanGrant, *, actor: str) -> Plan:
    """What the operator decides. Raises Invalid (`trial_end_missing`, `plan_is_no_trial`)."""
    revision = await next_revision(session)
    plan = await locked(session, organisation_id)
    sent = data.model_dump(exclude_unset=True)
    kind: str = sent.pop("kind", plan.kind)
    ends_at: datetime | None = sent.pop("trial_ends_at", None)
    if ends_at is not None and "kind" not in data.model_fields_set and plan.kind == "ended":
        kind = "trial"
    if kind == "trial" and ends_at is None and plan.kind != "trial":
        raise Invalid("trial_end_missing")
    if kind != "trial" and ends_at is not None:
        raise Invalid("plan_is_no_trial")
    for name, value in sent.items():
        setattr(plan, name, value)
    if kind != plan.kind or ends_at is not None:
        await switch(session, plan, kind, now(), revision=revision, actor=actor, trial_ends_at=ends_at)
    return plan


async def switch(
    session: AsyncSession,
    plan: Plan,
    kind: str,
    at: datetime,
    *,
    revision: int,
    actor: str,
    trial_ends_at: datetime | None = None,
    price_terms: str = "",
) -> None:
    """Another plan, or another end of the same; `at` is since when an ended one has ended.

    Off means off: what arrived while nothing was drafted gets no draft afterwards.
    """
    was_off = plan.active_until is not None and plan.active_until <= now()
    if kind != plan.kind:
        plan.kind = kind
        _note(session, plan, at, actor, price_terms)
    plan.ended_at = at if kind == "ended" else None
    if trial_ends_at is not None:
        plan.trial_ends_at, plan.notices_sent = trial_ends_at, 0
    plan.updated_at = now()
    organisation_id = plan.organisation_id
    if was_off and (plan.active_until is None or plan.active_until > now()):
        await watch_from_now(session, col(Mailbox.organisation_id) == organisation_id, revision)
    mine = update(Assistant).where(col(Assistant.organisation_id) == organisation_id)
    await session.exec(mine.values(revision=revision))


async def locked(session: AsyncSession, organisation_id: UUID) -> Plan:
    """The plan, for a change, as it is now. To be called once `next_revision` is taken."""
    query = select(Plan).where(Plan.organisation_id == organisation_id).with_for_update()
    found = (await session.exec(query.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        found = operators(organisation_id)
        session.add(found)
    return found


async def history(session: AsyncSession, organisation_id: UUID) -> Sequence[PlanChange]:
    """Which plan began when, in that order."""
    query = select(PlanChange).where(PlanChange.organisation_id == organisation_id)
    return (await session.exec(query.order_by(col(PlanChange.began_at), col(PlanChange.recorded_at)))).all()


def _note(session: AsyncSession, plan: Plan, at: datetime, actor: str, price_terms: str = "") -> None:
    session.add(
        PlanChange(
            organisation_id=plan.organisation_id, kind=plan.kind, began_at=at, actor=actor, price_terms=price_terms
        )
    )
