"""How often something may be tried: the rules, whoever keeps the counts.

An attempt counts as a failure from the moment it is admitted, and is given back when it succeeds. So a thousand
attempts at the same moment are no way around a limit of five.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

ACTIONS = ("login", "register", "password_reset", "invitation", "connection_test", "discovery")
"""What is counted."""

FORGOTTEN_AFTER = timedelta(days=1)
IPV6_SITE = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """`attempts` within `window`. Then locked: until the window ends, or where `first_lock` is set for that time,
    twice as long each time again, up to `longest_lock`.
    """

    attempts: int
    window: timedelta
    first_lock: timedelta | None = None
    longest_lock: timedelta = timedelta(days=1)


class Kind(StrEnum):
    """What is counted: a name wherever it is tried from, an address whatever is tried, or one name at one address."""

    NAME = "name"
    ADDRESS = "address"
    PAIR = "pair"


Limits = Mapping[Kind, Limit]


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of each action. One that is not listed is guessing, as at a log-in, and counted by itself."""

    guessing: Limits
    others: Mapping[str, Limits]

    def of(self, action: str) -> Limits:
        return self.others.get(action, self.guessing)


@dataclass(frozen=True, slots=True)
class Key:
    """What has a count of its own. `user_name` and `address` are empty where they play no part."""

    action: str
    kind: Kind
    user_name: str = ""
    address: str = ""


def pair(action: str, user_name: str, address: str) -> Key:
    """A name at an address: the key of an address from where this name has succeeded before."""
    return Key(action, Kind.PAIR, user_name.lower(), site(address))


def keys(rules: Rules, action: str, user_name: str, address: str, *, known: bool) -> list[Key]:
    """What an attempt counts for.

    Where the name has succeeded from this address before (`known`) only the pair counts. So whoever guesses at a name
    from elsewhere, or at other names from the same office, does not lock its person out.
    """
    limits, name = rules.of(action), user_name.lower()
    if known and Kind.PAIR in limits:
        return [pair(action, name, address)]
    found: list[Key] = []
    if Kind.ADDRESS in limits:
        found.append(Key(action, Kind.ADDRESS, address=site(address)))
    if Kind.NAME in limits and name:
        found.append(Key(action, Kind.NAME, user_name=name))
    return found


def counted_as(owner_id: UUID | None) -> str:
    """The name under which what an organisation, or a person, does is counted, wherever they log in."""
    return f"id {owner_id}"


def site(address: str) -> str:
    """What counts as one address: with IPv6 the network of 64 bits, all of which one customer has to himself.

    What is no address at all is one address together, so that no proxy's mistake opens the door.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_SITE), strict=False).network_address)


@dataclass(frozen=True, slots=True)
class Count:
    """`attempts` since `began_at`; `locks` is how many locks there were in a row."""

    began_at: datetime
    attempts: int = 0
    locks: int = 0
    locked_until: datetime | None = None

    def retry_after(self, now: datetime) -> float:
        """Seconds for which it is locked; 0 where it is not."""
        return max(0.0, (self.locked_until - now).total_seconds()) if self.locked_until else 0.0

    def attempted(self, limit: Limit, now: datetime) -> "Count":
        """After one attempt more, which was not locked. The one that reaches the limit is the last before the lock."""
        after_lock = self.locked_until is not None and self.began_at < self.locked_until
        over = after_lock or now >= self.began_at + limit.window
        began_at, attempts = (now, 1) if over else (self.began_at, self.attempts + 1)
        if attempts < limit.attempts:
            return Count(began_at, attempts, self.locks, self.locked_until)
        locks = 1 + (0 if self.is_forgotten(now) else self.locks)
        return Count(began_at, attempts, locks, _locked_until(limit, locks, began_at, now))

    def given_back(self, limit: Limit) -> "Count":
        """Without one attempt, which has succeeded, and without the lock where there would have been none."""
        attempts = max(0, self.attempts - 1)
        if self.attempts < limit.attempts:
            return replace(self, attempts=attempts)
        return Count(self.began_at, attempts, max(0, self.locks - 1))

    def is_forgotten(self, now: datetime) -> bool:
        """Whether it is so long ago that the next lock is a first one again."""
        return now >= (self.locked_until or self.began_at) + FORGOTTEN_AFTER


def locks_name(counts: Mapping[Key, Count], now: datetime) -> bool:
    """Whether a name, wherever or at one address, is locked by now."""
    return any(key.kind is not Kind.ADDRESS and count.retry_after(now) > 0 for key, count in counts.items())


def _locked_until(limit: Limit, locks: int, began_at: datetime, now: datetime) -> datetime:
    if limit.first_lock is None:
        return began_at + limit.window
    return now + min(limit.longest_lock, limit.first_lock * 2 ** min(locks - 1, 30))
