"""What one request does to an organisation, for the security log."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.deps import PrincipalDep
from config_api.principal import Principal
from config_api.security import log


@dataclass(frozen=True)
class Trail:
    request: Request
    caller: Principal
    organisation_id: UUID

    async def record(self, session: AsyncSession, action: str, subject: UUID) -> None:
        """Stored with the change itself; `subject` is what it was done to."""
        where = self.organisation_id
        await log.record(session, self.request, action, actor=self.caller, organisation_id=where, subject=str(subject))


async def get_trail(organisation_id: UUID, request: Request, caller: PrincipalDep) -> Trail:
    return Trail(request, caller, organisation_id)


TrailDep = Annotated[Trail, Depends(get_trail)]
