"""How the services are, as they say themselves; for the operator's page. What watches over them is Prometheus."""

import asyncio

import httpx2
from fastapi import APIRouter, Depends
from pydantic import BaseModel, TypeAdapter, ValidationError

from config_api.deps import SettingsDep, require_operator
from config_api.settings import Settings

PATIENCE_SECONDS = 3.0

router = APIRouter(prefix="/operator", tags=["operator"], dependencies=[Depends(require_operator)])
_checks = TypeAdapter(dict[str, bool])


class ServiceHealth(BaseModel):
    """`checks` are what the service depends on, and whether that answers; none where the service does not."""

    name: str
    reachable: bool
    checks: dict[str, bool]


@router.get("/health")
async def get_health(settings: SettingsDep) -> list[ServiceHealth]:
    """Whether each service answers, and what it says of itself."""
    urls = _urls(settings)
    async with httpx2.AsyncClient(timeout=PATIENCE_SECONDS) as http:
        asked = {url: asyncio.create_task(_ask(http, url)) for url in set(urls.values())}
        answers = {url: await task for url, task in asked.items()}
    return [
        ServiceHealth(name=name, reachable=answers[url] is not None, checks=answers[url] or {})
        for name, url in urls.items()
    ]


def _urls(settings: Settings) -> dict[str, str]:
    return {
        "ingest": settings.ingest_url,
        "drafter": settings.drafter_url,
        "writer": settings.writer_url,
        "audit": settings.audit_url,
    }


async def _ask(http: httpx2.AsyncClient, url: str) -> dict[str, bool] | None:
    try:
        return _checks.validate_json((await http.get(f"{url.rstrip('/')}/readyz")).content)
    except (httpx2.HTTPError, ValidationError):
        return None
