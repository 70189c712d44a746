from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class ExportPublic(BaseModel):
    """`rows_total` is null until they are counted, and grows where only another service knows how many there are.

    A `failed` export has a `reason`, and may be asked for anew. `size` is the archive's, in bytes.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: Literal["waiting", "running", "ready", "failed"]
    reason: str
    rows_done: int
    rows_total: int | None
    size: int
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime


class RestrictionPublic(BaseModel):
    """Since when processing is restricted; null where it is not."""

    model_config = ConfigDict(from_attributes=True)

    restricted_at: datetime | None
