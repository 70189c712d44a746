"""What an operator can set for config-api; every name begins with KINAMIK_ in the environment."""

import ipaddress
from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr, field_validator
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


class Settings(ServiceSettings, LimitSettings):
    """`admin_token` makes its bearer the operator, `service_token` opens the internal API.

    `master_keys` are "id:key" with the key as 32 bytes in base64, newest first, separated by commas: the first one
    encrypts, all of them decrypt. `content_retention` is how many seconds a content key outlives its hour.
    `public_url` is where people reach the web UI: links in mails lead there, and cookies are Secure where it is https.
    Without `mail_host` notices are only counted in the log. `drafter_url` is where drafts are
    tried out. `trusted_proxies` are the addresses and networks,
    separated by commas, of the servers in front of this one, which say where a request came from.

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
    audit_url: str = "http://127.0.0.1:8084"
    ingest_url: str = "http://127.0.0.1:8081"
    drafter_url: str = "http://127.0.0.1:8082"
    terms_version: str = "2026-11"
    mail_host: str = ""
    mail_port: int = 587
    mail_security: Literal["tls", "starttls", "none"] = "starttls"
    mail_username: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_from: str = "Kinamik <no-reply@kinamik.example>"
    trusted_proxies: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode] = ("127.0.0.1", "::1")

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

    @field_validator("master_keys", "trusted_proxies", mode="before")
    @classmethod
    def _separate(cls, value: object) -> object:
        return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value
