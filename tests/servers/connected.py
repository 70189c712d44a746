"""Mailboxes at Google and Microsoft, connected as their owners do it: they log in and agree, config-api has the grant.

What is left out is the person's session with us: the mailbox is made with config-api's own parts.
"""

import html
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import UUID

import httpx2

from config_api.app import ConfigApi
from config_api.oauth.client import Tokens, login_url, new_verifier, redeem
from config_api.oauth.connecting import begun, finish
from config_api.oauth.providers import ProviderName, providers
from config_api.oauth.schemas import ConnectRequest
from tests.servers.config_api import NO_TLS, settings_for
from tests.servers.google import CLIENT_ID, CLIENT_SECRET, Google
from tests.servers.graph import GraphServer

REDIRECT = "http://127.0.0.1:8080/api/v1/oauth/callback"
"""Where a log-in leads back to, as long as nobody sets `public_url`."""


def endpoints(google: Google, graph: GraphServer) -> dict[str, str]:
    """The services' environment: where Google and Microsoft are, and how they know this installation."""
    return {
        "KINAMIK_GOOGLE_CLIENT_ID": CLIENT_ID,
        "KINAMIK_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "KINAMIK_GOOGLE_LOGIN_URL": google.google.url,
        "KINAMIK_GOOGLE_TOKEN_URL": google.google.url,
        "KINAMIK_GOOGLE_API_URL": google.google.url,
        "KINAMIK_MICROSOFT_CLIENT_ID": CLIENT_ID,
        "KINAMIK_MICROSOFT_CLIENT_SECRET": CLIENT_SECRET,
        "KINAMIK_MICROSOFT_LOGIN_URL": google.microsoft.url,
        "KINAMIK_GRAPH_URL": graph.url,
    }


@dataclass
class Connections:
    """For one organisation's assistant."""

    service: ConfigApi
    organisation: UUID
    assistant: UUID

    async def connect(self, name: ProviderName, address: str) -> UUID:
        """Who has that address logs in and agrees; the new mailbox's id."""
        provider = providers(self.service.settings)[name]
        verifier = new_verifier()
        code = await _consent(login_url(provider, state="a state", verifier=verifier, team=False), address)
        return await self.keep(name, address, await redeem(provider, code, verifier), verifier)

    async def keep(self, name: ProviderName, address: str, tokens: Tokens, verifier: str = "") -> UUID:
        """A mailbox with these tokens."""
        request = ConnectRequest(provider=name, assistant_id=self.assistant)
        attempt = begun(self.organisation, request, verifier)
        async with self.service.database.tenant(self.organisation) as session:
            return (await finish(session, attempt, address, tokens, self.service.master_keys)).id


@asynccontextmanager
async def connecting(
    url: str, master_keys: str, path: str, assistant: str, environment: dict[str, str]
) -> AsyncGenerator[Connections]:
    """`url` is the database's, `path` the organisation's in the API, `environment` what `endpoints` says."""
    settings = {name.removeprefix("KINAMIK_").lower(): value for name, value in environment.items()}
    service = ConfigApi.of(settings_for(url, master_keys=master_keys, **settings))
    try:
        yield Connections(service, UUID(path.rsplit("/", 1)[-1]), UUID(assistant))
    finally:
        await service.database.close()


async def _consent(login: str, address: str) -> str:
    """What a browser does with the log-in page; the code that comes back."""
    async with httpx2.AsyncClient(verify=NO_TLS, timeout=30) as http:
        page = (await http.get(login)).text
        form = next(form for form in page.split("<form")[1:] if f'value="{address}"' in form)
        action = re.search(r'action="([^"]+)"', form)
        assert action
        fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
        answer = await http.post(urljoin(login, action[1]), data=fields)
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
