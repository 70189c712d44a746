"""Settings that every service has. They are read in main.py and passed down; nothing else reads the environment."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """`otlp_endpoint` is the whole URL of an OTLP/HTTP trace receiver (".../v1/traces"), empty for no traces."""

    model_config = SettingsConfigDict(env_prefix="KINAMIK_", extra="ignore")

    host: str = "127.0.0.1"
    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_replication: int = 1
    config_api_url: str = "http://127.0.0.1:8080"
    service_token: SecretStr
    otlp_endpoint: str = ""
