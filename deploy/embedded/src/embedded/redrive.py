"""`make redrive`: opens failed messages again, on the database of the one-machine run or the one that is set."""

import os
import sys

from embedded.postgres import running_url
from embedded.settings import Settings
from ingest import redrive


def main() -> None:
    url = os.environ.get("KINAMIK_DATABASE_URL") or running_url(Settings().data_dir / "postgres")
    if url is None:
        sys.exit("Nothing is running here. Start `make run` first, or name a database in KINAMIK_DATABASE_URL.")
    redrive.main(database_url=url)


if __name__ == "__main__":
    main()
