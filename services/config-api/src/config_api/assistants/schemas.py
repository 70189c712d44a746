from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from config_api.fields import Flag, Name, Text, unset
from config_api.messages.catalogue import Language as Written
from config_api.models import now
from config_api.starting_points.schemas import StartingPoint
from shared.config import Language

FormOfAddress = Literal["sie", "du", "thread"]


def _distinct(languages: list[Language]) -> list[Language]:
    if len(set(languages)) < len(languages):
        raise ValueError("twice the same")
    return languages


Languages = Annotated[
    list[Language],
    Field(min_length=1, max_length=2, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]
DailyLimit = Annotated[int, Field(ge=1, le=1_000_000)]
TokenBudget = Annotated[int, Field(ge=1, le=10**15)]


class AssistantCreate(BaseModel):
    """`languages` are those it writes; mail in any other is answered in the first of them. `daily_limit` bounds its
    drafts, `monthly_token_budget` the model's tokens, in and out; null for no bound.

    `starting_point` brings the sample knowledge of a trade, in `starting_language`, and its instructions where none are
    given.
    """

    name: Name
    description: Text = ""
    active: Flag = True
    instructions: Text = ""
    form_of_address: FormOfAddress = "sie"
    signature: Text = ""
    languages: Languages = ["de", "en"]
    extractive_fallback: Flag = True
    reply_all: Flag = False
    daily_limit: DailyLimit | None = None
    monthly_token_budget: TokenBudget | None = None
    starting_point: StartingPoint | None = None
    starting_language: Written = "de"


class AssistantUpdate(BaseModel):
    name: Name = Field(default_factory=unset)
    description: Text = Field(default_factory=unset)
    active: Flag = Field(default_factory=unset)
    instructions: Text = Field(default_factory=unset)
    form_of_address: FormOfAddress = Field(default_factory=unset)
    signature: Text = Field(default_factory=unset)
    languages: Languages = Field(default_factory=unset)
    extractive_fallback: Flag = Field(default_factory=unset)
    reply_all: Flag = Field(default_factory=unset)
    daily_limit: DailyLimit | None = Field(default_factory=unset)
    monthly_token_budget: TokenBudget | None = Field(default_factory=unset)


class AssistantPublic(BaseModel):
    """Where a limit is reached, the assistant pauses until `paused_until` and goes on by itself; `paused_reason` is
    `daily_limit` or `token_budget`.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organisation_id: UUID
    name: str
    description: str
    active: bool
    instructions: str
    form_of_address: FormOfAddress
    signature: str
    languages: list[Language]
    extractive_fallback: bool
    reply_all: bool
    daily_limit: int | None
    monthly_token_budget: int | None
    paused_until: datetime | None
    paused_reason: str
    created_at: datetime
    updated_at: datetime

    @model_validator(mode="after")
    def _forget_what_is_over(self) -> Self:
        if self.paused_until is not None and self.paused_until <= now():
            self.paused_until, self.paused_reason = None, ""
        return self
