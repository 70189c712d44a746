"""What was discovered, as the API says it."""

from config_api.mailboxes.discovery import Found
from config_api.mailboxes.schemas import Candidate, ImapPublic
from config_api.mailboxes.trial import notes_of
from config_api.messages.catalogue import Language
from config_api.oauth.providers import ProviderName, providers
from config_api.settings import Settings

CONNECTED: dict[str, ProviderName] = {"imap.gmail.com": "gmail", "outlook.office365.com": "graph"}


def candidate(found: Found, language: Language, settings: Settings) -> Candidate:
    provider = found.provider
    return Candidate(
        source=found.source,
        provider=provider.name if provider else "",
        imap=ImapPublic.model_validate(found.settings, from_attributes=True),
        authentication="oauth2" if found.oauth_only else provider.authentication if provider else "password",
        connect=_connect(found.settings.host, settings),
        notes=notes_of(provider, language),
        help_url=provider.help_url if provider else "",
    )


def _connect(host: str, settings: Settings) -> ProviderName | None:
    name = CONNECTED.get(host)
    return name if name in providers(settings) else None


def of_demo(settings: Settings, address: str) -> Candidate | None:
    """The mailbox to try things on, which no name server knows."""
    demo = settings.told_demo_mailbox
    if demo is None or demo.address != address.strip().lower():
        return None
    imap = ImapPublic(host=demo.imap_host, port=demo.imap_port, security="none", username=demo.address)
    return Candidate(
        source="provider", provider="Demo", imap=imap, authentication="password", connect=None, notes=[], help_url=""
    )
