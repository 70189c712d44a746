"""The session's cookie: its token, which only the server can read."""

from typing import Any

from fastapi import Response

from config_api.accounts.sessions import LIFETIME
from config_api.settings import Settings


def remember(response: Response, token: str, settings: Settings) -> None:
    response.set_cookie(settings.session_cookie, token, max_age=int(LIFETIME.total_seconds()), **_attributes(settings))


def forget(response: Response, settings: Settings) -> None:
    """In the browser, with whatever else it has kept of the session."""
    response.delete_cookie(settings.session_cookie, **_attributes(settings))
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'


def _attributes(settings: Settings) -> dict[str, Any]:
    return {"path": "/", "secure": not settings.plain_loopback, "httponly": True, "samesite": "lax"}
