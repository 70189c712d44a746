"""Whose address it is: ours, a colleague's, a machine's, or a guest's."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass
from uuid import UUID

from ingest.gate.headers import header
from shared.config import Mailbox
from shared.mail import Address
from shared.mailbox.mime import Parsed

_NOBODY = re.compile(
    r"(^|[._+-])(no[-_.]?reply|(do|dont|does)?[-_.]?not?[-_.]?(reply|respond|answer)|dont[-_.]?reply"
    r"|no[-_.]?respon[ds]e?|(bitte[-_.]?)?nicht[-_.]?(be)?antworten|keine?[-_.]?(antwort|reply)|unattended)"
    r"|^(mailer-daemon|mdaemon|nobody|www-data|wordpress|cron|bounces?)([._+-]|$)"
)
_ROLE = re.compile(
    r"^(info|kontakt|contact|service|support|kunden\w*|customer\w*|care|help|helpdesk|hilfe|hallo|hello|office|mail|post"
    r"|team|sales|vertrieb|marketing|news|newsletter|reply|replies|antwort|feedback|redaktion|shop|orders?"
    r"|bestellung(en)?|rechnung(en)?|buchhaltung|billing|invoices?|admin|webmaster)([._+-]|$)"
)
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "gv", "ne", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """The organisation's addresses as one of its mailboxes sees them, each normalised by `bare`.

    `own` is this mailbox with its aliases, `colleagues` are all other mailboxes of the organisation, `watched` those of
    them that get drafts of their own. Domains do not count: half of a village shares its provider's.
    """

    own: frozenset[str]
    colleagues: Container[str] = ()
    watched: Container[str] = ()

    def is_own(self, address: str) -> bool:
        """Whether it reaches this mailbox."""
        return bare(address) in self.own

    def is_colleague(self, address: str) -> bool:
        """Whether it reaches another mailbox of the organisation."""
        return bare(address) in self.colleagues

    def is_watched(self, address: str) -> bool:
        """Whether it reaches another mailbox of the organisation in which drafts are written."""
        return bare(address) in self.watched


class Directory:
    """The addresses of one organisation's mailboxes. Who has looked into it sees what it is updated to."""

    def __init__(self) -> None:
        self._reached: dict[str, set[UUID]] = {}
        self._on: frozenset[UUID] = frozenset()

    def update(self, mailboxes: Iterable[Mailbox], on: Iterable[UUID]) -> None:
        """All mailboxes of the organisation; `on` are those of them that get drafts."""
        reached: defaultdict[str, set[UUID]] = defaultdict(set)
        for mailbox in mailboxes:
            for address in _addresses(mailbox):
                reached[address].add(mailbox.id)
        self._reached, self._on = dict(reached), frozenset(on)

    def as_seen_by(self, mailbox: Mailbox) -> OwnAddresses:
        def others(address: str) -> set[UUID]:
            return self._reached.get(address, set()) - {mailbox.id}

        own = frozenset(_addresses(mailbox))
        return OwnAddresses(own, _Reaching(others), _Reaching(lambda address: others(address) & self._on))


@dataclass(frozen=True, slots=True)
class _Reaching:
    """The addresses that reach somebody."""

    reached: Callable[[str], Collection[UUID]]

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and bool(self.reached(address))


def bare(address: str) -> str:
    """An addr-spec for comparing: casefolded, without a +detail (RFC 5233)."""
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def is_nobody(address: str) -> bool:
    """Whether an answer to this address would reach no person, as its local part says."""
    return _NOBODY.search(address.casefold().rpartition("@")[0]) is not None


def reachable(parsed: Parsed, own: OwnAddresses) -> list[Address]:
    """The addresses under Reply-To that an answer could go to: not ours, not a machine's, not a list's."""
    return [
        address
        for address in parsed.mail.reply_to
        if "@" in address.address
        and not own.is_own(address.address)
        and not own.is_colleague(address.address)
        and not is_nobody(address.address)
        and not is_list_address(parsed, address.address)
    ]


def has_guest(parsed: Parsed, own: OwnAddresses) -> bool:
    """Whether Reply-To names somebody else than the sender, on whose behalf a machine wrote.

    An address at another site than the sender's is one, whatever its name: info@ of a firm is a customer. At the
    sender's own site a role such as service@ is the sender itself, anything else a portal's relay to its guest.
    """
    sender = parsed.mail.sender
    if sender is None:
        return bool(reachable(parsed, own))
    return any(_is_guest(address.address, sender.address) for address in reachable(parsed, own))


def is_list_address(parsed: Parsed, address: str) -> bool:
    """Whether the mail's own List-Post (RFC 2369) or List-Id (RFC 2919) names this address."""
    plain = address.strip().casefold()
    list_id = header(parsed, "list-id")
    return (
        f"mailto:{plain}" in header(parsed, "list-post")
        or f"<{plain.replace('@', '.')}>" in list_id
        or plain in list_id.split()
    )


def _is_guest(address: str, sender: str) -> bool:
    if bare(address) == bare(sender):
        return False
    return _site(address) != _site(sender) or not _is_role(address)


def _is_role(address: str) -> bool:
    return _ROLE.search(address.casefold().rpartition("@")[0]) is not None


def _site(address: str) -> str:
    labels = address.casefold().rpartition("@")[2].rstrip(".").split(".")
    return ".".join(labels[-3:] if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else labels[-2:])


def _addresses(mailbox: Mailbox) -> Iterable[str]:
    return (bare(address) for address in (mailbox.address, *mailbox.aliases))
