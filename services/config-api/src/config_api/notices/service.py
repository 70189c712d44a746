"""Mails that Kinamik sends to its own registered users, and to nobody else.

A notice waits sealed in the outbox, since links and addresses are in it, and is gone once it is sent.
"""

from typing import Literal
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.outbox import open_sealed, put_sealed

QUEUE = "notice"

Kind = Literal[
    "confirm_registration",
    "already_registered",
    "confirm_email",
    "email_changed",
    "reset_password",
    "password_changed",
    "second_factor_changed",
    "new_login",
    "account_locked",
    "account_deleted",
    "invitation",
    "mailbox_attention",
    "mailbox_back",
    "trial_ends_in_7_days",
    "trial_ends_tomorrow",
    "trial_ended",
    "budget_reached",
    "export_ready",
    "newsletter",
]


class Notice(BaseModel):
    """`values` fill in the template of that kind (templates/<language>/<kind>.*); `link` is a path of the web UI."""

    id: UUID
    kind: Kind
    recipient: str
    language: Literal["de", "en"] = "de"
    link: str = ""
    values: dict[str, str] = {}


async def notify(
    session: AsyncSession,
    master_keys: MasterKeys,
    kind: Kind,
    recipient: str,
    *,
    language: str = "de",
    link: str = "",
    values: dict[str, str] | None = None,
) -> None:
    """Sends the notice once this transaction is committed, and tries until the mail server has taken it."""
    notice = Notice(
        id=uuid4(),
        kind=kind,
        recipient=recipient,
        language="en" if language == "en" else "de",
        link=link,
        values=values or {},
    )
    await put_sealed(session, master_keys, QUEUE, notice.model_dump_json().encode())


def opened(payload: bytes, master_keys: MasterKeys) -> Notice:
    """Raises PermanentError where it cannot be opened."""
    return Notice.model_validate_json(open_sealed(payload, master_keys, QUEUE))
