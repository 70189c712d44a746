"""What an operator can set for ingest; every name begins with KINAMIK_ in the environment."""

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Times are in seconds.

    `redrive_after`: a message that was handed on and is not settled by then is read again from its mailbox.
    `redrive_limit`: how often that happens before the message is settled as failed.
    `in_flight_per_mailbox`: how many messages of one mailbox may be with the drafter at once, so that a loud
    mailbox does not starve the rest.
    `ledger_days`: for how many days after it was received the ledger remembers a message that is settled.
    """

    port: int = 8081
    database_url: SecretStr
    idle_seconds: float = 540.0
    redrive_after: float = 600.0
    redrive_every: float = 30.0
    redrive_limit: int = 8
    in_flight_per_mailbox: int = 32
    connecting_at_once: int = 50
    ledger_days: int = Field(default=400, ge=1)
