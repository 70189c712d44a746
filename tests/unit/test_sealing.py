import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.config import ContentKey
from shared.errors import PermanentError, TransientError
from shared.events import MessageReceived
from shared.mail import Mail
from shared.sealing import Keyring, decode, encode
from tests.keys import a_keyring, the_same_keys

EVENT = MessageReceived(
    organisation_id=uuid4(),
    mailbox_id=uuid4(),
    assistant_id=uuid4(),
    message_id=uuid4(),
    received_at=datetime.now(UTC),
    mail=Mail(subject="Geheimnis", text="Haben Sie ein Zimmer frei?"),
)


async def test_what_was_sealed_opens_again() -> None:
    keyring = await a_keyring()
    assert await decode(MessageReceived, encode(EVENT, keyring), keyring) == EVENT


async def test_content_does_not_show() -> None:
    wire = encode(EVENT, await a_keyring())
    assert b"Geheimnis" not in wire
    assert b"Zimmer" not in wire


async def test_the_same_content_never_looks_the_same() -> None:
    keyring = await a_keyring()
    assert json.loads(encode(EVENT, keyring))["sealed"] != json.loads(encode(EVENT, keyring))["sealed"]


async def test_content_cannot_be_moved_to_another_event() -> None:
    keyring = await a_keyring()
    wire = json.loads(encode(EVENT, keyring))
    wire["event_id"] = str(uuid4())
    with pytest.raises(PermanentError, match="seal_broken"):
        await decode(MessageReceived, json.dumps(wire).encode(), keyring)


async def test_a_destroyed_key_opens_nothing() -> None:
    wire = encode(EVENT, await a_keyring())
    with pytest.raises(PermanentError, match="content_key_destroyed"):
        await decode(MessageReceived, wire, await a_keyring())


async def test_a_key_that_others_already_use_is_fetched() -> None:
    keys = the_same_keys()
    issued: list[ContentKey] = []

    async def fetch() -> Sequence[ContentKey]:
        return list(issued)

    late = Keyring(fetch)
    await late.refresh()
    issued.extend(keys)
    assert await decode(MessageReceived, encode(EVENT, await a_keyring(keys)), late) == EVENT


async def test_without_a_valid_key_nothing_is_sealed() -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    expired = [key.model_copy(update={"valid_until": past}) for key in the_same_keys()]
    with pytest.raises(TransientError, match="no_content_key"):
        encode(EVENT, await a_keyring(expired))


@pytest.mark.parametrize("junk", [b"", b"\xff\x00", b"[]", b"{}", b'{"sealed": {}}', b'{"event_id": 1, "sealed": 3}'])
async def test_junk_is_undecodable(junk: bytes) -> None:
    with pytest.raises(PermanentError, match="undecodable"):
        await decode(MessageReceived, junk, await a_keyring())
