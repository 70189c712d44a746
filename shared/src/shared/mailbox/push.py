"""What a provider has told us about a mailbox, without being asked."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Push:
    """`changed` is set when there may be something new, and cleared by who looks.

    `in_doubt` says that the provider wants the subscription renewed, or has ended it.
    """

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    in_doubt: bool = False
