"""What an operator can set for config-api; every name begins with KINAMIK_ in the environment."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`admin_token` opens the public API, `service_token` the internal one.

    `master_keys` are "id:key" with the key as 32 bytes in base64, newest first, separated by commas: the first one
    encrypts, all of them decrypt. `content_retention` is how many seconds a content key outlives its hour.
    """

    port: int = 8080
    database_url: SecretStr
    database_connections: int = 8
    admin_token: SecretStr
    master_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(min_length=1)
    content_retention: float = 24 * 3600.0

    @field_validator("master_keys", mode="before")
    @classmethod
    def _separate(cls, value: object) -> object:
        return [key.strip() for key in value.split(",") if key.strip()] if isinstance(value, str) else value
