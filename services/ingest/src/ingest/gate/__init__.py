"""The gate: which mails need no answer. It reads flags, headers and a little text, and costs no token.

The order of the checks is the rule. What is certain comes first (flags, spam, bounces, automatic replies, invitations,
lists). Then comes the question whether a machine wrote on behalf of a guest: contact forms and booking portals send
from no-reply addresses, even from our own, with the guest in Reply-To. A guest outweighs every weaker sign below it,
because a superfluous draft costs a glance and a lost customer costs a customer.
"""

from ingest.gate import bulk, machines, reports
from ingest.gate.addresses import Directory, OwnAddresses, has_guest, reachable
from shared.mailbox.mime import Parsed

__all__ = ["Directory", "OwnAddresses", "judge"]

_FLAGS = (
    ("\\draft", "draft"),
    ("\\deleted", "deleted"),
    ("\\answered", "already_answered"),
    ("$junk", "spam"),
    ("junk", "spam"),
)


def judge(parsed: Parsed, *, flags: frozenset[str], own: OwnAddresses) -> str | None:
    """Why this mail needs no answer, as a fixed word in snake_case, or None where a person would have to answer.

    Pure: `flags` are the message's IMAP flags and keywords (RFC 9051, 2.3.2), case does not matter.
    """
    return (
        _by_flags(flags)
        or _by_content(parsed)
        or machines.spam(parsed)
        or reports.report(parsed)
        or machines.automatic_reply(parsed)
        or machines.calendar(parsed)
        or bulk.mailing_list(parsed, own)
        or _by_sender(parsed, own)
        or _by_recipients(parsed, own)
    )


def _by_flags(flags: frozenset[str]) -> str | None:
    present = {flag.casefold() for flag in flags}
    return next((reason for flag, reason in _FLAGS if flag in present), None)


def _by_content(parsed: Parsed) -> str | None:
    mail = parsed.mail
    something = mail.subject.strip() or mail.text.strip() or mail.body.strip() or mail.attachments
    return None if something else "empty"


def _by_sender(parsed: Parsed, own: OwnAddresses) -> str | None:
    if has_guest(parsed, own):
        return bulk.campaign(parsed, own)
    return (
        _by_relation(parsed, own)
        or bulk.bulk(parsed, own)
        or machines.auto_submitted(parsed)
        or reports.null_path(parsed)
        or _by_answerability(parsed, own)
    )


def _by_relation(parsed: Parsed, own: OwnAddresses) -> str | None:
    sender = parsed.mail.sender
    if sender is None:
        return None
    if own.is_own(sender.address):
        return "own_mail"
    return "colleague" if own.is_colleague(sender.address) else None


def _by_answerability(parsed: Parsed, own: OwnAddresses) -> str | None:
    sender = parsed.mail.sender
    if reachable(parsed, own):
        return None
    if sender is None or "@" not in sender.address:
        return "no_sender"
    return machines.unread_sender(sender.address)


def _by_recipients(parsed: Parsed, own: OwnAddresses) -> str | None:
    """One draft for a mail to several of our mailboxes: in the one under To, not in those under Cc."""
    mail = parsed.mail
    if any(own.is_own(address.address) for address in mail.to):
        return None
    copied = any(own.is_own(address.address) for address in mail.cc)
    return "other_mailbox" if copied and any(own.is_watched(address.address) for address in mail.to) else None
