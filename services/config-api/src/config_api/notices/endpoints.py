from typing import Annotated

from fastapi import APIRouter, Query, Request

from config_api.deps import AuthSession, MasterKeysDep, OperatorDep
from config_api.notices import newsletter
from config_api.notices.schemas import NewsletterCreate, NewsletterPublic
from config_api.security import log

router = APIRouter(prefix="/newsletter", tags=["newsletter"])


@router.post("", status_code=202)
async def send_newsletter(
    data: NewsletterCreate, request: Request, caller: OperatorDep, session: AuthSession, master_keys: MasterKeysDep
) -> NewsletterPublic:
    """Sends a letter to everybody who asked for the newsletter; for operators."""
    readers = await newsletter.publish(session, data, master_keys)
    await log.record(session, request, "newsletter.sent", actor=caller)
    return NewsletterPublic(readers=readers)


@router.post("/unsubscribe", status_code=204)
async def unsubscribe_from_newsletter(
    token: Annotated[str, Query(max_length=300)], session: AuthSession, master_keys: MasterKeysDep
) -> None:
    """Ends the newsletter for the person whose link this is; needs no log-in (RFC 8058)."""
    await newsletter.unsubscribe(session, token, master_keys)
