from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from config_api.fields import Flag, Line, Name, OptionalMailAddress, Text, unset
from config_api.models import Organisation
from config_api.principal import Principal, Role

Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50, pattern=r"^[0-9A-Za-z+()/ .-]*$")]


class OrganisationCreate(BaseModel):
    name: Name
    active: Flag = True
    industry: Line = ""
    email: OptionalMailAddress = ""
    phone: Phone = ""
    contact: Line = ""
    address: Text = ""
    notes: Text = ""


class OrganisationUpdate(BaseModel):
    name: Name = Field(default_factory=unset)
    active: Flag = Field(default_factory=unset)
    industry: Line = Field(default_factory=unset)
    email: OptionalMailAddress = Field(default_factory=unset)
    phone: Phone = Field(default_factory=unset)
    contact: Line = Field(default_factory=unset)
    address: Text = Field(default_factory=unset)
    notes: Text = Field(default_factory=unset)


class OrganisationPublic(BaseModel):
    """`active` False pauses every assistant and mailbox of the organisation. `role` is the caller's.

    They pause as well from `restricted_at`, since when processing is restricted (GDPR, article 18), and once
    everything is to be erased, which it will be at `erase_at`.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    active: bool
    restricted_at: datetime | None
    erase_at: datetime | None
    industry: str
    email: str
    phone: str
    contact: str
    address: str
    notes: str
    role: Role
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, organisation: Organisation, caller: Principal) -> Self:
        """Whoever sees an organisation without having a role in it has just made it."""
        role = caller.role_in(organisation.id) or "owner"
        return cls.model_validate(organisation.model_dump() | {"role": role})
