"""Secrets at rest: AES-256-GCM under a master key that is not in the database.

A sealed value is the text `key id:base64(nonce + ciphertext)`. It is bound to the row and field it belongs to, so
that it opens nowhere else.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from shared.errors import PermanentError

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class MasterKeys:
    """The first key seals, every key opens."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._signers = {key_id: HKDF(SHA256(), KEY_BYTES, None, b"sign").derive(key) for key_id, key in keys.items()}
        self.newest = next(iter(keys))

    @classmethod
    def parse(cls, entries: Iterable[SecretStr]) -> "MasterKeys":
        """From "id:base64" entries, newest first. Raises ValueError, which names the entry by its position only."""
        keys: dict[str, bytes] = {}
        for position, entry in enumerate(entries, 1):
            key_id, _, encoded = entry.get_secret_value().partition(":")
            key = _decoded(encoded)
            if not KEY_ID.fullmatch(key_id) or key_id in keys or len(key) != KEY_BYTES:
                raise ValueError(f"master key {position} is not a new id, a colon and 32 bytes in base64")
            keys[key_id] = key
        if not keys:
            raise ValueError("there is no master key")
        return cls(keys)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._ciphers)

    def seal(self, secret: bytes, owner: UUID, field: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.newest].encrypt(nonce, secret, _bound_to(owner, field))
        return f"{self.newest}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, owner: UUID, field: str) -> bytes:
        """Raises PermanentError: `master_key_missing`, or `sealed_value_broken` where it belongs to another field."""
        key_id, _, encoded = sealed.partition(":")
        if key_id not in self._ciphers:
            raise PermanentError("master_key_missing")
        data = _decoded(encoded)
        try:
            return self._ciphers[key_id].decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _bound_to(owner, field))
        except (InvalidTag, ValueError):
            raise PermanentError("sealed_value_broken") from None

    def reseal(self, sealed: str, owner: UUID, field: str) -> str:
        """The same secret under the newest key."""
        return self.seal(self.open(sealed, owner, field), owner, field)

    def sign(self, message: str) -> str:
        """A MAC that only these keys can make: `key id.base64`, fit for a URL; good as long as its key is kept."""
        return f"{self.newest}.{_mac(self._signers[self.newest], message)}"

    def signed(self, message: str, signature: str) -> bool:
        """Whether `signature` was made by `sign` of this message."""
        key_id, _, mac = signature.rpartition(".")
        key = self._signers.get(key_id)
        return key is not None and hmac.compare_digest(_mac(key, message).encode(), mac.encode())


def key_id(sealed: str) -> str:
    return sealed.partition(":")[0]


def _mac(key: bytes, message: str) -> str:
    mac = hmac.digest(key, message.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, altchars=b"-_" if {"-", "_"} & set(encoded) else None, validate=True)
    except binascii.Error:
        return b""


def _bound_to(owner: UUID, field: str) -> bytes:
    return f"{owner}/{field}".encode()
