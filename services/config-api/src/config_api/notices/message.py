"""The mail that a notice becomes (RFC 5322): text and HTML, and headers that nothing can be smuggled into."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from config_api.models import now
from config_api.notices.render import render
from config_api.notices.service import Notice
from shared.errors import PermanentError

ONE_CLICK_PATH = "/api/v1/newsletter/unsubscribe"  # a mail program posts to it
UNSUBSCRIBE_PATH = "/unsubscribe"  # a person opens it


class _MailPolicy(EmailPolicy):
    def fold_binary(self, name: str, value: Any) -> bytes:
        """Python would encode a URL that is longer than a line, which no mail program reads."""
        if name == "List-Unsubscribe":
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


ASCII = _MailPolicy(linesep="\r\n")
UTF8 = ASCII.clone(utf8=True)


def compose(notice: Notice, *, sender: str, recipient: str, public_url: str, unsubscribe_token: str = "") -> bytes:
    """The same notice always has the same Message-ID, so that one that is sent twice is known as such.

    Raises PermanentError (`address_not_valid`), jinja2.TemplateError as `render` does.
    """
    root = public_url.rstrip("/")
    link = root + notice.link if notice.link else ""
    query = f"?token={unsubscribe_token}"
    by_hand = f"{root}{UNSUBSCRIBE_PATH}{query}" if unsubscribe_token else ""
    words = render(notice, link=link, unsubscribe_link=by_hand)
    message = EmailMessage(policy=ASCII if recipient.isascii() else UTF8)
    message["From"] = sender
    message["To"] = _address(recipient)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{notice.id}@{sender_address(sender).domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834, so that no autoresponder answers
    if unsubscribe_token:
        message["List-Unsubscribe"] = f"<{root}{ONE_CLICK_PATH}{query}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def envelope_address(address: str) -> str:
    """With its domain as DNS knows it. Raises PermanentError (`address_not_valid`)."""
    local, _, domain = address.rpartition("@")
    try:
        encoded = domain.encode("idna").decode()
    except UnicodeError:
        raise PermanentError("address_not_valid") from None
    if not local or not encoded or not address.isprintable() or " " in address:
        raise PermanentError("address_not_valid")
    return f"{local}@{encoded}"


def sender_address(sender: str) -> Address:
    """Raises ValueError unless it is one address, with or without a name."""
    header = EmailMessage(policy=ASCII)
    header["From"] = sender
    (address,) = header["From"].addresses
    return address


def _address(address: str) -> Address:
    local, _, domain = address.rpartition("@")
    try:
        return Address(username=local, domain=domain)
    except (MessageError, ValueError):
        raise PermanentError("address_not_valid") from None
