"""What everybody may know, without being logged in."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from config_api.deps import LanguageDep, SettingsDep
from config_api.messages.catalogue import Language
from config_api.site import legal, service
from config_api.site.schemas import LegalName, LegalText, Site

router = APIRouter(prefix="/site", tags=["site"])

CACHE = "public, max-age=300"

WantedLanguage = Annotated[Language | None, Query(description="Else as Accept-Language says")]


@router.get("")
async def get_site(settings: SettingsDep, response: Response) -> Site:
    """What this installation is, what it costs, and how one gets in."""
    response.headers["Cache-Control"] = CACHE
    return await service.describe(settings)


@router.get("/legal/{text}")
async def get_legal_text(
    text: LegalName,
    settings: SettingsDep,
    response: Response,
    preferred: LanguageDep,
    language: WantedLanguage = None,
) -> LegalText:
    """The operator's imprint, privacy policy or terms of use."""
    response.headers["Cache-Control"] = CACHE
    response.headers["Vary"] = "Accept-Language"
    return await asyncio.to_thread(legal.read, settings.legal_folder, text, language or preferred)
