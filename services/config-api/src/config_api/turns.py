"""What is slow, or costs something, is done for one organisation a few times at once, and no more."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from config_api.problems import TooManyRequests

AT_ONCE = 3
RETRY_AFTER = 5.0


class Turns:
    def __init__(self) -> None:
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def take(self, organisation_id: UUID) -> Generator[None]:
        """Raises TooManyRequests (`too_many_at_once`)."""
        if self._taken[organisation_id] >= AT_ONCE:
            raise TooManyRequests("too_many_at_once", RETRY_AFTER)
        self._taken[organisation_id] += 1
        try:
            yield
        finally:
            self._taken[organisation_id] -= 1
            if not self._taken[organisation_id]:
                del self._taken[organisation_id]
