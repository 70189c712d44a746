"""Sends the notices that wait in the outbox. This is the only place from which Kinamik sends anything."""

import asyncio
import ssl

import structlog

from config_api.crypto import MasterKeys
from config_api.notices.message import compose, envelope_address, sender_address
from config_api.notices.newsletter import ACCOUNT, unsubscribe_token
from config_api.notices.service import Notice, opened
from config_api.settings import Settings
from shared.errors import PermanentError, TransientError

SECONDS = 40.0  # less than the outbox leases a notice for, so that nobody else sends it meanwhile
FOR_UTF8 = ("SMTPUTF8", "BODY=8BITMIME")

log = structlog.get_logger(__name__)


class Sender:
    """`settings` name the mail server; without one, a notice is only counted in the log."""

    def __init__(self, master_keys: MasterKeys, settings: Settings) -> None:
        """Raises ValueError where `mail_from` is no address."""
        self._master_keys = master_keys
        self._settings = settings
        self._from = sender_address(settings.mail_from)

    async def send(self, payload: bytes) -> None:
        """Raises what is worth trying again, without a word of the notice. What nobody will ever take is dropped."""
        try:
            notice = opened(payload, self._master_keys)
        except PermanentError as error:
            log.error("notice_dropped", reason=error.reason)
            return
        try:
            await self._deliver(notice)
        except PermanentError as error:
            log.error("notice_dropped", kind=notice.kind, reason=error.reason)
        except TransientError as error:
            log.warning("notice_waits", kind=notice.kind, reason=error.reason)
            raise
        except Exception as error:
            log.error("notice_waits", kind=notice.kind, reason="defect", error=type(error).__name__)
            raise TransientError("defect") from None

    async def _deliver(self, notice: Notice) -> None:
        if not self._settings.mail_host:
            log.warning("notice_not_sent", kind=notice.kind, reason="no_mail_server")
            return
        newsletter = notice.kind == "newsletter"
        recipient = envelope_address(notice.recipient)
        message = compose(
            notice,
            sender=self._settings.mail_from,
            recipient=recipient,
            public_url=self._settings.public_url,
            unsubscribe_token=unsubscribe_token(notice.values[ACCOUNT], self._master_keys) if newsletter else "",
        )
        await self._submit(message, recipient)

    async def _submit(self, message: bytes, recipient: str) -> None:
        import aiosmtplib  # only who sends notices needs it in memory

        settings = self._settings
        try:
            async with asyncio.timeout(SECONDS):
                await aiosmtplib.send(
                    message,
                    sender=self._from.addr_spec,
                    recipients=[recipient],
                    mail_options=() if recipient.isascii() else FOR_UTF8,
                    hostname=settings.mail_host,
                    port=settings.mail_port,
                    local_hostname=self._from.domain,
                    username=settings.mail_username or None,
                    password=settings.mail_password.get_secret_value() or None,
                    use_tls=settings.mail_security == "tls",
                    start_tls=settings.mail_security == "starttls",
                    tls_context=ssl.create_default_context() if settings.mail_security != "none" else None,
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0].code, "recipient_refused") from None
        except aiosmtplib.SMTPDataError as error:
            raise _refusal(error.code, "message_refused") from None
        except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPSenderRefused):
            raise TransientError("mail_server_refuses_us") from None
        except aiosmtplib.SMTPNotSupported:
            raise _unsupported(recipient) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            raise TransientError("mail_server_unavailable") from None


def _refusal(code: int, reason: str) -> PermanentError | TransientError:
    """RFC 5321, 4.2.1: 5yz is for ever, 4yz for now."""
    return PermanentError(reason) if code >= 500 else TransientError(reason)


def _unsupported(recipient: str) -> PermanentError | TransientError:
    """Either this recipient needs SMTPUTF8 (RFC 6531), or the settings want what the server does not offer."""
    if not recipient.isascii():
        return PermanentError("recipient_needs_smtputf8")
    return TransientError("mail_server_unsuitable")
