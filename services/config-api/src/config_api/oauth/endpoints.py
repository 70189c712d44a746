from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse

from config_api import principal
from config_api.database import Database
from config_api.deps import (
    Cookie,
    DatabaseDep,
    KnownOrganisation,
    LanguageDep,
    MasterKeysDep,
    MemberDep,
    PrincipalDep,
    SessionId,
    SettingsDep,
)
from config_api.oauth import client, connecting
from config_api.oauth.profile import Profiles
from config_api.oauth.providers import Provider, ProviderName, providers
from config_api.oauth.schemas import ConnectableProviders, ConnectRequest, ConnectStarted
from config_api.oauth.words import connectable
from config_api.principal import Principal
from config_api.problems import ApiError, Conflict, Invalid, NotFound, Unauthorised
from config_api.security import log, rations
from config_api.settings import Settings
from shared.errors import AuthError, KinamikError

logger = structlog.get_logger(__name__)

router = APIRouter(tags=["mailboxes"])

PAGE = "/connected"
Word = Annotated[str, Query(max_length=8192)]
# What a person or an organisation did there (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6).
REFUSALS = {"access_denied": "access_refused", "consent_required": "admin_consent_needed"}


@router.get("/organisations/{organisation_id}/mailbox-providers")
async def list_mailbox_providers(_: MemberDep, settings: SettingsDep, language: LanguageDep) -> ConnectableProviders:
    """Whose mailboxes can be connected with two clicks, and what each asks the person to agree to."""
    return ConnectableProviders(items=[connectable(each, language) for each in providers(settings).values()])


@router.post("/organisations/{organisation_id}/mailbox-providers/connect")
async def connect_mailbox(
    organisation_id: KnownOrganisation,
    data: ConnectRequest,
    caller: PrincipalDep,
    session_id: SessionId,
    database: DatabaseDep,
    master_keys: MasterKeysDep,
    settings: SettingsDep,
    request: Request,
) -> ConnectStarted:
    """Begins to connect a Google or Microsoft mailbox: the browser goes to `login_url`, and comes back connected."""
    provider = _configured(settings, data.provider)
    if data.team_mailbox and not provider.team_scopes:
        raise Invalid("no_team_mailboxes")
    await rations.take(request, "connection_test", organisation_id, caller)
    async with database.tenant(organisation_id) as session:
        mailbox = await connecting.require_possible(session, data, organisation_id)
    verifier = client.new_verifier()
    attempt = connecting.begun(organisation_id, data, verifier)
    if mailbox is not None:
        attempt.team_mailbox = mailbox.team_mailbox
    state = connecting.seal(attempt, session_id, master_keys)
    hint = "" if mailbox is None or mailbox.team_mailbox else mailbox.address
    team = bool(attempt.team_mailbox)
    return ConnectStarted(login_url=client.login_url(provider, state=state, verifier=verifier, team=team, hint=hint))


@router.get("/oauth/callback", include_in_schema=False)
async def finish_connecting(
    request: Request,
    database: DatabaseDep,
    master_keys: MasterKeysDep,
    settings: SettingsDep,
    cookie: Cookie,
    state: Word = "",
    code: Word = "",
    error: Word = "",
    admin_consent: Word = "",
) -> RedirectResponse:
    """Where Google and Microsoft lead the browser back to. Whatever happens, a page of the web UI says how it went."""
    if admin_consent:
        return _page(settings.public_url, consent="refused" if error else "given")
    try:
        caller, session_id = await _session(database, cookie)
        attempt = connecting.unseal(state, session_id, master_keys)
        if caller.restricted or caller.role_in(attempt.organisation_id) is None:
            raise NotFound("organisation_unknown")
    except ApiError as problem:
        return _page(settings.public_url, problem=problem.reason)
    went_on = {"return_to": attempt.return_to, "provider": attempt.provider}
    try:
        if error or not code:
            raise Conflict(REFUSALS.get(error, "connecting_failed"))
        mailbox_id = await _finish(request, caller, attempt, code)
    except (ApiError, KinamikError) as problem:
        logger.info("mailbox_not_connected", provider=attempt.provider, reason=problem.reason)
        return _page(settings.public_url, problem=problem.reason, **went_on)
    return _page(settings.public_url, mailbox=str(mailbox_id), **went_on)


def _configured(settings: Settings, name: ProviderName) -> Provider:
    """Raises Conflict (`provider_not_configured`)."""
    if (provider := providers(settings).get(name)) is None:
        raise Conflict("provider_not_configured")
    return provider


async def _session(database: Database, cookie: str | None) -> tuple[Principal, UUID]:
    """Raises Unauthorised (`login_required`)."""
    caller = await principal.by_cookie(database, cookie) if cookie else None
    if caller is None or caller.session_id is None:
        raise Unauthorised("login_required")
    return caller, caller.session_id


async def _finish(request: Request, caller: Principal, attempt: connecting.Attempt, code: str) -> UUID:
    """No transaction is held while the provider is asked."""
    state = request.app.state
    provider = _configured(state.settings, attempt.provider)
    try:
        tokens = await client.redeem(provider, code, attempt.verifier)
    except AuthError:
        raise Conflict("connecting_failed") from None
    connecting.require_scopes(provider, tokens)
    profiles = Profiles(state.settings.google_api_url, state.settings.graph_url)
    address = await profiles.address(attempt.provider, tokens.access_token, attempt.team_mailbox)
    async with state.database.tenant(attempt.organisation_id) as session:
        mailbox = await connecting.finish(session, attempt, address, tokens, state.master_keys)
        await log.record(
            session,
            request,
            "mailbox.connected",
            actor=caller,
            organisation_id=attempt.organisation_id,
            subject=str(mailbox.id),
        )
    return mailbox.id


def _page(public_url: str, **query: str) -> RedirectResponse:
    return RedirectResponse(f"{public_url.rstrip('/')}{PAGE}?{urlencode(query)}", 303)
