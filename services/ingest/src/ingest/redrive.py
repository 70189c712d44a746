"""Opens failed messages again. Their mail is read anew from its mailbox, so nothing but the ledger is needed."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from uuid import UUID

from ingest.ledger import Ledger
from shared.database import create_engine


def main(arguments: Sequence[str] | None = None, *, database_url: str | None = None) -> None:
    """Without a filter it only lists what failed and why."""
    parser = argparse.ArgumentParser(prog="redrive", description=__doc__)
    parser.add_argument("--reason", help="open those that failed for this reason")
    parser.add_argument("--mailbox", type=UUID, help="open those of this mailbox")
    parser.add_argument("--all", action="store_true", help="open all that failed")
    parser.add_argument("--database-url", default=database_url, required=database_url is None)
    given = parser.parse_args(arguments)
    opens = bool(given.all or given.reason or given.mailbox)
    answer = asyncio.run(
        _redrive(given.database_url, given.reason, given.mailbox) if opens else _list(given.database_url)
    )
    sys.stdout.write(answer + "\n")


async def _redrive(url: str, reason: str | None, mailbox_id: UUID | None) -> str:
    engine = create_engine(url, connections=1)
    try:
        count = await Ledger(engine).reopen(reason=reason, mailbox_id=mailbox_id)
    finally:
        await engine.dispose()
    return f"{count} messages are open again. They are read from their mailboxes within half a minute."


async def _list(url: str) -> str:
    engine = create_engine(url, connections=1)
    try:
        failures = await Ledger(engine).failures()
    finally:
        await engine.dispose()
    if not failures:
        return "No message has failed."
    lines = [f"{count:6}  {reason}" for reason, count in failures]
    return "\n".join(
        ["Failed messages, by reason:", *lines, "Open them again with --reason WORD, --mailbox ID or --all."]
    )


if __name__ == "__main__":
    main()
