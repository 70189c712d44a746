"""What a server's refusal means to us. The only place where response codes (RFC 5530) become errors."""

from shared.errors import AuthError, KinamikError, PermanentError, TransientError
from shared.mailbox.imap.responses import Reply

_BUSY = frozenset({"UNAVAILABLE", "LIMIT", "INUSE", "SERVERBUG", "THROTTLED"})
_BUSY_WORDS = ("too many", "try again", "temporar", "unavailable", "exceeded", "bandwidth", "throttl")
_TOO_LARGE_WORDS = ("too large", "too big", "too long", "maximum size", "size limit")


def refused(reply: Reply) -> KinamikError:
    """The error for a command that was answered with NO or BAD."""
    if reply.code in _BUSY or _says(reply, _BUSY_WORDS):
        return TransientError("server_busy")
    if reply.code == "PRIVACYREQUIRED":
        return PermanentError("tls_required")
    return TransientError("server_refused")


def login_refused(reply: Reply) -> KinamikError:
    """The error for a refused log-in: the credentials' fault unless the server names another."""
    if reply.code == "PRIVACYREQUIRED":
        return PermanentError("tls_required")
    if reply.code == "AUTHENTICATIONFAILED":
        return AuthError("credentials_refused")
    if reply.code in _BUSY or _says(reply, _BUSY_WORDS):
        return TransientError("server_busy")
    return AuthError("credentials_refused")


def folder_refused(reply: Reply) -> KinamikError:
    """The error for a folder that cannot be opened."""
    error = refused(reply)
    return PermanentError("folder_missing") if error.reason == "server_refused" and reply.status == "NO" else error


def append_refused(reply: Reply) -> KinamikError:
    """The error for a draft that the server did not take."""
    if reply.code == "OVERQUOTA" or _says(reply, ("quota",)):
        return PermanentError("quota_exceeded")
    if reply.code in ("TOOBIG", "MAXSIZE") or _says(reply, _TOO_LARGE_WORDS):
        return PermanentError("draft_too_large")
    return refused(reply)


def _says(reply: Reply, words: tuple[str, ...]) -> bool:
    text = reply.text.lower()
    return any(word in text for word in words)
