"""What a provider will ask the person to agree to, in the person's language."""

import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from config_api.messages.catalogue import Language
from config_api.oauth.providers import Provider, ProviderName
from config_api.oauth.schemas import ConnectableProvider, Scope

NAMES: dict[ProviderName, str] = {"gmail": "Google", "graph": "Microsoft 365"}


def connectable(provider: Provider, language: Language) -> ConnectableProvider:
    return ConnectableProvider(
        provider=provider.name,
        name=NAMES[provider.name],
        scopes=[_scope(scope, language) for scope in (*provider.scopes, *provider.team_scopes)],
        team_mailboxes=bool(provider.team_scopes),
        admin_consent_url=_admin_consent_url(provider),
    )


def _scope(scope: str, language: Language) -> Scope:
    short = scope.rpartition("/")[2].replace(".", "_").lower()
    return Scope(scope=scope, sentence=_sentences()[language][short])


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "scopes.toml").read_text(encoding="utf-8"))


def _admin_consent_url(provider: Provider) -> str:
    """An administrator's consent for everybody (Microsoft identity platform, "Admin consent"): scopes in full, and not
    `.default`, which would ask for what the registration lists and not for what is used."""
    if not provider.consent_url:
        return ""
    query = {
        "client_id": provider.client_id,
        "scope": provider.scope(team=True),
        "redirect_uri": provider.redirect_uri,
    }
    return f"{provider.consent_url}?{urlencode(query)}"
