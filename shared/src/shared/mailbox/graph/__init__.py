"""A mailbox at Microsoft 365 over Graph: watching it, and saving drafts to it.

Read in this order: `watch` and `drafts` say what is done, `looking` what is read for somebody who waits, `changes`,
`bodies` and `folders` how mail is read, `marks` and `markup` what our drafts consist of, `subscription`, `keeping` and
`notifications` how the service tells what is new, `client`, `pool`, `permitted`, `requests`, `answers` and `errors` how
it is spoken to.

Importing this loads nothing of Microsoft's SDK; opening the first mailbox does.
"""

from __future__ import annotations

import asyncio
import importlib
from contextlib import asynccontextmanager
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from shared.config import GraphAccount
    from shared.mailbox.graph.client import Graph
    from shared.mailbox.graph.drafts import GraphDraftStore
    from shared.mailbox.graph.subscription import Subscription
    from shared.mailbox.graph.watch import GraphWatch
    from shared.mailbox.looking import FoundDraft, Waiting
    from shared.mailbox.push import Push
    from shared.mailbox.tokens import AccessTokens

GLOBAL = "https://graph.microsoft.com"
"""National clouds have others (https://learn.microsoft.com/graph/deployments)."""
POLL_SECONDS = 60.0

__all__ = ["GLOBAL", "POLL_SECONDS", "find_draft", "newest_unanswered", "open_draft_store", "open_watch"]


async def open_watch(
    account: GraphAccount,
    folder: str,
    *,
    tokens: AccessTokens,
    push: Push,
    url: str = GLOBAL,
    poll_seconds: float = POLL_SECONDS,
    subscription: Subscription | None = None,
) -> GraphWatch:
    """The folder is opened by the first catch-up. With a subscription the service is asked to tell what is new."""
    watch, client = await _load("watch"), await _load("client")
    return watch.GraphWatch(client.Graph(url, account.user, tokens), folder, push, poll_seconds, subscription)


async def open_draft_store(account: GraphAccount, *, tokens: AccessTokens, url: str = GLOBAL) -> GraphDraftStore:
    """The mailbox is spoken to by the first `save`."""
    drafts, client = await _load("drafts"), await _load("client")
    return drafts.GraphDraftStore(client.Graph(url, account.user, tokens))


async def newest_unanswered(
    account: GraphAccount, folder: str, *, since: datetime, own: frozenset[str], tokens: AccessTokens, url: str = GLOBAL
) -> Waiting | None:
    """See `looking`. Raises as `Watch` does, and what the tokens raise."""
    looking = await _load("looking")
    async with _opened(account, tokens, url) as graph:
        return await looking.newest_unanswered(graph, folder, since=since, own=own)


async def find_draft(
    account: GraphAccount, message_id: str, *, tokens: AccessTokens, url: str = GLOBAL
) -> FoundDraft | None:
    """See `looking`. Raises as `Watch` does, and what the tokens raise."""
    looking = await _load("looking")
    async with _opened(account, tokens, url) as graph:
        return await looking.find_draft(graph, message_id)


@asynccontextmanager
async def _opened(account: GraphAccount, tokens: AccessTokens, url: str) -> AsyncGenerator[Graph]:
    client = await _load("client")
    graph = client.Graph(url, account.user, tokens)
    try:
        yield graph
    finally:
        await graph.close()


async def _load(name: str) -> ModuleType:
    """A module of this package. The first one takes a moment, so not in the loop."""
    return await asyncio.to_thread(importlib.import_module, f"{__name__}.{name}")
