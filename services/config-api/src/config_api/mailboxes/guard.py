"""A mail server that a customer names must not lead into our own network."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from config_api.database import Database
from config_api.deps import DatabaseDep, KnownOrganisation, PrincipalDep, SettingsDep
from config_api.principal import Principal
from config_api.problems import Invalid
from config_api.security import log
from shared.errors import PermanentError, TransientError
from shared.mailbox import hosts


@dataclass(frozen=True)
class HostGuard:
    """To be asked outside the transaction that saves the mailbox: a name server may take seconds."""

    database: Database
    request: Request
    caller: Principal
    organisation_id: UUID
    private_hosts: bool

    async def require_public(self, host: str | None) -> None:
        """Raises Invalid (`host_not_public`), and tells the security log.

        A name that is unknown is let through. Whoever connects looks again, and goes to no other address than that.
        """
        if host is None or self.private_hosts:
            return
        try:
            await hosts.addresses(host, 0, private_hosts=False)
        except TransientError:
            return
        except PermanentError as error:
            await self.note_refusal()
            raise Invalid(error.reason) from None

    async def note_refusal(self) -> None:
        """In a transaction of its own, since what was asked for is not done."""
        async with self.database.tenant(self.organisation_id) as session:
            await log.record(
                session,
                self.request,
                "mailbox.host_refused",
                actor=self.caller,
                organisation_id=self.organisation_id,
                outcome="host_not_public",
            )


async def get_guard(
    organisation_id: KnownOrganisation,
    request: Request,
    caller: PrincipalDep,
    database: DatabaseDep,
    settings: SettingsDep,
) -> HostGuard:
    return HostGuard(database, request, caller, organisation_id, settings.private_hosts)


HostGuardDep = Annotated[HostGuard, Depends(get_guard)]
