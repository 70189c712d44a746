"""What an operator can set for config-api; every name begins with KINAMIK_ in the environment."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`admin_token` makes its bearer the operator, `service_token` opens the internal API.

    `master_keys` are "id:key" with the key as 32 bytes in base64, newest first, separated by commas: the first one
    encrypts, all of them decrypt. `content_retention` is how many seconds a content key outlives its hour.
    `public_url` is where people reach the web UI: links in mails lead there, and cookies are Secure where it is https.
    Without `smtp_host` notices are only counted in the log. `private_hosts` lets mailboxes lie on servers with
    private addresses, which is right in one's own house only.
    """

    port: int = 8080
    database_url: SecretStr
    database_connections: int = 8
    admin_token: SecretStr
    master_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(min_length=1)
    content_retention: float = 24 * 3600.0
    public_url: str = "http://127.0.0.1:8080"
    audit_url: str = "http://127.0.0.1:8084"
    terms_version: str = "2026-11"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["tls", "starttls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = "Kinamik <no-reply@kinamik.example>"
    private_hosts: bool = False

    @field_validator("master_keys", mode="before")
    @classmethod
    def _separate(cls, value: object) -> object:
        return [key.strip() for key in value.split(",") if key.strip()] if isinstance(value, str) else value
