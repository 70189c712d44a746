from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from config_api.fields import MailAddress
from config_api.messages.catalogue import Language
from config_api.principal import Role

Token = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class MemberPublic(BaseModel):
    """`id` is the person's account."""

    id: UUID
    user_name: str
    first_name: str
    last_name: str
    email: str
    role: Role
    created_at: datetime


class MemberUpdate(BaseModel):
    role: Role


class InvitationCreate(BaseModel):
    """`language` is that of the mail."""

    email: MailAddress
    role: Role = "member"
    language: Language = "de"


class InvitationPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime


class InvitationAccept(BaseModel):
    token: Token


class MembershipPublic(BaseModel):
    organisation_id: UUID
    role: Role
