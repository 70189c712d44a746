"""Before the emulated Google: which tokens are valid, for what, and the rest of what Google's log-in does.

The emulator takes an access token that it does not know for its first user's, keeps access tokens alive when their
grant is revoked, ends a token after 5,000 requests, and asks nobody for scopes. Here a token is good until it
expires or its grant is revoked, and for the scopes that were granted (https://developers.google.com/gmail/api/auth/scopes).
"""

import itertools
import json
import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.servers.faults import forbidden, google_error, unauthorised
from tests.servers.gateway import Gateway
from tests.servers.gmail_gaps import GmailGaps

READ = "https://www.googleapis.com/auth/gmail.readonly"
COMPOSE = "https://www.googleapis.com/auth/gmail.compose"
SCOPES = f"{READ} {COMPOSE}"
SEEDED = 4
"""How many of the emulator's tokens each user has."""

_MODIFY = "https://www.googleapis.com/auth/gmail.modify"
_ALIASES = {"/token": "/oauth2/token", "/revoke": "/oauth2/revoke", "/v1/userinfo": "/oauth2/v2/userinfo"}
_NEEDED = (
    ("POST", re.compile(r"/drafts$"), {COMPOSE, _MODIFY}),
    ("GET", re.compile(r"/(drafts|profile)"), {READ, COMPOSE, _MODIFY}),
    ("GET", re.compile(r"/gmail/v1/"), {READ, _MODIFY}),
    ("POST", re.compile(r"/(watch|stop)$"), {READ, _MODIFY}),
)


def seeded(email: str) -> list[str]:
    """The emulator's own tokens for a user."""
    return [f"seed-{number}-{email}" for number in range(SEEDED)]


@dataclass
class Access:
    """What an access token is good for. `grant` is the refresh token it came from, empty where a test issued it."""

    email: str
    scopes: frozenset[str]
    grant: str = ""


class GoogleGateway(Gateway):
    """`withheld` are scopes that people leave unticked; with `refusing` they agree to nothing, for which the emulator's
    page has no button. `lifetime` is an access token's, in seconds.
    """

    def __init__(self, port: int, upstream: str) -> None:
        super().__init__(port, upstream)
        self.withheld: set[str] = set()
        self.refusing = False
        self.lifetime = 3599
        self.gmail = GmailGaps(self)
        self._access: dict[str, Access] = {}
        self._grants: dict[str, str] = {}
        self._offline: dict[str, bool] = {}
        self._turn = itertools.count()

    def issue(self, email: str, scopes: str = SCOPES) -> str:
        """A new access token, without anybody having logged in."""
        token = f"ya29.{secrets.token_urlsafe(20)}"
        self._access[token] = Access(email, frozenset(scopes.split()))
        return token

    def expire(self, email: str) -> None:
        """Every access token of a user ends; refresh tokens still work."""
        self._access = {token: access for token, access in self._access.items() if access.email != email}

    def grants(self, email: str) -> list[str]:
        """The refresh tokens that a user's consent has brought."""
        return [grant for grant, owner in self._grants.items() if owner == email]

    def user_of(self, request: Request) -> str | None:
        access = self._access.get(_bearer(request))
        return access.email if access else None

    def upstream_token(self, email: str) -> str:
        return seeded(email)[next(self._turn) % SEEDED]

    async def answer(self, request: Request) -> Response:
        path = _ALIASES.get(request.url.path, request.url.path)
        match path:
            case "/o/oauth2/v2/auth":
                self._offline[request.query_params.get("state", "")] = (
                    request.query_params.get("access_type") == "offline"
                )
                return await self.forward(request)
            case "/o/oauth2/v2/auth/callback":
                return await self._consented(request)
            case "/oauth2/token":
                return await self._token(request, path)
            case "/oauth2/revoke":
                return await self._revoked(request, path)
            case _ if path.startswith("/gmail/") or path.endswith("/userinfo"):
                return await self._allowed(request, path)
            case _:
                return await self.forward(request)

    async def _consented(self, request: Request) -> Response:
        if self.refusing:
            asked = parse_qs((await request.body()).decode())
            answer = urlencode({"error": "access_denied", "state": asked["state"][0]})
            return RedirectResponse(f"{asked['redirect_uri'][0]}?{answer}", 302)
        response = await self.forward(request)
        answer = parse_qs(urlsplit(response.headers.get("location", "")).query)
        if code := answer.get("code"):
            self._offline[code[0]] = self._offline.get(answer.get("state", [""])[0], False)
        return response

    async def _token(self, request: Request, path: str) -> Response:
        """Only who asked for offline access gets a refresh token."""
        asked = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        response = await self.forward(request, path=path)
        if response.status_code != 200:
            return response
        granted = json.loads(bytes(response.body))
        scopes = [scope for scope in granted["scope"].split() if scope not in self.withheld]
        grant = granted.get("refresh_token") or asked.get("refresh_token", "")
        if "code" in asked and not self._offline.get(asked["code"]):
            grant = granted.pop("refresh_token", "")
        email = await self._email(granted["access_token"])
        self._access[granted["access_token"]] = Access(email, frozenset(scopes), grant)
        self._grants[grant] = email
        return JSONResponse(granted | {"scope": " ".join(scopes), "expires_in": self.lifetime})

    async def _revoked(self, request: Request, path: str) -> Response:
        """A refresh or an access token: with it end all grants that the user has given to this client."""
        token = parse_qs((await request.body()).decode()).get("token", [""])[0]
        access = self._access.get(token)
        email = self._grants.get(access.grant if access else token)
        if email is None:
            return JSONResponse({"error": "invalid_token"}, 400)
        for grant in self.grants(email):
            del self._grants[grant]
            await self.forward(request, path=path, body=f"token={grant}".encode())
        self._access = {each: access for each, access in self._access.items() if access.email != email}
        return JSONResponse({}, 200)

    async def _allowed(self, request: Request, path: str) -> Response:
        access = self._access.get(_bearer(request))
        if access is None:
            return JSONResponse(unauthorised().body, 401)
        for method, pattern, any_of in _NEEDED:
            if method == request.method and pattern.search(path):
                if access.scopes & any_of:
                    break
                return JSONResponse(forbidden().body, 403)
        else:
            if path.startswith("/gmail/"):
                message = f"{request.method} is not what a mailbox was connected for."
                return JSONResponse(google_error(403, message, "insufficientPermissions"), 403)
        if path.startswith("/gmail/"):
            return await self.gmail.answer(request, access.email)
        return await self.forward(request, path=path, token=self.upstream_token(access.email))

    async def _email(self, token: str) -> str:
        return str((await self.get("/oauth2/v2/userinfo", token))["email"])


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")
