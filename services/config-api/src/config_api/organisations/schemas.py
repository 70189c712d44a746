from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from config_api.fields import Name, unset


class OrganisationCreate(BaseModel):
    name: Name
    active: bool = True


class OrganisationUpdate(BaseModel):
    name: Name = Field(default_factory=unset)
    active: bool = Field(default_factory=unset)


class OrganisationPublic(BaseModel):
    """`active` False pauses every assistant and mailbox of the organisation."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    active: bool
    created_at: datetime
    updated_at: datetime
