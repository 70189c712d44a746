"""What a server's refusal means to us. The only place where response codes (RFC 5530) become errors."""

from typing import Literal

from shared.errors import AuthError, KinamikError, PermanentError, TransientError
from shared.mailbox.imap.responses import Reply

WrongCertificate = Literal["expired", "not_yet_valid", "self_signed", "unknown_issuer", "wrong_name", "other"]

_VERIFY_CODES: dict[int, WrongCertificate] = {
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "self_signed",
    20: "unknown_issuer",
    21: "unknown_issuer",
    62: "wrong_name",
    64: "wrong_name",
}
"""OpenSSL's X509_V_ERR_* (openssl-verification-options(1))."""

_BUSY = frozenset({"UNAVAILABLE", "LIMIT", "INUSE", "SERVERBUG", "THROTTLED"})
_BUSY_WORDS = ("too many", "try again", "temporar", "unavailable", "exceeded", "bandwidth", "throttl")
_TOO_LARGE_WORDS = ("too large", "too big", "too long", "maximum size", "size limit")
_APP_PASSWORD_WORDS = ("application-specific password", "app-specific password", "app password")
_SWITCHED_OFF_WORDS = (
    "not enabled for imap",
    "imap access is disabled",
    "imap access is not enabled",
    "imap is not enabled",
    "enable imap",
    "imap disabled",
)


class PortClosed(TransientError):
    """The machine is there, and nothing listens on the port."""

    def __init__(self) -> None:
        super().__init__("server_unreachable")


class TlsFailed(TransientError):
    """What answers does not speak TLS, or none that we do."""

    def __init__(self) -> None:
        super().__init__("server_unreachable")


class CertificateNotValid(PermanentError):
    """`why` says what is wrong with the server's certificate."""

    def __init__(self, verify_code: int) -> None:
        super().__init__("certificate_not_valid")
        self.why: WrongCertificate = _VERIFY_CODES.get(verify_code, "other")


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
    if _says(reply, _APP_PASSWORD_WORDS):
        return AuthError("app_password_required")
    if _says(reply, _SWITCHED_OFF_WORDS):
        return AuthError("imap_switched_off")
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
