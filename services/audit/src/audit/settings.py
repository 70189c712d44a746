"""What an operator can set for audit; every name begins with KINAMIK_ in the environment."""

from pydantic import SecretStr

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    port: int = 8084
    database_url: SecretStr
