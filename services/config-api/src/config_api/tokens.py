"""Secrets that are handed out once and recognised later: session cookies, API keys, links in mails.

Only a digest is kept. They have 256 random bits, so a plain hash is enough: there is nothing to guess.
"""

import hashlib
import secrets


def new_token(prefix: str = "") -> tuple[str, bytes]:
    """A token of 43 URL-safe characters after its prefix, and what to keep of it."""
    token = prefix + secrets.token_urlsafe(32)
    return token, digest(token)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
