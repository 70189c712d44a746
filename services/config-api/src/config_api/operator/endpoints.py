"""The accounts of all people, for whoever runs this installation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from config_api.accounts import lookup
from config_api.auth.call import CallDep
from config_api.deps import AuthSession, OperatorDep, require_operator
from config_api.fields import NO_CONTROLS
from config_api.operator import service
from config_api.operator.schemas import AccountForOperator, AccountSwitches
from config_api.records import Page, Paging, get_paging

router = APIRouter(prefix="/operator", tags=["operator"], dependencies=[Depends(require_operator)])


@router.get("/accounts")
async def list_accounts(
    session: AuthSession,
    paging: Annotated[Paging, Depends(get_paging)],
    search: Annotated[str, Query(max_length=200, pattern=NO_CONTROLS)] = "",
) -> Page[AccountForOperator]:
    """All accounts, oldest first; `search` looks into addresses and names."""
    rows, cursor = await service.list_accounts(session, search, paging)
    return Page(items=[AccountForOperator.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/accounts/{account_id}")
async def get_account_of(account_id: UUID, session: AuthSession) -> AccountForOperator:
    """One account."""
    return AccountForOperator.model_validate(await lookup.get(session, account_id))


@router.patch("/accounts/{account_id}")
async def switch_account(
    account_id: UUID, data: AccountSwitches, caller: OperatorDep, call: CallDep
) -> AccountForOperator:
    """Locks or unlocks an account, makes its person an operator or no longer; locking ends its sessions at once."""
    return AccountForOperator.model_validate(await service.switch(call, caller, account_id, data))


@router.delete("/accounts/{account_id}", status_code=204)
async def delete_account_of(account_id: UUID, caller: OperatorDep, call: CallDep) -> None:
    """Deletes an account. An organisation's last owner has to be replaced first, or the organisation deleted."""
    await service.delete(call, caller, account_id)
