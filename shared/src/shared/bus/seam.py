"""The seam between the services and whatever carries their events."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.events import Event

Handler = Callable[[Any], Awaitable[Event | Sequence[Event] | None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """Events of one class, for one group of processes that share the work.

    `handler` takes the event and returns what is to be published because of it. It may see an event more than
    once. `attempts` is how often a TransientError is tried again before the event is dropped by reference;
    None is for ever, for what nothing else would bring back. `patience` is how many seconds an event may wait in its
    place because the other side asks for it; longer, and it is dropped by reference at once. None: however long.
    `everyone`: each process of the group gets it, of what is published while it runs.
    """

    event: type[Event]
    group: str
    handler: Handler
    attempts: int | None = 5
    patience: float | None = None
    everyone: bool = False


class Bus(Protocol):
    """Carries events at least once, in no guaranteed order."""

    def subscribe(self, *subscriptions: Subscription) -> None:
        """To be called before `start`."""
        ...

    async def publish(self, *events: Event) -> None:
        """Returns once the events are stored; waits for `start`. Raises TransientError (`bus_unavailable`)."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Ends cleanly: what is not finished is delivered again to whoever comes next."""
        ...

    async def healthy(self) -> bool: ...
