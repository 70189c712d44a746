"""Settings that every service has. They are read in main.py and passed down; nothing else reads the environment."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.limits import Kind, Limit, Rules

HOUR = timedelta(hours=1)


class ServiceSettings(BaseSettings):
    """With `kafka_username` and `kafka_password` services log in to Kafka. `kafka_tls` has them use TLS, and so does
    `kafka_ca_file`: the certificates by which brokers are known that the system does not know.

    `drain_seconds` is how long a service that is to stop goes on with the events that it has begun.

    `otlp_endpoint` is the whole URL of an OTLP/HTTP trace receiver (".../v1/traces"), empty for no traces.

    `sentry_dsn` is where errors are reported to, empty for nowhere. `private_hosts` lets mailboxes lie on servers with
    private addresses, which is right in one's own house only. `google_api_url` and `graph_url` are where Gmail's API
    and Microsoft Graph are: another Graph for national clouds.
    """

    model_config = SettingsConfigDict(env_prefix="KINAMIK_", extra="ignore")

    host: str = "127.0.0.1"
    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_replication: int = 1
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_tls: bool = False
    kafka_ca_file: Path | None = None
    drain_seconds: float = 10.0
    config_api_url: str = "http://127.0.0.1:8080"
    service_token: SecretStr
    otlp_endpoint: str = ""
    sentry_dsn: SecretStr = SecretStr("")
    private_hosts: bool = False
    google_api_url: str = "https://gmail.googleapis.com"
    graph_url: str = "https://graph.microsoft.com"


class LimitSettings(BaseSettings):
    """How often something may be tried. Audit counts; config-api counts for itself while audit is away.

    After `login_failures_per_name` or `login_failures_per_address` within `login_window` seconds the name, or the
    address, is locked for `first_lock` seconds, twice as long each time again, up to `longest_lock`.
    Connection tests and discoveries are counted for each organisation, and for each person in all of theirs.
    """

    model_config = SettingsConfigDict(env_prefix="KINAMIK_", extra="ignore")

    login_failures_per_name: int = Field(default=5, ge=1)
    login_failures_per_address: int = Field(default=20, ge=1)
    login_window: float = Field(default=900.0, gt=0)
    first_lock: float = Field(default=60.0, gt=0)
    longest_lock: float = Field(default=24 * 3600.0, gt=0)
    registrations_per_address_and_hour: int = Field(default=20, ge=1)
    password_resets_per_address_and_hour: int = Field(default=20, ge=1)
    password_resets_per_name_and_hour: int = Field(default=5, ge=1)
    invitations_per_address_and_hour: int = Field(default=60, ge=1)
    connection_tests_per_hour: int = Field(default=60, ge=1)
    discoveries_per_hour: int = Field(default=60, ge=1)

    def rules(self) -> Rules:
        window, longest = timedelta(seconds=self.login_window), timedelta(seconds=self.longest_lock)
        first = min(timedelta(seconds=self.first_lock), longest)
        per_name = Limit(self.login_failures_per_name, window, first, longest)
        per_address = Limit(self.login_failures_per_address, window, first, longest)
        return Rules(
            guessing={Kind.NAME: per_name, Kind.ADDRESS: per_address, Kind.PAIR: per_name},
            others={
                "register": {Kind.ADDRESS: Limit(self.registrations_per_address_and_hour, HOUR)},
                "password_reset": {
                    Kind.ADDRESS: Limit(self.password_resets_per_address_and_hour, HOUR),
                    Kind.NAME: Limit(self.password_resets_per_name_and_hour, HOUR),
                },
                "invitation": {Kind.ADDRESS: Limit(self.invitations_per_address_and_hour, HOUR)},
                "connection_test": {Kind.NAME: Limit(self.connection_tests_per_hour, HOUR)},
                "discovery": {Kind.NAME: Limit(self.discoveries_per_hour, HOUR)},
            },
        )
