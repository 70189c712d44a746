"""What goes out into the network for whoever asks is done so many times an hour, whichever replica is asked."""

from uuid import UUID

from fastapi import Request

from config_api.principal import Principal
from config_api.security import gate
from shared.limits import counted_as


async def take(request: Request, action: str, organisation_id: UUID, caller: Principal) -> None:
    """One time more for the organisation, and for the person, who may have many organisations.

    Not within a transaction. Raises TooManyRequests (`too_many_attempts`).
    """
    if caller.account_id is not None:
        await gate.admit(request, action, user_name=counted_as(caller.account_id))
    await gate.admit(request, action, user_name=counted_as(organisation_id))
