"""Before the emulated Entra: the paths that Microsoft's log-in really has, and which tokens are valid."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tests.servers.gateway import Gateway

_TENANT = re.compile(r"^/[^/]+(?=/oauth2/v2\.0/)")


class EntraGateway(Gateway):
    """The emulator has no tenant in its paths, no administrator's consent, and never ends an access token.

    `issued` is told whose each new access token is.
    """

    def __init__(self, port: int, upstream: str) -> None:
        super().__init__(port, upstream)
        self._owners: dict[str, str] = {}
        self.issued: Callable[[str, str], None] = lambda email, token: None

    def owner(self, access_token: str) -> str | None:
        """Whose token it is, for a Graph that takes it; None where it is not valid (any more)."""
        return self._owners.get(access_token)

    def expire(self, email: str) -> None:
        """Every access token of a user ends; refresh tokens still work."""
        self._owners = {token: owner for token, owner in self._owners.items() if owner != email}

    async def answer(self, request: Request) -> Response:
        path = _TENANT.sub("", request.url.path)
        if path.endswith("/v2.0/adminconsent"):
            asked = request.query_params
            return RedirectResponse(f"{asked['redirect_uri']}?admin_consent=True&state={asked.get('state', '')}", 302)
        response = await self.forward(request, path=path)
        if path == "/oauth2/v2.0/token" and response.status_code == 200:
            token = json.loads(bytes(response.body))["access_token"]
            if parse_qs((await request.body()).decode())["grant_type"] != ["client_credentials"]:
                self._owners[token] = (await self.get("/oidc/userinfo", token))["email"]
                self.issued(self._owners[token], token)
        return response
