"""What an image weighs: each service installed as its image has it, at rest, without any mailbox.

`python -m tests.benchmarks images`. Sizes are without Python itself, and with everything compiled. An import is the
best of three, in CPU seconds: what waits for the disk differs from machine to machine.
"""

import asyncio
import compileall
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from embedded.processes import MODULES
from tests.benchmarks.systems import Missing
from tests.benchmarks.table import Row
from tests.servers.images import InstalledStack, installed, run
from tests.servers.kafka import KafkaServer, kafka_available
from tests.servers.postgres import running_postgres
from tests.servers.stack import running

MIB = 1024 * 1024
INGEST_MIB = 120
REST_SECONDS = 20.0
IMPORT = """
import importlib, time
began = time.process_time()
importlib.import_module({module!r})
print(time.process_time() - began)
"""


def rows() -> Iterator[Row]:
    if missing := kafka_available():
        raise Missing(f"Kafka: {missing}")
    with tempfile.TemporaryDirectory() as folder:
        folders = installed(Path(folder) / "images")
        resident = asyncio.run(_at_rest(Path(folder), folders))
        for service, each in folders.items():
            compileall.compile_dir(each, quiet=2)
            size = sum(file.stat().st_size for file in each.rglob("*") if file.is_file()) / MIB
            seconds = min(float(run(each, IMPORT.format(module=MODULES[service]))) for _ in range(3))
            figure = f"{size:.0f} MiB installed, {seconds:.1f} s CPU to import, {resident[service]:.0f} MiB resident"
            if service == "ingest":
                yield Row(service, figure, f"at most {INGEST_MIB} MiB", resident[service] <= INGEST_MIB)
            else:
                yield Row(service, figure)


async def _at_rest(folder: Path, folders: dict[str, Path]) -> dict[str, float]:
    """MiB in memory, by service."""
    broker = KafkaServer(folder / "kafka")
    await asyncio.to_thread(broker.start)
    try:
        with running_postgres() as postgres:
            logs = folder / "logs"
            logs.mkdir()
            place = InstalledStack(folders, postgres, postgres.create(), broker.bootstrap, logs)
            async with running(place) as stack:
                await asyncio.sleep(REST_SECONDS)
                return {
                    name: psutil.Process(process.pid).memory_info().rss / MIB
                    for name, process in stack.processes.items()
                }
    finally:
        await asyncio.to_thread(broker.stop)
