"""What a new assistant may begin with. Everybody may look."""

from fastapi import APIRouter, Response

from config_api.deps import LanguageDep
from config_api.site.endpoints import CACHE, WantedLanguage
from config_api.starting_points import service
from config_api.starting_points.schemas import SampleMailList, StartingPoint, StartingPointList

router = APIRouter(prefix="/starting-points", tags=["starting points"])


@router.get("")
async def list_starting_points(
    response: Response, preferred: LanguageDep, language: WantedLanguage = None
) -> StartingPointList:
    """The trades that an assistant may start from."""
    response.headers["Cache-Control"] = CACHE
    response.headers["Vary"] = "Accept-Language"
    return StartingPointList(items=service.everything(language or preferred))


@router.get("/{key}/mails")
async def list_sample_mails(
    key: StartingPoint, response: Response, preferred: LanguageDep, language: WantedLanguage = None
) -> SampleMailList:
    """Mails of the kind that such a business gets, to try an assistant on."""
    response.headers["Cache-Control"] = CACHE
    response.headers["Vary"] = "Accept-Language"
    return SampleMailList(items=service.load(key, language or preferred).mails)
