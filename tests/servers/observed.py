"""All services in one process on servers of their own, and a search through everything that they leave behind."""

import base64
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.request import urlopen

import psycopg
from psycopg.rows import TupleRow

from embedded.processes import Process
from tests.mails import KNOWLEDGE
from tests.servers.canaries import Canaries
from tests.servers.kafka import KafkaServer
from tests.servers.mail_server import free_ports
from tests.servers.model_stub import ModelStub
from tests.servers.owner import Owner, wait_for
from tests.servers.postgres import CONFIGURATION, Postgres, running_postgres
from tests.servers.stack import ADMIN_TOKEN, an_api, an_organisation
from tests.servers.traces import Traces, receiving_traces

ROOT = Path(__file__).resolve().parents[2]

# Nothing is written over, and each statement is logged with its values.
ALL_IS_KEPT = CONFIGURATION + "max_wal_size = 2GB\nwal_keep_size = 2GB\nlog_statement = all\nautovacuum = off\n"
UNCOMPRESSED = """
SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE EXTERNAL', attrelid::regclass, attname)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND attstorage = 'x' AND attnum > 0 AND NOT attisdropped
AND nspname !~ '^pg_' AND nspname <> 'information_schema'
"""


class Run:
    """Methods block. `canaries` are for the mails, `metrics` is what the process said of itself before it stopped."""

    def __init__(self, folder: Path, postgres: Postgres, traces: Traces, kafka: KafkaServer | None) -> None:
        self.canaries = Canaries()
        self.kafka = kafka
        self.traces = traces
        self.metrics = b""
        self._postgres = postgres
        self._database = postgres.create()
        self._output = folder / "output"
        self._temporary = folder / "tmp"
        self._output.mkdir()
        self._temporary.mkdir()
        (self._port,) = free_ports(1)
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None, "not started"
        return self._process

    def start(self, model: ModelStub, *, sealing: bool) -> None:
        environment = {
            "RUN_BUS": "kafka" if self.kafka else "embedded",
            "RUN_SEALING": "on" if sealing else "off",
            "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
            "TMPDIR": str(self._temporary),
            "KINAMIK_DATABASE_URL": self._postgres.url(self._database),
            "KINAMIK_KAFKA_BOOTSTRAP": self.kafka.bootstrap if self.kafka else "",
            "KINAMIK_CONFIG_API_URL": f"http://127.0.0.1:{self._port}",
            "KINAMIK_API_PORT": str(self._port),
            "KINAMIK_SERVICE_TOKEN": "the services' token",
            "KINAMIK_PRIVATE_HOSTS": "true",
            "KINAMIK_ADMIN_TOKEN": ADMIN_TOKEN,
            "KINAMIK_MASTER_KEYS": "first:" + base64.b64encode(os.urandom(32)).decode(),
            "KINAMIK_OTLP_ENDPOINT": self.traces.endpoint,
            "KINAMIK_LLM_BASE_URL": model.base_url,
            "KINAMIK_LLM_API_KEY": self.canaries.words["model key"],
            "KINAMIK_LLM_MODEL": "stub",
            "KINAMIK_REDRIVE_AFTER": "6",
            "KINAMIK_REDRIVE_EVERY": "1",
        }
        module = "tests.servers.debug_run"
        self._process = Process("debug", self._port, environment, self._output / "log", module=module)
        self._process.start()
        wait_for(self._process.is_ready, 60)

    def restart(self) -> None:
        """Kills it first."""
        self.process.kill()
        self.process.start()
        wait_for(self.process.is_ready, 60)

    def stop(self) -> None:
        with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=10) as answer:
            self.metrics = answer.read()
        self.process.stop()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    @asynccontextmanager
    async def owner(self, **assistant: object) -> AsyncGenerator[Owner]:
        async with an_api(f"http://127.0.0.1:{self._port}") as api:
            yield Owner(api, *await an_organisation(api, KNOWLEDGE, **assistant))

    def query(self, statement: str) -> list[TupleRow]:
        with psycopg.connect(self._postgres.conninfo(self._database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def store_uncompressed(self) -> None:
        """So that the search can read what the database stores."""
        for (statement,) in self.query(UNCOMPRESSED):
            self.query(str(statement))

    def log(self) -> str:
        return (self._output / "log").read_text()

    def found(self) -> dict[str, set[str]]:
        """The places whose words are found, by file."""
        self._postgres.execute("CHECKPOINT")
        folders = [self._postgres.data_directory, self._output, self._temporary]
        if self.kafka is not None:
            folders.append(self.kafka.log_dir.parent)
        found = self.canaries.found_below(*folders)
        elsewhere = {"traces": self.traces.received, "metrics": self.metrics}
        found |= {name: places for name, data in elsewhere.items() if (places := self.canaries.found_in(data))}
        return found


@contextmanager
def an_observed_run(folder: Path, *, kafka: bool) -> Iterator[Run]:
    """Not started yet."""
    with running_postgres(ALL_IS_KEPT) as postgres, receiving_traces() as traces:
        broker = KafkaServer(folder / "kafka") if kafka else None
        if broker is not None:
            broker.start()
        run = Run(folder, postgres, traces, broker)
        try:
            yield run
        finally:
            run.kill()
            if broker is not None:
                broker.kill()
