"""What can be set for the one-machine run; every name begins with KINAMIK_ in the environment."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All ports are on loopback. Without `llm_base_url` the extractive drafter answers from the knowledge alone.

    `public_url` is where people reach the web UI, where that is not this machine's own address. `demo` is whether the
    demo mail server runs and the demo organisation is made.
    """

    model_config = SettingsConfigDict(env_prefix="KINAMIK_", extra="ignore")

    data_dir: Path = Path(".kinamik")
    host: str = "127.0.0.1"
    api_port: int = 8080
    imap_port: int = 1143
    smtp_port: int = 1025
    demo: bool = True
    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = ""
    public_url: str = ""
    web_folder: Path = Path("services/config-api/web/dist")
    otlp_endpoint: str = ""
    sentry_dsn: SecretStr = SecretStr("")
    redrive_after: float = 600.0
    redrive_every: float = 30.0

    @property
    def built_web_folder(self) -> Path | None:
        """Where the web UI was built to, if it was."""
        return self.web_folder if (self.web_folder / "index.html").exists() else None

    @property
    def api_url(self) -> str:
        return f"http://{self.host}:{self.api_port}"
