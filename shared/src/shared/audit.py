"""What audit answers: the security log's entries, locks and legal holds, as its internal API speaks of them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, IPvAnyNetwork, StringConstraints, WithJsonSchema

from shared.mail import Frozen

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320, pattern=r"^[^\x00-\x1f\x7f]*$")]
UserName = Annotated[Words, StringConstraints(to_lower=True)]
# One address, or a network of them.
Network = Annotated[
    IPvAnyNetwork, WithJsonSchema({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})
]


EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def _within_the_log(value: datetime) -> datetime:
    """No entry is older or younger, and PostgreSQL's and Python's calendars agree there."""
    return min(max(value, EARLIEST), LATEST)


Moment = Annotated[AwareDatetime, AfterValidator(_within_the_log)]


def _plain(value: str) -> str:
    """Whatever somebody entered, so that it can be counted: without what cannot be stored, and bounded."""
    return "".join(c for c in value if c.isprintable()).strip().lower()[:320]


Entered = Annotated[str, AfterValidator(_plain)]


class Attempt(Frozen):
    """`action` is what is tried, `user_name` with which name, where one is entered, and `address` from where."""

    action: Words
    user_name: Entered = ""
    address: Entered = ""


class Success(Attempt):
    """Who it was is proven, and has the names `others` as well. `counted`: there was an attempt with `user_name`."""

    others: Annotated[tuple[Entered, ...], Field(max_length=5)] = ()
    counted: bool = True


class Admission(Frozen):
    """`retry_after` is in seconds, and 0 for what is admitted.

    `locks_name`: this attempt was the last one before the name, or the name at this address, is locked. Should it
    succeed, it is not.
    """

    admitted: bool
    retry_after: float = 0.0
    locks_name: bool = False


class Filters(Frozen):
    """What is empty does not narrow the search. `until` itself is not included."""

    since: Moment | None = None
    until: Moment | None = None
    action: Words = ""
    actor: Words = ""
    outcome: Words = ""
    organisation_id: UUID | None = None
    user_name: UserName = ""
    address: Network | None = None


class After(Frozen):
    """What follows the item with this time and id, or the first ones."""

    limit: int = Field(default=100, ge=1, le=1001)
    moment: datetime | None = None
    last_id: UUID | None = None


class Entry(Frozen):
    """One line of the security log. `address` and `user_name` are empty where there were none, or no longer are."""

    id: UUID
    occurred_at: datetime
    actor: str
    action: str
    organisation_id: UUID | None
    subject: str
    outcome: str
    address: str
    user_name: str


class Lock(Frozen):
    """A name, an address, or a name at an address that may not try `action` at present.

    `attempts` had led to it, and `locks` is how many there were in a row.
    """

    id: UUID
    action: str
    kind: str
    user_name: str
    address: str
    attempts: int
    locks: int
    locked_until: datetime


class NewHold(Frozen):
    """Which entries keep their address and name, and `name`, for example a file's reference, is why.

    An entry is held where everything that is given fits it.
    """

    name: Annotated[Words, StringConstraints(min_length=1, max_length=200)]
    since: Moment | None = None
    until: Moment | None = None
    actor: Words = ""
    organisation_id: UUID | None = None
    user_name: UserName = ""
    address: Network | None = None

    @property
    def fits_everything(self) -> bool:
        return not self.model_dump(exclude={"name"}, exclude_defaults=True)


class LegalHold(NewHold):
    """Released, it forgets the name and the address that it was about."""

    id: UUID
    created_at: datetime
    released_at: datetime | None = None
