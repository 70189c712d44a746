from fastapi import APIRouter

router = APIRouter(prefix="/organisations/{organisation_id}/assistants/{assistant_id}", tags=["playground"])
