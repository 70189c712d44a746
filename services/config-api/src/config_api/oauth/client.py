"""What is asked of an authorization server: tokens for a code, tokens for a refresh token, the end of a grant."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, cast

import httpx2
import structlog
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from config_api.models import now
from config_api.oauth.providers import Provider
from shared.errors import AuthError, TransientError

log = structlog.get_logger(__name__)

# In seconds, for all of an answer.
ANSWER_WITHIN = 15.0
LIFETIME = timedelta(hours=1)
# The grant itself is no more, or the person has to be there (RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6).
REVOKED = frozenset(
    {"invalid_grant", "interaction_required", "login_required", "consent_required", "account_selection_required"}
)
# The operator's registration is wrong. It is nobody's mailbox that could mend that.
MISCONFIGURED = frozenset({"invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """`refresh_token` is None where the provider leaves the old one valid. `scopes` are those that were granted."""

    access_token: str
    issued_at: datetime
    expires_at: datetime
    refresh_token: str | None
    scopes: frozenset[str]


def new_verifier() -> str:
    """A code verifier of 64 unreserved characters (RFC 7636, 4.1)."""
    return generate_token(64)


def login_url(provider: Provider, *, state: str, verifier: str, team: bool, hint: str = "") -> str:
    """The page where a person logs in and agrees (RFC 6749, 4.1.1, with PKCE by S256)."""
    client = AsyncOAuth2Client(
        provider.client_id,
        scope=provider.scope(team=team),
        redirect_uri=provider.redirect_uri,
        code_challenge_method="S256",
    )
    more = dict(provider.extra) | ({"login_hint": hint} if hint else {})
    url, _ = client.create_authorization_url(provider.authorize_url, state=state, code_verifier=verifier, **more)
    return str(url)


async def redeem(provider: Provider, code: str, verifier: str) -> Tokens:
    """Raises AuthError (`access_revoked`), TransientError (`provider_unavailable`, `provider_misconfigured`)."""
    async with _client(provider) as client:
        return _tokens(await client.fetch_token(provider.token_url, code=code, code_verifier=verifier))


async def refresh(provider: Provider, refresh_token: str) -> Tokens:
    """Raises as `redeem` does."""
    async with _client(provider) as client:
        return _tokens(await client.refresh_token(provider.token_url, refresh_token=refresh_token))


async def revoke(provider: Provider, refresh_token: str) -> None:
    """Ends the grant (RFC 7009) where the provider can; one that has ended already is fine. Raises TransientError."""
    if not provider.revoke_url:
        return
    async with _client(provider) as client:
        answer = await client.revoke_token(provider.revoke_url, token=refresh_token, token_type_hint="refresh_token")
    if not answer.is_success and answer.status_code != HTTPStatus.BAD_REQUEST:
        raise TransientError("provider_unavailable", retry_after=_retry_after(answer))


@asynccontextmanager
async def _client(provider: Provider) -> AsyncGenerator[Any]:
    """With failures told as ours. What the provider says in words is never repeated: it may name the person."""
    client: Any = AsyncOAuth2Client(
        provider.client_id,
        provider.client_secret.get_secret_value(),
        token_endpoint_auth_method="client_secret_post",
        revocation_endpoint_auth_method="client_secret_post",
        redirect_uri=provider.redirect_uri,
        token={},
        timeout=ANSWER_WITHIN,
        trust_env=False,
    )
    client.register_compliance_hook("access_token_response", _refuse_trouble)
    client.register_compliance_hook("refresh_token_response", _refuse_trouble)
    try:
        async with asyncio.timeout(ANSWER_WITHIN), client:
            yield client
    except OAuthError as error:
        raise _named(str(error.error), provider) from None
    except (httpx2.HTTPError, OSError, ValueError, KeyError):
        raise TransientError("provider_unavailable") from None


def _refuse_trouble(answer: httpx2.Response) -> httpx2.Response:
    """A server in trouble says nothing about the grant, whatever is in its answer."""
    if answer.is_server_error or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise TransientError("provider_unavailable", retry_after=_retry_after(answer))
    return answer


def _named(error: str, provider: Provider) -> AuthError | TransientError:
    if error in REVOKED:
        return AuthError("access_revoked")
    if error in MISCONFIGURED:
        log.error("oauth_registration_refused", provider=provider.name, error=error)
        return TransientError("provider_misconfigured")
    return TransientError("provider_unavailable")


def _retry_after(answer: httpx2.Response) -> float | None:
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


def _tokens(found: Mapping[str, Any]) -> Tokens:
    """Raises KeyError, ValueError where the answer has no token in it."""
    issued_at = now()
    seconds = cast(int | str | None, found.get("expires_in"))
    return Tokens(
        access_token=str(found["access_token"]),
        issued_at=issued_at,
        expires_at=issued_at + (timedelta(seconds=int(seconds)) if seconds else LIFETIME),
        refresh_token=str(found["refresh_token"]) if found.get("refresh_token") else None,
        scopes=frozenset(str(found.get("scope") or "").split()),
    )
