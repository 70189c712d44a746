"""Which creates were asked for with which key, for 24 hours (draft-ietf-httpapi-idempotency-key-header).

A create that fails leaves nothing behind, so that it may be tried again with the same key. One that was cut off
between its change and its answer is given up after a while: asked for again then, it is done again.
"""

from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.idempotency.models import IdempotencyKey
from config_api.models import now
from config_api.problems import Conflict, Invalid

KEPT = timedelta(hours=24)
GIVEN_UP = timedelta(minutes=2)
REQUEST, ANSWER = "sealed_request", "sealed_answer"


class Answer(BaseModel):
    status: int
    headers: dict[str, str]
    body: str


class Store:
    def __init__(self, database: Database, master_keys: MasterKeys) -> None:
        self._database = database
        self._master_keys = master_keys

    async def reserve(
        self, digest: bytes, request: bytes, *, organisation_id: UUID | None, account_id: UUID | None
    ) -> "UUID | Answer":
        """The reservation's id where this is the first request with that key, else what the first one was answered.

        Raises Invalid (`idempotency_key_reused`) where the first one asked for something else, and Conflict
        (`idempotency_key_in_use`) while it is not answered.
        """
        row = IdempotencyKey(
            digest=digest,
            sealed_request="",
            expires_at=now() + GIVEN_UP,
            organisation_id=organisation_id,
            account_id=account_id,
        )
        row.sealed_request = self._master_keys.seal(request, row.id, REQUEST)
        values = row.model_dump()
        reserving = insert(IdempotencyKey).values(values)
        reserving = reserving.on_conflict_do_update(
            index_elements=["digest"], set_=values, where=col(IdempotencyKey.expires_at) <= now()
        )
        async with self._database.auth() as session:
            if (await session.exec(reserving.returning(col(IdempotencyKey.id)))).first() is not None:
                return row.id
            found = await session.exec(select(IdempotencyKey).where(IdempotencyKey.digest == digest))
            return self._answer_of(found.one_or_none(), request)

    async def keep(self, reservation: UUID, answer: Answer, *, organisation_id: UUID | None = None) -> None:
        """`organisation_id` is the organisation that was made."""
        sealed = self._master_keys.seal(answer.model_dump_json().encode(), reservation, ANSWER)
        about = {"organisation_id": organisation_id} if organisation_id else {}
        mine = update(IdempotencyKey).where(col(IdempotencyKey.id) == reservation)
        async with self._database.auth() as session:
            await session.exec(mine.values(sealed_answer=sealed, expires_at=now() + KEPT, **about))

    async def release(self, reservation: UUID) -> None:
        async with self._database.auth() as session:
            await session.exec(delete(IdempotencyKey).where(col(IdempotencyKey.id) == reservation))

    def _answer_of(self, row: IdempotencyKey | None, request: bytes) -> Answer:
        if row is None:  # released at this moment
            raise Conflict("idempotency_key_in_use")
        if self._master_keys.open(row.sealed_request, row.id, REQUEST) != request:
            raise Invalid("idempotency_key_reused")
        if row.sealed_answer is None:
            raise Conflict("idempotency_key_in_use")
        return Answer.model_validate_json(self._master_keys.open(row.sealed_answer, row.id, ANSWER))
