"""Before the emulated Entra: the paths that Microsoft's log-in really has, and which tokens are valid."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.servers.gateway import Gateway

_TENANT = re.compile(r"^/[^/]+(?=/oauth2/v2\.0/)")


class EntraGateway(Gateway):
    """The emulator has no tenant in its paths, no administrator's consent, and never ends an access token.

    `issued` is told whose each new access token is.
    """

    def __init__(self, port: int, upstream: str) -> None:
        super().__init__(port, upstream)
        self._owners: dict[str, str] = {}
        self._grants: dict[str, str] = {}
        self._ended: set[str] = set()
        self.issued: Callable[[str, str], None] = lambda email, token: None

    def owner(self, access_token: str) -> str | None:
        """Whose token it is, for a Graph that takes it; None where it is not valid (any more)."""
        return self._owners.get(access_token)

    def tokens(self, email: str) -> list[str]:
        """A user's access tokens so far."""
        return [token for token, owner in self._owners.items() if owner == email]

    def expire(self, email: str) -> None:
        """Every access token of a user ends; refresh tokens still work."""
        self._owners = {token: owner for token, owner in self._owners.items() if owner != email}

    def revoke(self, email: str) -> list[str]:
        """An administrator ends all sessions of a user: no refresh token works any more. The access tokens so far."""
        tokens = self.tokens(email)
        self.expire(email)
        self._ended |= {grant for grant, owner in self._grants.items() if owner == email}
        return tokens

    async def answer(self, request: Request) -> Response:
        path = _TENANT.sub("", request.url.path)
        if path.endswith("/v2.0/adminconsent"):
            asked = request.query_params
            return RedirectResponse(f"{asked['redirect_uri']}?admin_consent=True&state={asked.get('state', '')}", 302)
        asked = parse_qs((await request.body()).decode())
        if self._ended.intersection(asked.get("refresh_token", ())):
            return JSONResponse({"error": "invalid_grant", "error_description": "AADSTS50173"}, 400)
        response = await self.forward(request, path=path)
        if path == "/oauth2/v2.0/token" and response.status_code == 200:
            granted = json.loads(bytes(response.body))
            if asked["grant_type"] != ["client_credentials"]:
                await self._note(granted["access_token"], granted.get("refresh_token", ""))
        return response

    async def _note(self, access_token: str, refresh_token: str) -> None:
        email = (await self.get("/oidc/userinfo", access_token))["email"]
        self._owners[access_token] = self._grants[refresh_token] = email
        self.issued(email, access_token)
