"""What the operator does with people's accounts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts import lookup, removal, sessions
from config_api.accounts.models import Account
from config_api.auth.call import Call
from config_api.models import now
from config_api.operator.schemas import AccountSwitches
from config_api.principal import Principal
from config_api.problems import Conflict
from config_api.records import Paging, next_cursor

SEARCHED = (Account.email, Account.user_name, Account.first_name, Account.last_name)


async def list_accounts(session: AsyncSession, search: str, paging: Paging) -> tuple[Sequence[Account], str | None]:
    """Oldest first; those in whose address or names `search` occurs."""
    query = select(Account)
    if search:
        query = query.where(or_(*(col(field).icontains(search, autoescape=True) for field in SEARCHED)))
    if after := paging.after():
        query = query.where(tuple_(col(Account.created_at), col(Account.id)) > after)
    query = query.order_by(col(Account.created_at), col(Account.id)).limit(paging.limit + 1)
    rows = (await session.exec(query)).all()
    page = rows[: paging.limit]
    return page, next_cursor(page[-1].created_at, page[-1].id) if len(rows) > paging.limit else None


async def switch(call: Call, caller: Principal, account_id: UUID, data: AccountSwitches) -> Account:
    """Locking ends the account's sessions. Raises NotFound (`account_unknown`), Conflict (`own_account`)."""
    _require_others(caller, account_id)
    async with call.database.auth() as session:
        account = await lookup.get(session, account_id, lock=True)
        for name, value in data.model_dump(exclude_unset=True).items():
            if getattr(account, name) != value:
                setattr(account, name, value)
                account.updated_at = now()
                await _consequences(call, session, caller, account, name)
    return account


async def delete(call: Call, caller: Principal, account_id: UUID) -> None:
    """Raises as `switch` does, and Conflict (`last_owner`)."""
    _require_others(caller, account_id)
    await removal.remove(call, account_id, actor=caller.name)


async def _consequences(call: Call, session: AsyncSession, caller: Principal, account: Account, switch: str) -> None:
    if not account.active:
        await sessions.end_all(session, account.id)
    actions = {
        ("active", True): "account.unlocked",
        ("active", False): "account.locked",
        ("operator", True): "operator.granted",
        ("operator", False): "operator.revoked",
    }
    action = actions[switch, getattr(account, switch)]
    await call.record(session, action, actor=caller.name, subject=str(account.id))


def _require_others(caller: Principal, account_id: UUID) -> None:
    """An operator who locks the own account out could be the last one."""
    if caller.account_id == account_id:
        raise Conflict("own_account")
