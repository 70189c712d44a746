"""`make run-kafka`: the five services as processes of their own, on Apache Kafka and PostgreSQL."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from embedded.postgres import running_postgres
from embedded.secret_files import master_key, token
from embedded.settings import Settings
from shared.service import run_until_stopped

MODULES: Mapping[str, str] = {
    "config-api": "config_api.main",
    "ingest": "ingest.main",
    "drafter": "drafter.main",
    "writer": "writer.main",
    "audit": "audit.main",
}
PORTS: Mapping[str, int] = {"config-api": 8080, "ingest": 8081, "drafter": 8082, "writer": 8083, "audit": 8084}
READY_SECONDS = 60.0
STOP_SECONDS = 30.0


class Process:
    """One service. Its log goes to `log`; settings come from `environment`, and from ours where it says nothing."""

    def __init__(
        self,
        name: str,
        port: int,
        environment: Mapping[str, str],
        log: Path,
        *,
        module: str | None = None,
        python: Path | None = None,
    ) -> None:
        self.name = name
        self._command = [str(python or sys.executable), "-m", module or MODULES[name]]
        self.port = port
        self._environment = {**os.environ, **environment, "KINAMIK_PORT": str(port)}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us, we end the others in order
            )

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether `/readyz` says so."""
        with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
            return answer.status == 200
        return False

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


async def wait_ready(processes: list[Process], seconds: float = READY_SECONDS) -> None:
    """Raises RuntimeError naming the service that ended, or is not ready in time."""
    deadline = time.monotonic() + seconds
    for process in processes:
        while not await asyncio.to_thread(process.is_ready):
            if not process.is_running():
                raise RuntimeError(f"{process.name} ended at its start")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{process.name} is not ready after {seconds:.0f} s")
            await asyncio.sleep(0.1)


def main() -> None:
    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        run_until_stopped(_run(settings))
    except RuntimeError as error:
        sys.exit(f"Kinamik cannot start: {error}; see {settings.data_dir}/*.log. Is Kafka running (`make kafka`)?")


async def _run(settings: Settings) -> None:
    began = time.monotonic()
    data = settings.data_dir.resolve()
    async with AsyncExitStack() as stack:
        environment = {
            "KINAMIK_PRIVATE_HOSTS": "true",
            "KINAMIK_SERVICE_TOKEN": token(data, "service-token").get_secret_value(),
            "KINAMIK_ADMIN_TOKEN": token(data, "admin-token").get_secret_value(),
            "KINAMIK_MASTER_KEYS": master_key(data).get_secret_value(),
            "KINAMIK_AUDIT_URL": f"http://127.0.0.1:{PORTS['audit']}",
        }
        if settings.built_web_folder:
            environment["KINAMIK_WEB_FOLDER"] = str(settings.built_web_folder)
        if "KINAMIK_DATABASE_URL" not in os.environ:
            url = await stack.enter_async_context(running_postgres(data / "postgres"))
            environment["KINAMIK_DATABASE_URL"] = url
        processes = [Process(name, port, environment, data / f"{name}.log") for name, port in PORTS.items()]
        stack.push_async_callback(_stop_all, processes)
        for process in processes:
            print(f"Starting {process.name} on port {process.port} ...", flush=True)
            process.start()
        await wait_ready(processes)
        print(f"Ready after {time.monotonic() - began:.1f} s: open http://127.0.0.1:8080 in your browser", flush=True)
        print(f"The admin token is in {settings.data_dir}/admin-token, logs are beside it. Ctrl-C ends everything.")
        stack.callback(print, "Stopping ...", flush=True)
        await asyncio.Event().wait()


async def _stop_all(processes: list[Process]) -> None:
    await asyncio.gather(*(asyncio.to_thread(process.stop) for process in processes))


if __name__ == "__main__":
    main()
