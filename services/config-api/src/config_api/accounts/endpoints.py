from fastapi import APIRouter

router = APIRouter(prefix="/account", tags=["account"])
