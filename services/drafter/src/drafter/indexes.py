"""The indexes of the assistants that got mail lately, each built once per revision of its knowledge."""

import asyncio
from collections import OrderedDict
from uuid import UUID

from drafter.knowledge import KnowledgeIndex
from shared.config_client import ConfigClient

KEPT = 64


class Indexes:
    def __init__(self, config: ConfigClient) -> None:
        self._config = config
        self._built: OrderedDict[UUID, tuple[int, asyncio.Task[KnowledgeIndex]]] = OrderedDict()

    async def of(self, assistant_id: UUID) -> KnowledgeIndex:
        """Raises what `ConfigClient.knowledge` raises."""
        snapshot = await self._config.knowledge(assistant_id)
        revision, task = self._built.get(assistant_id, (-1, None))
        if task is None or revision != snapshot.knowledge_revision:
            task = asyncio.create_task(asyncio.to_thread(KnowledgeIndex.build, snapshot.entries))
            self._built[assistant_id] = (snapshot.knowledge_revision, task)
        self._built.move_to_end(assistant_id)
        while len(self._built) > KEPT:
            self._built.popitem(last=False)
        return await asyncio.shield(task)

    def forget_deleted(self) -> None:
        """What was known of an assistant goes with it, and not only once others need the room."""
        for assistant_id in [each for each in self._built if self._config.assistant(each) is None]:
            del self._built[assistant_id]
