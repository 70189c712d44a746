from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from config_api.fields import MailAddress
from config_api.oauth.providers import ProviderName

ReturnTo = Literal["start", "mailboxes"]


class ConnectRequest(BaseModel):
    """Either a new mailbox for `assistant_id`, or `mailbox_id` to connect one anew.

    `team_mailbox` is the address of a shared mailbox in Microsoft 365, empty for the person's own. `return_to` is the
    page of the web UI where it goes on afterwards.
    """

    provider: ProviderName
    assistant_id: UUID | None = None
    mailbox_id: UUID | None = None
    team_mailbox: MailAddress | Literal[""] = ""
    return_to: ReturnTo = "mailboxes"


class ConnectStarted(BaseModel):
    """Where the person's browser has to go next."""

    login_url: str


class Scope(BaseModel):
    """What the provider will ask the person to agree to, and `sentence`, what we need it for."""

    scope: str
    sentence: str


class ConnectableProvider(BaseModel):
    """`admin_consent_url` is for an organisation's administrator, where only that person may agree; else empty."""

    provider: ProviderName
    name: str
    scopes: list[Scope]
    team_mailboxes: bool
    admin_consent_url: str


class ConnectableProviders(BaseModel):
    """None where the operator has registered Kinamik with nobody."""

    items: list[ConnectableProvider]
