"""Google and Microsoft as OAuth 2.0 authorization servers, as this installation is registered with them.

Endpoints and scopes are those of Google's "OAuth 2.0 for Web Server Applications" and "Gmail API scopes", and of
Microsoft's "OAuth 2.0 authorization code flow" and "Microsoft Graph permissions reference".
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from config_api.settings import Settings

ProviderName = Literal["gmail", "graph"]
REDIRECT_PATH = "/api/v1/oauth/callback"

GMAIL_READ = "https://www.googleapis.com/auth/gmail.readonly"
GMAIL_COMPOSE = "https://www.googleapis.com/auth/gmail.compose"
GRAPH_USER, GRAPH_MAIL, GRAPH_SHARED = "User.Read", "Mail.ReadWrite", "Mail.ReadWrite.Shared"
OFFLINE = "offline_access"


@dataclass(frozen=True, slots=True)
class Provider:
    """`scopes` are what a mailbox of one's own needs, the least that will do; a team's needs `team_scopes` as well.

    `needed` are those of them without which nothing works: people may deselect single ones. `extra` goes into the
    address of the log-in page, so that a refresh token is issued and the account can be chosen. `resource` is what the
    scopes are those of, where that is no part of their names.
    """

    name: ProviderName
    authorize_url: str
    token_url: str
    revoke_url: str
    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    scopes: tuple[str, ...]
    needed: tuple[str, ...]
    extra: tuple[tuple[str, str], ...]
    team_scopes: tuple[str, ...] = ()
    consent_url: str = ""
    resource: str = ""

    def scope(self, *, team: bool) -> str:
        """As it is asked for: in national clouds Microsoft knows its own Graph only by its full name."""
        scopes = (*self.scopes, *(self.team_scopes if team else ()))
        return " ".join(f"{self.resource}/{each}" if self.resource and each != OFFLINE else each for each in scopes)


def providers(settings: Settings) -> dict[ProviderName, Provider]:
    """Those that the operator has registered Kinamik with."""
    known = (_google(settings), _microsoft(settings))
    return {provider.name: provider for provider in known if provider.client_id}


def _google(settings: Settings) -> Provider:
    return Provider(
        name="gmail",
        authorize_url=f"{settings.google_login_url}/o/oauth2/v2/auth",
        token_url=f"{settings.google_token_url}/token",
        revoke_url=f"{settings.google_token_url}/revoke",
        client_id=settings.google_client_id,
        client_secret=settings.google_client_secret,
        redirect_uri=settings.public_url.rstrip("/") + REDIRECT_PATH,
        scopes=(GMAIL_READ, GMAIL_COMPOSE),
        needed=(GMAIL_READ, GMAIL_COMPOSE),
        extra=(("access_type", "offline"), ("prompt", "consent select_account")),
    )


def _microsoft(settings: Settings) -> Provider:
    tenant = f"{settings.microsoft_login_url}/{settings.microsoft_tenant}"
    # A person has no administrator who could consent.
    administered = "organizations" if settings.microsoft_tenant == "common" else settings.microsoft_tenant
    return Provider(
        name="graph",
        authorize_url=f"{tenant}/oauth2/v2.0/authorize",
        token_url=f"{tenant}/oauth2/v2.0/token",
        revoke_url="",  # Entra ends grants in the person's or the administrator's own pages only
        client_id=settings.microsoft_client_id,
        client_secret=settings.microsoft_client_secret,
        redirect_uri=settings.public_url.rstrip("/") + REDIRECT_PATH,
        scopes=(OFFLINE, GRAPH_USER, GRAPH_MAIL),
        needed=(GRAPH_MAIL,),
        extra=(("prompt", "select_account"),),
        team_scopes=(GRAPH_SHARED,),
        resource=settings.graph_url.rstrip("/"),
        consent_url=f"{settings.microsoft_login_url}/{administered}/v2.0/adminconsent",
    )
