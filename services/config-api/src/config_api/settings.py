"""What an operator can set for config-api; every name begins with KINAMIK_ in the environment."""

import ipaddress
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from config_api.fields import is_loopback
from shared.settings import LimitSettings, ServiceSettings


def _network(value: str) -> str:
    """Raises ValueError for what is no network, and so for "*", which would let everybody choose an address."""
    return str(ipaddress.ip_network(value)) if "/" in value else str(ipaddress.ip_address(value))


class ModelPrice(BaseModel):
    """What a model costs, in EUR per million tokens."""

    tokens_in: Annotated[Decimal, Field(ge=0)]
    tokens_out: Annotated[Decimal, Field(ge=0)]


class DemoMailbox(BaseModel):
    """A mailbox to try things on, where the installation runs one on this machine. Its password is no secret."""

    address: str
    password: str
    imap_host: str = "127.0.0.1"
    imap_port: int
    smtp_host: str = "127.0.0.1"
    smtp_port: int


class Settings(ServiceSettings, LimitSettings):
    """`admin_token` makes its bearer the operator, `service_token` opens the internal API.

    `master_keys` are "id:key" with the key as 32 bytes in base64, newest first, separated by commas: the first one
    encrypts, all of them decrypt. `content_retention` is how many seconds a content key outlives its hour.
    `public_url` is where people reach the web UI: links in mails lead there, and cookies are Secure where it is https.
    `web_folder` is where the web UI was built to; without it there is only the API. Without `mail_host` notices are
    only counted in the log. `confirm_by_mail` is whether people who register have to
    prove their address: unless it is set they do, except on one's own machine without a mail server. `registration` is
    whether anybody may register, or only who is invited. `legal_folder` holds the operator's texts, as
    imprint.de.md, privacy.en.md, terms.de.md and the like. `edition` says for whom this runs: `house` is one machine
    for its own people; `demo_mailbox` is told to them. `drafter_url` is where drafts are
    tried out. `trusted_proxies` are the addresses and networks,
    separated by commas, of the servers in front of this one, which say where a request came from.

    `google_client_id` and `microsoft_client_id` are how Google and Microsoft know this installation; without them their
    mailboxes are reached by IMAP only. `microsoft_tenant` is `common` for everybody, `organizations` for work accounts,
    or the id of one's own tenant. The URLs are for national clouds: docs/microsoft-365.md.

    `backup_stamp` is a file that is written anew after each backup that went well: `backups`.

    `price_per_assistant` is in EUR a month without VAT, in the terms `price_terms_version`. `model_prices` is JSON:
    {"model": {"tokens_in": "0.15", "tokens_out": "0.60"}}. What knowledge was before a change is kept for
    `knowledge_history_days`, what became of each message for `activity_days`; the counts by day stay.
    """

    port: int = 8080
    database_url: SecretStr
    database_connections: int = 8
    admin_token: SecretStr
    master_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(min_length=1)
    content_retention: float = 24 * 3600.0
    public_url: str = "http://127.0.0.1:8080"
    web_folder: Path | None = None
    audit_url: str = "http://127.0.0.1:8084"
    ingest_url: str = "http://127.0.0.1:8081"
    drafter_url: str = "http://127.0.0.1:8082"
    writer_url: str = "http://127.0.0.1:8083"
    terms_version: str = "2026-11"
    edition: Literal["hosted", "house"] = "hosted"
    registration: bool = True
    confirm_by_mail: bool | None = None
    legal_folder: Path | None = None
    demo_mailbox: DemoMailbox | None = None
    backup_stamp: Path | None = None
    mail_host: str = ""
    mail_port: int = 587
    mail_security: Literal["tls", "starttls", "none"] = "starttls"
    mail_username: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_from: str = "Kinamik <no-reply@kinamik.example>"
    trusted_proxies: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode] = ("127.0.0.1", "::1")

    google_client_id: str = ""
    google_client_secret: SecretStr = SecretStr("")
    google_login_url: str = "https://accounts.google.com"
    google_token_url: str = "https://oauth2.googleapis.com"
    microsoft_client_id: str = ""
    microsoft_client_secret: SecretStr = SecretStr("")
    microsoft_tenant: str = "common"
    microsoft_login_url: str = "https://login.microsoftonline.com"

    price_per_assistant: Annotated[Decimal, Field(ge=0)] = Decimal("99.00")
    vat_percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(19)
    price_terms_version: str = "2026-11"
    model_prices: dict[str, ModelPrice] = Field(default_factory=dict[str, ModelPrice])
    knowledge_history_days: Annotated[int, Field(ge=1)] = 90
    activity_days: Annotated[int, Field(ge=1)] = 396

    @property
    def plain_loopback(self) -> bool:
        """Whether people reach the web UI without TLS, on this very machine: then cookies cannot be Secure."""
        url = urlsplit(self.public_url)
        return url.scheme == "http" and is_loopback(url.hostname or "")

    @property
    def confirms_by_mail(self) -> bool:
        """Whether a registration, or a new address, counts only once a link that was mailed there has been opened."""
        if self.confirm_by_mail is not None:
            return self.confirm_by_mail
        return bool(self.mail_host) or not self.plain_loopback

    @property
    def told_demo_mailbox(self) -> DemoMailbox | None:
        """Told to nobody who is not at this machine."""
        return self.demo_mailbox if self.plain_loopback else None

    @property
    def session_cookie(self) -> str:
        """Its name. With `__Host-` browsers take it by TLS and from this very host only (RFC 6265bis, 4.1.3.2)."""
        return "authData" if self.plain_loopback else "__Host-authData"

    @field_validator("master_keys", "trusted_proxies", mode="before")
    @classmethod
    def _separate(cls, value: object) -> object:
        return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _prove_addresses(self) -> Self:
        """Raises ValueError where anybody could register under an address of somebody else's."""
        if self.confirm_by_mail is False and not self.plain_loopback:
            raise ValueError("confirm_by_mail may only be off where public_url is http on this machine")
        return self
