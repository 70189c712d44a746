"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost."""

import base64
import secrets
from uuid import UUID

import structlog
from pyotp import random_base32
from pyotp.exceptions import OTPVerificationError
from pyotp.totp import TOTP
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account, RecoveryCode
from config_api.crypto import MasterKeys
from config_api.models import now
from config_api.tokens import digest
from shared.errors import PermanentError

log = structlog.get_logger(__name__)

FIELD = "totp_secret"
ISSUER = "Kinamik"
# A clock that is half a minute off is nothing special.
STEPS_OFF = 1
RECOVERY_CODES = 10
# 120 random bits: too many to be guessed from their digest.
RECOVERY_CODE_BYTES = 15


def offer(account: Account, master_keys: MasterKeys) -> tuple[str, str]:
    """A new secret, which does nothing until `switch_on`, and its otpauth URI."""
    secret = random_base32()
    account.totp_secret = master_keys.seal(secret.encode(), account.id, FIELD)
    return secret, TOTP(secret).provisioning_uri(name=account.email or account.user_name, issuer_name=ISSUER)


async def switch_on(session: AsyncSession, account: Account, code: str, master_keys: MasterKeys) -> list[str] | None:
    """Recovery codes, or None where the code is wrong."""
    if not _by_app(account, _bare(code), master_keys):
        return None
    account.totp_confirmed_at = now()
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    await _forget_recovery_codes(session, account.id)
    session.add_all(RecoveryCode(account_id=account.id, code_digest=digest(_bare(code))) for code in codes)
    return codes


async def switch_off(session: AsyncSession, account: Account) -> None:
    account.totp_secret = account.totp_confirmed_at = account.totp_last_step = None
    await _forget_recovery_codes(session, account.id)


async def accepted(session: AsyncSession, account: Account, code: str, master_keys: MasterKeys) -> bool:
    """Whether the code is right; then it is used up. The account's row has to be locked."""
    return _by_app(account, _bare(code), master_keys) or await _by_recovery_code(session, account.id, _bare(code))


def _by_app(account: Account, code: str, master_keys: MasterKeys) -> bool:
    """RFC 6238, 5.2: a code is good once, so the steps up to it are over."""
    if account.totp_secret is None:
        return False
    try:
        totp = TOTP(master_keys.open(account.totp_secret, account.id, FIELD).decode())
        step = totp.verify_and_get_timecode(code, valid_window=STEPS_OFF)
    except OTPVerificationError:
        return False
    except PermanentError as error:
        log.error("second_factor_unreadable", account=str(account.id), reason=error.reason)
        return False
    if step <= (account.totp_last_step or 0):
        return False
    account.totp_last_step = step
    return True


async def _by_recovery_code(session: AsyncSession, account_id: UUID, code: str) -> bool:
    mine = delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id)
    return (await session.exec(mine.where(col(RecoveryCode.code_digest) == digest(code)))).rowcount > 0


async def _forget_recovery_codes(session: AsyncSession, account_id: UUID) -> None:
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))


def _new_recovery_code() -> str:
    code = base64.b32encode(secrets.token_bytes(RECOVERY_CODE_BYTES)).decode().lower()
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _bare(code: str) -> str:
    """As people type it: with blanks and dashes, in capitals or not."""
    return "".join(code.split()).replace("-", "").lower()
