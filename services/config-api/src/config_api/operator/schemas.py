from datetime import datetime

from pydantic import BaseModel, Field

from config_api.accounts.schemas import AccountPublic
from config_api.fields import Flag, unset


class AccountForOperator(AccountPublic):
    """`active` False: locked. Without `email` it only keeps a user name taken, and goes when it is not confirmed."""

    active: bool
    confirmed_at: datetime | None
    restricted_at: datetime | None


class AccountSwitches(BaseModel):
    """`active` locks and unlocks, `operator` grants and revokes. What is left out stays as it is."""

    active: Flag = Field(default_factory=unset)
    operator: Flag = Field(default_factory=unset)
