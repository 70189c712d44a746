from fastapi import APIRouter

router = APIRouter(prefix="/organisations/{organisation_id}/plan", tags=["plan"])
