"""Forgetting on request (GDPR, article 17): a person, or an organisation, at once and not by age."""

from sqlalchemy import ColumnElement, case, delete, func, literal, or_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from audit.holds import held
from audit.locks import Locks
from audit.log import KEEPER, PARTS, TAKE_ROLE
from audit.tables import entries, known_addresses, locks
from shared.events import ErasureRequested
from shared.limits import counted_as

ERASED = "erased"


async def forget(engine: AsyncEngine, event: ErasureRequested, counts: Locks) -> None:
    """What happened stays in the log, and to which id; who it was and from where does not, but under a legal hold."""
    async with engine.begin() as connection:
        counted_by_id = locks.c.user_name.in_([counted_as(event.organisation_id), counted_as(event.account_id)])
        named = _is_one_of(locks.c.user_name, event.name_digests)
        await connection.execute(delete(locks).where(or_(named, counted_by_id)))
        theirs = known_addresses.c.name.in_([counts.name_key(digest) for digest in event.name_digests])
        await connection.execute(delete(known_addresses).where(theirs))
        await connection.execute(TAKE_ROLE, {"role": KEEPER})
        actor = case((_acted(event), ERASED), else_=entries.c.actor)
        forgotten = {"address": None, "user_name": "", "actor": actor, "named": False}
        await connection.execute(update(entries).where(_about(event), ~held()).values(forgotten))


def _about(event: ErasureRequested) -> ColumnElement[bool]:
    about = [_is_one_of(entries.c.user_name, event.name_digests)]
    if event.organisation_id is not None:
        about.append(entries.c.organisation_id == event.organisation_id)
    if event.account_id is not None:
        about += [entries.c.actor == str(event.account_id), entries.c.subject == str(event.account_id)]
    return or_(*about)


def _acted(event: ErasureRequested) -> ColumnElement[bool]:
    """Of a person's entries only those are the person's doing; of an organisation's, all but the installation's own."""
    if event.account_id is not None:
        return or_(entries.c.actor == str(event.account_id), entries.c.named)
    return entries.c.actor.not_in(PARTS)


def _is_one_of(name: ColumnElement[str], digests: tuple[str, ...]) -> ColumnElement[bool]:
    digest = func.encode(func.sha256(func.convert_to(func.lower(name), literal("UTF8"))), literal("hex"))
    return (name != "") & digest.in_(digests)
