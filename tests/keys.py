"""Content keys for tests."""

import base64
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pydantic import SecretStr

from shared.config import ContentKey
from shared.sealing import Keyring


def the_same_keys() -> list[ContentKey]:
    """One key that is valid for the time of a test."""
    now = datetime.now(UTC)
    key = SecretStr(base64.urlsafe_b64encode(os.urandom(32)).decode())
    return [ContentKey(id=uuid4(), valid_from=now - timedelta(hours=1), valid_until=now + timedelta(hours=1), key=key)]


async def a_keyring(keys: Sequence[ContentKey] | None = None) -> Keyring:
    issued = the_same_keys() if keys is None else keys

    async def fetch() -> Sequence[ContentKey]:
        return issued

    keyring = Keyring(fetch)
    await keyring.refresh()
    return keyring
