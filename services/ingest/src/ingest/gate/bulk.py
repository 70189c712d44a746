"""Mail to many: mailing lists, newsletters, bulk.

A single sign of bulk occurs on the mail of booking portals and ticket systems as well, so a guest under Reply-To
outweighs it. Only List-Id together with List-Unsubscribe is a campaign whoever the answer would go to.
"""

from ingest.gate.addresses import OwnAddresses, is_list_address
from ingest.gate.headers import header, precedence
from shared.mailbox.mime import Parsed

_LIST_MANAGERS = ("x-beenthere", "mailing-list", "x-mailing-list", "x-mailman-version")


def mailing_list(parsed: Parsed, own: OwnAddresses) -> str | None:
    """A list on which people write to each other (RFC 2369, RFC 2919)."""
    if _through_own_group(parsed, own):
        return None
    posting = header(parsed, "list-post")
    managed = any(header(parsed, name) for name in _LIST_MANAGERS)
    is_list = managed or precedence(parsed) == "list" or posting not in ("", "no")
    return "mailing_list" if is_list else None


def campaign(parsed: Parsed, own: OwnAddresses) -> str | None:
    """A newsletter beyond doubt: it is a list, and one can leave it."""
    if _through_own_group(parsed, own):
        return None
    return "newsletter" if header(parsed, "list-id") and header(parsed, "list-unsubscribe") else None


def bulk(parsed: Parsed, own: OwnAddresses) -> str | None:
    """Any sign of bulk. A reply within a conversation may carry List-Unsubscribe alone: sales tools add it."""
    if _through_own_group(parsed, own):
        return None
    in_bulk = bool(header(parsed, "list-id")) or precedence(parsed) in ("bulk", "junk")
    if header(parsed, "list-unsubscribe") and (in_bulk or not parsed.mail.in_reply_to):
        return "newsletter"
    return "bulk" if in_bulk else None


def _through_own_group(parsed: Parsed, own: OwnAddresses) -> bool:
    """Whether the list is our own address: a group that hands info@ on to this mailbox marks customers' mail."""
    return any(is_list_address(parsed, address) for address in own.own)
