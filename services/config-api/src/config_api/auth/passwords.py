"""Passwords: what is good enough to be one, and Argon2id.

Each hash takes 19 MiB and some 25 ms of a core (OWASP's recommendation), so at most two are made at a time.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr

from config_api.auth.common import is_common
from config_api.problems import Fault, Invalid

T = TypeVar("T")

PRODUCT = "kinamik"
# zxcvbn: fewer than 10^8 guesses is below 3.
SAFE_AGAINST_GUESSES = 3
LOOKED_AT = 72

_argon2 = PasswordHash((Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1),))
_two = ThreadPoolExecutor(2, thread_name_prefix="argon2")


def require_good(password: SecretStr, user_name: str, *, field: str = "password") -> None:
    """Raises Invalid (`password_too_common`, `password_too_guessable` where it has the user's or our name in it)."""
    value = password.get_secret_value().lower()
    if is_common(value):
        raise _not_good("password_too_common", field)
    if user_name.lower() in value or PRODUCT in value or _is_guessed_soon(value):
        raise _not_good("password_too_guessable", field)


def _is_guessed_soon(password: str) -> bool:
    """By somebody who begins with the 30,000 passwords that were leaked most often, and names and dates."""
    from zxcvbn import zxcvbn  # its word lists take 14 MB, which most processes never need

    return zxcvbn(password[:LOOKED_AT], max_length=LOOKED_AT)["score"] < SAFE_AGAINST_GUESSES


async def hashed(password: SecretStr) -> str:
    return await _in_turn(lambda: _argon2.hash(password.get_secret_value()))


async def verified(password: SecretStr, known: str | None) -> bool:
    """Whether this is the password; takes as long where there is none to compare with."""
    return await _in_turn(lambda: _argon2.verify(password.get_secret_value(), known or _nobodys()) and bool(known))


async def _in_turn(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_two, work)


@cache
def _nobodys() -> str:
    return _argon2.hash("")


def _not_good(reason: str, field: str) -> Invalid:
    return Invalid(reason, [Fault(field=f"body.{field}", reason=reason)])
