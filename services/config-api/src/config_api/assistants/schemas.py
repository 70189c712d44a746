from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from config_api.fields import Name, Text, unset

FormOfAddress = Literal["sie", "du", "thread"]


class AssistantCreate(BaseModel):
    name: Name
    active: bool = True
    instructions: Text = ""
    form_of_address: FormOfAddress = "sie"
    signature: Text = ""
    extractive_fallback: bool = True
    reply_all: bool = False


class AssistantUpdate(BaseModel):
    name: Name = Field(default_factory=unset)
    active: bool = Field(default_factory=unset)
    instructions: Text = Field(default_factory=unset)
    form_of_address: FormOfAddress = Field(default_factory=unset)
    signature: Text = Field(default_factory=unset)
    extractive_fallback: bool = Field(default_factory=unset)
    reply_all: bool = Field(default_factory=unset)


class AssistantPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organisation_id: UUID
    name: str
    active: bool
    instructions: str
    form_of_address: FormOfAddress
    signature: str
    extractive_fallback: bool
    reply_all: bool
    created_at: datetime
    updated_at: datetime
