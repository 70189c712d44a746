"""The one-machine run as a process of its own: to be fed, broken and looked into from outside."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
import psycopg
from psycopg.rows import TupleRow

from embedded.processes import Process
from embedded.settings import Settings
from tests.mails import KNOWLEDGE
from tests.servers.mail_server import free_ports
from tests.servers.owner import Owner, wait_for
from tests.servers.stack import an_api, an_organisation

READY_SECONDS = 60


class House:
    """Methods block. `settings` are those of the environment, without KINAMIK_; `api_port` may be one of them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = int(settings.get("api_port", "0")) or free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = folder / "data"
        self.settings = {"data_dir": str(self.data), "api_port": str(self.port), "demo": "false"} | settings
        environment = {f"KINAMIK_{name.upper()}": value for name, value in self.settings.items()}
        self.process = Process("embedded", self.port, environment, folder / "output.log", module="embedded.main")

    def __enter__(self) -> Self:
        self.process.start()
        try:
            wait_for(self._is_ready, READY_SECONDS)
        except BaseException:
            self.process.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.stop()

    def _is_ready(self) -> bool:
        assert self.process.is_running(), "it ended at its start"
        return self.process.is_ready() and self._shows_its_page()

    def _shows_its_page(self) -> bool:
        """The web UI comes last; where it is not built there is none."""
        if not Settings().built_web_folder:
            return True
        return httpx2.get(f"{self.url}/login").headers["content-type"].startswith("text/html")

    def query(self, statement: str, *values: object) -> list[TupleRow]:
        """Runs a statement on its database, as the operator may."""
        socket = (self.data / "postgres" / "postmaster.pid").read_text().splitlines()[4]
        with psycopg.connect(f"dbname=postgres user=postgres host={socket}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def log(self) -> str:
        return (self.data / "kinamik.log").read_text()

    @asynccontextmanager
    async def owner(self, **assistant: object) -> AsyncGenerator[Owner]:
        """A new organisation with one assistant that knows the answers to `tests.mails`' enquiries."""
        async with an_api(self.url, (self.data / "admin-token").read_text()) as api:
            yield Owner(api, *await an_organisation(api, KNOWLEDGE, **assistant))
