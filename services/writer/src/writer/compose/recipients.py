"""Whom the draft is addressed to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import quote

from shared.config import Mailbox
from shared.mail import Address, Mail
from shared.mailbox.draft_name import ascii_domain
from writer.compose.fields import FOLD, encoded, is_plain
from writer.compose.text import line

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_MAX_LOCAL = 64
_MAX_NAME = 100
_MAX_RECIPIENTS = 50
_LINE = 70


@dataclass(frozen=True, slots=True)
class Recipients:
    """Addresses that can be written in ASCII; empty where nobody remains. There is no Bcc."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]


def recipients(mail: Mail, mailbox: Mailbox, *, reply_all: bool) -> Recipients:
    """Reply-To, else the sender (RFC 5322, 3.6.2 and 3.6.3), without our own addresses, each once.

    With `reply_all` the other recipients go to Cc. Addresses that cannot be written in ASCII are left out.
    """
    own = frozenset(_bare(address) for address in (mailbox.address, *mailbox.aliases))
    sender = [mail.sender] if mail.sender else []
    to = _usable(mail.reply_to, own) or _usable(sender, own)
    cc = _usable([*mail.to, *mail.cc], own) if reply_all else {}
    return Recipients(tuple(to.values()), tuple(address for key, address in cc.items() if key not in to))


def formatted(addresses: Iterable[Address]) -> str:
    """Several mailboxes for one header."""
    shown = (format_address(each.name, each.address) for each in addresses)
    return f",{FOLD}".join(each for each in shown if each)


def format_address(name: str, address: str) -> str | None:
    """A mailbox for a header (RFC 5322, 3.4), its name encoded (RFC 2047); None for an address that is not valid."""
    plain = ascii_address(address)
    if plain is None:
        return None
    name = line(name, _MAX_NAME)
    if not name:
        return plain
    shown = f'"{quote(name)}"' if is_plain(name) else encoded(name)
    return f"{shown}{' ' if len(shown) + len(plain) < _LINE else FOLD}<{plain}>"


def ascii_address(address: str) -> str | None:
    """The address with its domain as A-labels (RFC 5891), or None where it is not valid in ASCII (RFC 5321, 4.1.2)."""
    local, _, domain = address.strip().rpartition("@")
    host = ascii_domain(domain)
    if host is None or len(local) > _MAX_LOCAL or not _LOCAL.fullmatch(local):
        return None
    return f"{local}@{host}"


def _usable(addresses: Iterable[Address], own: frozenset[str]) -> dict[str, Address]:
    """What can be written, by address in lower case, so that nobody occurs twice."""
    found: dict[str, Address] = {}
    for address in addresses:
        plain = None if _bare(address.address) in own else ascii_address(address.address)
        if plain is not None and len(found) < _MAX_RECIPIENTS:
            known = Address(name=line(address.name, _MAX_NAME), address=plain)
            found.setdefault(address.address.strip().casefold(), known)
    return found


def _bare(address: str) -> str:
    """For comparing with our own: casefolded, without a +detail (RFC 5233), its domain as A-labels."""
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{ascii_domain(domain) or domain}"
