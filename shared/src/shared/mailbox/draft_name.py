"""What a draft of ours is known by: the same whenever it is written or looked for."""

import re
from uuid import UUID, uuid5

_DOMAIN = re.compile(
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII | re.IGNORECASE
)
_MAX_DOMAIN = 253


def draft_mark(message: UUID, generation: int) -> str:
    """The header X-Kinamik-Draft."""
    return f"{message}/{generation}"


def draft_message_id(message: UUID, generation: int, address: str) -> str:
    """Its Message-ID, in the domain of the mailbox's address."""
    domain = ascii_domain(address.rpartition("@")[2].strip()) or "kinamik.invalid"
    return f"<{uuid5(message, f'draft {generation}')}@{domain.lower()}>"


def ascii_domain(domain: str) -> str | None:
    """A domain's name as A-labels (RFC 5891), or None where it has none."""
    if len(domain) > _MAX_DOMAIN:
        return None
    try:
        host = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return host if _DOMAIN.fullmatch(host) else None
