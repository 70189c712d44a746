"""`make redrive`: opens failed messages again. Their mail is read anew from its mailbox, so nothing else is needed."""

import argparse
import asyncio
import os
import sys
from uuid import UUID

from ingest.ledger import Ledger
from shared.database import create_engine


def main() -> None:
    parser = argparse.ArgumentParser(prog="redrive", description=__doc__)
    parser.add_argument("--reason", help="only those that failed for this reason")
    parser.add_argument("--mailbox", type=UUID, help="only those of this mailbox")
    parser.add_argument("--database-url", default=os.environ.get("KINAMIK_DATABASE_URL"))
    arguments = parser.parse_args()
    if not arguments.database_url:
        sys.exit("Which database? Name it by --database-url or KINAMIK_DATABASE_URL.")
    count = asyncio.run(_reopen(arguments.database_url, arguments.reason, arguments.mailbox))
    sys.stdout.write(f"{count} messages are open again; ingest takes them up within its redrive interval.\n")


async def _reopen(url: str, reason: str | None, mailbox_id: UUID | None) -> int:
    engine = create_engine(url, connections=1)
    try:
        return await Ledger(engine).reopen(reason=reason, mailbox_id=mailbox_id)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    main()
