"""What an operator can set for writer; every name begins with KINAMIK_ in the environment."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`concurrency` is how many drafts are saved at the same time, at most one per mailbox."""

    port: int = 8083
    concurrency: int = 128
