from fastapi import APIRouter, Depends

from config_api.deps import require_operator

router = APIRouter(prefix="/operator/audit", tags=["audit"], dependencies=[Depends(require_operator)])
