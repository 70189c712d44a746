from fastapi import APIRouter

from config_api.deps import OWNERS

router = APIRouter(prefix="/organisations/{organisation_id}/api-keys", tags=["API keys"], dependencies=[OWNERS])
