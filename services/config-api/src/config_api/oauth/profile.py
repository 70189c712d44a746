"""Whose mailbox a new access token opens."""

from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from config_api.oauth.client import ANSWER_WITHIN
from config_api.oauth.providers import ProviderName
from shared.errors import AuthError, PermanentError, TransientError

T = TypeVar("T", bound=BaseModel)


class _Google(BaseModel):
    """https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile"""

    emailAddress: str


class _Microsoft(BaseModel):
    """https://learn.microsoft.com/graph/api/user-get; `mail` is null for accounts that have no mailbox of their own."""

    mail: str | None = None
    userPrincipalName: str


class Profiles:
    """`google_url` and `graph_url` are the APIs' bases."""

    def __init__(self, google_url: str, graph_url: str) -> None:
        self._google_url = google_url.rstrip("/")
        self._graph_url = graph_url.rstrip("/")

    async def address(self, provider: ProviderName, token: str, team_mailbox: str = "") -> str:
        """The mailbox's address; a team's, once it is certain that this person may open it.

        Raises AuthError (`team_mailbox_denied`, `access_denied`), PermanentError (`no_mailbox`), TransientError
        (`provider_unavailable`).
        """
        if provider == "gmail":
            answer = await _get(f"{self._google_url}/gmail/v1/users/me/profile", token)
            return _parsed(_Google, answer).emailAddress
        if team_mailbox:
            await self._require_team_mailbox(token, team_mailbox)
            return team_mailbox
        answer = await _get(f"{self._graph_url}/v1.0/me", token, {"$select": "mail,userPrincipalName"})
        await _get(f"{self._graph_url}/v1.0/me/mailFolders/inbox", token, {"$select": "id"})
        found = _parsed(_Microsoft, answer)
        return found.mail or found.userPrincipalName

    async def _require_team_mailbox(self, token: str, user: str) -> None:
        url = f"{self._graph_url}/v1.0/users/{quote(user, safe='@')}/mailFolders/inbox"
        try:
            await _get(url, token, {"$select": "id"})
        except (AuthError, PermanentError):
            raise AuthError("team_mailbox_denied") from None


async def _get(url: str, token: str, query: dict[str, str] | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with httpx2.AsyncClient(timeout=ANSWER_WITHIN, trust_env=False, headers=headers) as client:
            answer = await client.get(url, params=query)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
        raise TransientError("provider_unavailable") from None
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise AuthError("access_denied")
    # Google answers 400 (`failedPrecondition`) where the account has no Gmail, Graph 404 where it has no mailbox.
    if answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
        raise PermanentError("no_mailbox")
    if not answer.is_success:
        raise TransientError("provider_unavailable")
    return answer


def _parsed(kind: type[T], answer: httpx2.Response) -> T:
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError:
        raise TransientError("provider_unavailable") from None
