"""What an operator can set for audit; every name begins with KINAMIK_ in the environment."""

from pydantic import SecretStr

from shared.settings import LimitSettings, ServiceSettings


class Settings(ServiceSettings, LimitSettings):
    port: int = 8084
    database_url: SecretStr
