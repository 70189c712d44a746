"""Secrets that the first start makes: files that only their owner can read."""

import base64
import os
import secrets
from pathlib import Path

from pydantic import SecretStr


def token(folder: Path, name: str) -> SecretStr:
    """A random token of 32 bytes, the same at every start."""
    return SecretStr(_kept(folder / name, secrets.token_urlsafe(32)))


def master_key(folder: Path) -> SecretStr:
    """The key under which everything else is encrypted, as "id:key" in base64. Losing it loses the passwords."""
    return SecretStr(_kept(folder / "master-key", "1:" + base64.b64encode(os.urandom(32)).decode()))


def _kept(path: Path, fresh: str) -> str:
    if not path.exists():
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as stream:
            stream.write(fresh)
    return path.read_text().strip()
