"""What is sealed opens only with its key, and only where it belongs."""

import base64
import os
from uuid import uuid4

import pytest
from pydantic import SecretStr

from config_api.crypto import MasterKeys, key_id
from shared.errors import PermanentError

OWNER = uuid4()


def an_entry(name: str, size: int = 32) -> SecretStr:
    return SecretStr(f"{name}:{base64.b64encode(os.urandom(size)).decode()}")


def test_a_sealed_value_opens_again_and_does_not_show_its_secret() -> None:
    keys = MasterKeys.parse([an_entry("a")])
    sealed = keys.seal(b"geheim", OWNER, "password")
    assert keys.open(sealed, OWNER, "password") == b"geheim"
    assert sealed.startswith("a:")
    assert b"geheim" not in base64.b64decode(sealed.partition(":")[2])
    assert sealed != keys.seal(b"geheim", OWNER, "password")


def test_a_sealed_value_opens_nowhere_else() -> None:
    keys = MasterKeys.parse([an_entry("a")])
    sealed = keys.seal(b"geheim", OWNER, "password")
    for owner, field in ((uuid4(), "password"), (OWNER, "token")):
        with pytest.raises(PermanentError, match="sealed_value_broken"):
            keys.open(sealed, owner, field)


@pytest.mark.parametrize("garbage", ["", "a", "a:", "a:????", "a:AAAA", "a:" + "A" * 40])
def test_garbage_is_refused_by_name(garbage: str) -> None:
    with pytest.raises(PermanentError, match=r"sealed_value_broken|master_key_missing"):
        MasterKeys.parse([an_entry("a")]).open(garbage, OWNER, "password")


def test_the_newest_key_seals_and_every_key_opens() -> None:
    old, new = an_entry("old"), an_entry("new")
    sealed = MasterKeys.parse([old]).seal(b"geheim", OWNER, "password")
    both = MasterKeys.parse([new, old])
    renewed = both.reseal(sealed, OWNER, "password")
    assert key_id(renewed) == "new"
    assert MasterKeys.parse([new]).open(renewed, OWNER, "password") == b"geheim"
    with pytest.raises(PermanentError, match="master_key_missing"):
        MasterKeys.parse([new]).open(sealed, OWNER, "password")


def test_both_alphabets_of_base64_are_understood() -> None:
    key = bytes(range(224, 256))
    plain, url = (SecretStr(f"a:{encode(key).decode()}") for encode in (base64.b64encode, base64.urlsafe_b64encode))
    sealed = MasterKeys.parse([plain]).seal(b"geheim", OWNER, "password")
    assert MasterKeys.parse([url]).open(sealed, OWNER, "password") == b"geheim"


SAME = an_entry("same")


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [an_entry("short", 16)],
        [SecretStr("no-colon")],
        [SecretStr("a:not base64")],
        [an_entry("")],
        [an_entry("with space")],
        [SAME, SAME],
    ],
    ids=["none", "short", "no colon", "no base64", "no id", "bad id", "twice"],
)
def test_master_keys_that_are_not_valid_are_refused_without_being_shown(entries: list[SecretStr]) -> None:
    with pytest.raises(ValueError, match="master key") as refused:
        MasterKeys.parse(entries)
    for entry in entries:
        assert entry.get_secret_value() not in str(refused.value)
