"""Reading messages whole, several per command, in bounded memory."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from shared.mailbox.imap.listing import body
from shared.mailbox.imap.reader import Query, Reader
from shared.mailbox.imap.responses import flags_of, number_of
from shared.mailbox.imap.uids import chunks, uid_of
from shared.mailbox.protocol import Fetched, MessageRef, MessageUnreadable

WHOLE = 2 * 1024 * 1024
"""Messages up to this size in bytes are read whole, larger ones only for their first `PART`."""
PART = 1024 * 1024

_BATCH_BYTES = 1024 * 1024
_BATCH_COUNT = 50
_SIZE = Query("(UID RFC822.SIZE)", key=b"RFC822.SIZE")
_BODY = Query("(UID FLAGS BODY.PEEK[])", key=b"BODY[")
_BODY_PART = Query(f"(UID FLAGS BODY.PEEK[]<0.{PART}>)", key=b"BODY[")


class Bodies:
    """Reads messages of the open folder. `sizes` are those that a listing has told already, by UID."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.sizes: dict[int, int] = {}

    async def fetch(self, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
        """The messages in order, without those that are gone.

        Raises MessageUnreadable where single messages cannot be read, after all the others.
        """
        unreadable = await self._learn_sizes(map(uid_of, refs))
        for batch in self._batches([ref for ref in refs if uid_of(ref) in self.sizes]):
            truncated = self.sizes[uid_of(batch[0])] > WHOLE
            uids = sorted(set(map(uid_of, batch)))
            answer = await self._reader.read(uids, _BODY_PART if truncated else _BODY)
            unreadable = unreadable or bool(answer.refused)
            for ref in batch:
                items = answer.items.pop(uid_of(ref), None)
                if items is not None:
                    yield Fetched(ref, body(items) or b"", flags_of(items.get(b"FLAGS")), truncated)
        if unreadable:
            raise MessageUnreadable

    async def _learn_sizes(self, uids: Iterable[int]) -> bool:
        """Asks for those that are not known; True where something is there that cannot be read."""
        unreadable = False
        for chunk in chunks(sorted({uid for uid in uids if uid not in self.sizes}), 200):
            answer = await self._reader.read(chunk, _SIZE)
            unreadable = unreadable or bool(answer.refused)
            self.sizes |= {uid: number_of(items[b"RFC822.SIZE"]) or 0 for uid, items in answer.items.items()}
        return unreadable

    def _batches(self, refs: Iterable[MessageRef]) -> Iterator[list[MessageRef]]:
        """Runs of messages that are read by one command: a few, not much in all, and large ones alone."""
        batch: list[MessageRef] = []
        weight = 0
        for ref in refs:
            size = self.sizes[uid_of(ref)]
            if batch and (len(batch) >= _BATCH_COUNT or weight + size > _BATCH_BYTES):
                yield batch
                batch, weight = [], 0
            batch.append(ref)
            weight += size
        if batch:
            yield batch
