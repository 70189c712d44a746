from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from config_api.fields import Moment, Name

Scope = Literal["read", "write"]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=2)]


class ApiKeyCreate(BaseModel):
    """`read` is for GET, `write` for everything else. Without `expires_at` the key is good until it is revoked."""

    name: Name
    scopes: Scopes = ["read"]
    expires_at: Moment | None = None


class ApiKeyPublic(BaseModel):
    """`start` is what the key begins with, by which people tell keys apart."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    start: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class ApiKeyCreated(ApiKeyPublic):
    """`key` is shown this once: only a digest of it is kept."""

    key: str
