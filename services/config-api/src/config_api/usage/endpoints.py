from fastapi import APIRouter

router = APIRouter(prefix="/organisations/{organisation_id}/usage", tags=["usage"])
