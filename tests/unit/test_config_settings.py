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


def test_proxies_are_separated_by_commas_and_loopback_without_any(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KINAMIK_MASTER_KEYS", "a:REVG")
    assert Settings().trusted_proxies == ("127.0.0.1", "::1")
    environment.setenv("KINAMIK_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1,")
    assert Settings().trusted_proxies == ("10.0.0.0/8", "192.0.2.1")


@pytest.mark.parametrize("proxies", ["*", "10.0.0.1/8", "proxy.example"])
def test_a_proxy_is_an_address_or_a_network(environment: pytest.MonkeyPatch, proxies: str) -> None:
    environment.setenv("KINAMIK_MASTER_KEYS", "a:REVG")
    environment.setenv("KINAMIK_TRUSTED_PROXIES", proxies)
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings()
