"""Counts in this process's memory, by the same rules as audit's: what holds while audit is away."""

from collections import OrderedDict
from datetime import datetime
from typing import TypeVar

from shared.audit import Admission, Attempt, Success
from shared.limits import Count, Key, Kind, Rules, keys, locks_name, pair

KEPT = 20_000

V = TypeVar("V")


class Limiter:
    """Remembers the `kept` last keys, so that a flood of addresses costs no more memory than that."""

    def __init__(self, rules: Rules, *, kept: int = KEPT) -> None:
        self._rules = rules
        self._kept = kept
        self._counts: OrderedDict[Key, Count] = OrderedDict()
        self._known: OrderedDict[Key, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts) + len(self._known)

    def admit(self, attempt: Attempt, now: datetime) -> Admission:
        """Counts the attempt, unless what it counts for is locked."""
        limits = self._rules.of(attempt.action)
        counts = {key: self._counts.get(key, Count(now)) for key in self._keys(attempt)}
        if wait := max((count.retry_after(now) for count in counts.values()), default=0.0):
            return Admission(admitted=False, retry_after=wait)
        after = {key: count.attempted(limits[key.kind], now) for key, count in counts.items()}
        for key, count in after.items():
            self._keep(self._counts, key, count)
        return Admission(admitted=True, locks_name=locks_name(after, now))

    def succeeded(self, success: Success) -> None:
        """Frees the name, and gives one attempt back to the address, where the name is known from now on."""
        for key in self._keys(success) if success.counted else ():
            if key.kind is Kind.ADDRESS and key in self._counts:
                self._counts[key] = self._counts[key].given_back(self._rules.of(success.action)[key.kind])
        for name in {success.user_name, *success.others} - {""}:
            named = success.model_copy(update={"user_name": name})
            for key in self._keys(named):
                if key.kind is not Kind.ADDRESS:
                    self._counts.pop(key, None)
            self._keep(self._known, _pair(named), None)

    def _keys(self, attempt: Attempt) -> list[Key]:
        known = _pair(attempt) in self._known
        return keys(self._rules, attempt.action, attempt.user_name, attempt.address, known=known)

    def _keep(self, where: OrderedDict[Key, V], key: Key, value: V) -> None:
        where[key] = value
        where.move_to_end(key)
        while len(where) > self._kept:
            where.popitem(last=False)


def _pair(attempt: Attempt) -> Key:
    return pair(attempt.action, attempt.user_name, attempt.address)
