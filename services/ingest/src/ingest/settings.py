"""What an operator can set for ingest; every name begins with KINAMIK_ in the environment."""

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Times are in seconds.

    `poll_seconds`: how often a Google or Microsoft mailbox is asked for what is new. `push_url` is the address (https)
    under which Microsoft reaches config-api, empty for polling only. `gmail_topic` and `gmail_subscription` are the
    operator's at Google Pub/Sub ("projects/.../topics/...", "projects/.../subscriptions/..."), `gmail_service_account`
    the content of a key file that may pull the subscription; empty for polling only.

    `redrive_after`: a message that was handed on and is not settled by then is read again from its mailbox.
    `redrive_limit`: how often that happens before the message is settled as failed.
    `in_flight_per_mailbox`: how many messages of one mailbox may be with the drafter at once, so that a loud
    mailbox does not starve the rest.
    `ledger_days`: for how many days after it was received the ledger remembers a message that is settled.
    """

    port: int = 8081
    database_url: SecretStr
    idle_seconds: float = 540.0
    poll_seconds: float = Field(default=20.0, ge=0.1)
    push_url: str = ""
    gmail_topic: str = ""
    gmail_subscription: str = ""
    gmail_service_account: SecretStr = SecretStr("")
    pubsub_url: str = "https://pubsub.googleapis.com"
    redrive_after: float = 600.0
    redrive_every: float = 30.0
    redrive_limit: int = 8
    in_flight_per_mailbox: int = 32
    connecting_at_once: int = 50
    ledger_days: int = Field(default=400, ge=1)
