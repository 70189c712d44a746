"""The three kinds of error. A reason is a fixed word, never text out of a mail or a server's answer."""


class KinamikError(Exception):
    """Base of all errors that a handler may raise on purpose.

    `reason` is a short machine word in snake_case. It is stored, counted and shown to the owner, so it never
    carries content, names or addresses.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class TransientError(KinamikError):
    """Worth trying again; `retry_after` is in seconds where the other side named a time."""


class PermanentError(KinamikError):
    """Trying again cannot help: the message is settled as failed with this reason."""


class AuthError(KinamikError):
    """A mailbox or a provider refuses our credentials: it stops and its owner is told."""
