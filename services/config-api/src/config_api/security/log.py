"""What the security log is told. It is stored with the change itself, and reaches the audit service by the bus."""

import ipaddress
from uuid import UUID

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.outbox import announce
from config_api.principal import Principal
from shared.events import AuditRecorded


async def record(
    session: AsyncSession,
    request: Request,
    action: str,
    *,
    actor: Principal | str,
    organisation_id: UUID | None = None,
    subject: str = "",
    user_name: str = "",
    outcome: str = "ok",
) -> None:
    """Who did what from where, and how it ended: `login` `failed`, `member.removed` `ok`.

    `user_name` is what was entered at a log-in, known or not; `subject` is the id of what it was done to.
    """
    await announce(
        session,
        AuditRecorded(
            actor=actor if isinstance(actor, str) else actor.name,
            action=action,
            organisation_id=organisation_id,
            subject=subject,
            outcome=outcome,
            address=client_address(request),
            user_name=user_name.lower(),
        ),
    )


def client_address(request: Request) -> str:
    """The address the request came from, as a trusted proxy told it where there is one; empty where it is none."""
    try:
        return str(ipaddress.ip_address(request.client.host if request.client else ""))
    except ValueError:
        return ""
