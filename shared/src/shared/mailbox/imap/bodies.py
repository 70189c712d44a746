"""Reading messages whole, several per command, in bounded memory."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from shared.errors import TransientError
from shared.mailbox.imap.connection import Connection
from shared.mailbox.imap.errors import refused
from shared.mailbox.imap.listing import body
from shared.mailbox.imap.responses import Reply, fetched, flags_of, found, number_of
from shared.mailbox.imap.uids import chunks, uid_set
from shared.mailbox.protocol import Fetched, MessageRef

WHOLE = 2 * 1024 * 1024
"""Messages up to this size in bytes are read whole, larger ones only for their first `PART`."""
PART = 1024 * 1024

_BATCH_BYTES = 1024 * 1024
_BATCH_COUNT = 50


class Bodies:
    """Reads messages of the open folder. `sizes` are those that a listing has told already, by UID."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.sizes: dict[int, int] = {}

    async def fetch(self, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
        """The messages in order, without those that are gone.

        Raises TransientError: `message_unreadable` where the server refuses single messages, after all the others.
        """
        await self._learn_sizes(ref.uid for ref in refs)
        unreadable = False
        for batch in self._batches(refs):
            messages, reply = await self._read(batch)
            if not reply.ok:
                missing = [ref for ref in batch if ref.uid not in messages]
                unreadable = await self._read_singly(missing, messages) or unreadable
            for ref in batch:
                if ref.uid in messages:
                    yield messages.pop(ref.uid)
        if unreadable:
            raise TransientError("message_unreadable")

    async def _read_singly(self, refs: Sequence[MessageRef], messages: dict[int, Fetched]) -> bool:
        """Adds to `messages` what can be read; True where something is there that cannot."""
        unreadable = False
        for ref in refs:
            single, reply = await self._read([ref])
            messages |= single
            if not reply.ok and not single and await self._is_there(ref):
                if refused(reply).reason == "server_busy":
                    raise refused(reply)
                unreadable = True
        return unreadable

    async def _read(self, batch: Sequence[MessageRef]) -> tuple[dict[int, Fetched], Reply]:
        refs = {ref.uid: ref for ref in batch}
        truncated = self.sizes[batch[0].uid] > WHOLE
        part = f"<0.{PART}>" if truncated else ""
        reply = await self._connection.run(
            "FETCH", uid_set(sorted(refs)), f"(UID FLAGS BODY.PEEK[]{part})", prefix="UID"
        )
        messages: dict[int, Fetched] = {}
        for items in fetched(reply.untagged):
            uid, raw = number_of(items.get(b"UID")), body(items)
            if uid in refs and raw is not None:
                messages[uid] = Fetched(refs[uid], raw, flags_of(items.get(b"FLAGS")), truncated)
        return messages, reply

    async def _is_there(self, ref: MessageRef) -> bool:
        reply = await self._connection.must("SEARCH", "UID", str(ref.uid), prefix="UID")
        return ref.uid in found(reply.untagged)

    async def _learn_sizes(self, uids: Iterable[int]) -> None:
        for chunk in chunks(sorted({uid for uid in uids if uid not in self.sizes}), 200):
            reply = await self._connection.must("FETCH", uid_set(chunk), "(UID RFC822.SIZE)", prefix="UID")
            for items in fetched(reply.untagged):
                uid, size = number_of(items.get(b"UID")), number_of(items.get(b"RFC822.SIZE"))
                if uid is not None and size is not None:
                    self.sizes[uid] = size

    def _batches(self, refs: Sequence[MessageRef]) -> Iterator[list[MessageRef]]:
        """Runs of messages that are read by one command: a few, not much in all, and large ones alone."""
        batch: list[MessageRef] = []
        weight = 0
        for ref in refs:
            if ref.uid not in self.sizes:
                continue
            size = self.sizes[ref.uid]
            if batch and (len(batch) >= _BATCH_COUNT or weight + size > _BATCH_BYTES):
                yield batch
                batch, weight = [], 0
            batch.append(ref)
            weight += size
        if batch:
            yield batch
