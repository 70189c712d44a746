"""Settings as an operator writes them."""

import pytest
from pydantic import ValidationError

from config_api.settings import Settings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("ADMIN_TOKEN", "SERVICE_TOKEN", "DATABASE_URL"):
        monkeypatch.setenv(f"KINAMIK_{name}", "filled")
    monkeypatch.delenv("KINAMIK_MASTER_KEYS", raising=False)
    return monkeypatch


def test_master_keys_are_separated_by_commas(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KINAMIK_MASTER_KEYS", "b:QUJD, a:REVG,")
    settings = Settings()
    assert [key.get_secret_value() for key in settings.master_keys] == ["b:QUJD", "a:REVG"]
    assert "QUJD" not in repr(settings)


@pytest.mark.parametrize("keys", ["", " , "])
def test_there_has_to_be_a_master_key(environment: pytest.MonkeyPatch, keys: str) -> None:
    environment.setenv("KINAMIK_MASTER_KEYS", keys)
    with pytest.raises(ValidationError, match="master_keys"):
        Settings()
