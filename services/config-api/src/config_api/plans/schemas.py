from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from config_api.fields import Moment, unset
from config_api.models import now
from config_api.plans.models import Plan
from config_api.settings import Settings

Kind = Literal["trial", "standard", "ended"]
Most = Annotated[int, Field(ge=0, le=100_000)]


class PlanGrant(BaseModel):
    """What the operator may decide; what is left out stays. `trial_ends_at` makes an ended trial go on."""

    kind: Kind = Field(default_factory=unset)
    trial_ends_at: Moment = Field(default_factory=unset)
    max_assistants: Most = Field(default_factory=unset)
    max_mailboxes: Most = Field(default_factory=unset)


class PlanUpgrade(BaseModel):
    """The version of the price terms that were shown, which is the one that is agreed to."""

    price_terms: Annotated[str, StringConstraints(min_length=1, max_length=50)]


class PlanPublic(BaseModel):
    """`active` False means that all assistants pause, because the trial or the plan has ended.

    The price is in EUR per assistant and month, without VAT.
    """

    organisation_id: UUID
    kind: Kind
    active: bool
    trial_ends_at: datetime | None
    ended_at: datetime | None
    max_assistants: int
    max_mailboxes: int
    assistants: int
    mailboxes: int
    price_per_assistant: Decimal
    vat_percent: Decimal
    price_terms: str

    @classmethod
    def of(cls, plan: Plan, settings: Settings, *, assistants: int, mailboxes: int) -> Self:
        until = plan.active_until
        return cls.model_validate(
            plan.model_dump()
            | {
                "active": until is None or until > now(),
                "assistants": assistants,
                "mailboxes": mailboxes,
                "price_per_assistant": settings.price_per_assistant,
                "vat_percent": settings.vat_percent,
                "price_terms": settings.price_terms_version,
            }
        )
