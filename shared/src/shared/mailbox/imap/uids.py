"""Sets of UIDs, short enough for a command line (RFC 3501, 9: sequence-set)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from shared.mailbox.protocol import MessageRef


def uid_of(ref: MessageRef) -> int:
    return int(ref.id)


def uid_set(uids: Sequence[int]) -> str:
    """Ascending UIDs as a sequence set: 3, 4, 5, 9 is `3:5,9`."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in runs)


def chunks(items: Iterable[int], size: int) -> Iterator[list[int]]:
    """Lists of at most `size` items each."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
