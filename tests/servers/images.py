"""What the images hold, in folders: each service installed by the script that the Dockerfile runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from embedded.processes import MODULES, Process
from tests.servers.mail_server import free_ports
from tests.servers.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
STEPS = ("packages", "own", "inventory")
# As the Dockerfile has it; nothing of this checkout may be found by chance.
ENVIRONMENT = {"PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}


def stages() -> dict[str, list[str]]:
    """The Dockerfile's instructions, by stage; those before the first are under ""."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "deploy/images/Dockerfile").read_text())
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if stage := re.fullmatch(r"FROM \S+ AS (\S+)", line):
            name = stage[1]
        if line and not line.startswith("#"):
            found.setdefault(name, []).append(line)
    return found


def copied(service: str, folder: Path) -> Path:
    """What the Dockerfile has there when it installs, and no more."""
    instructions = stages()
    for line in [*instructions["tools"], *instructions[f"{service}-installed"]]:
        match line.split():
            case ["COPY", *names, target] if not target.startswith("/"):
                for name in names:
                    _copy(ROOT / name, folder / target / Path(name).name if target.endswith("/") else folder / target)
    return folder


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        unwanted = shutil.ignore_patterns("node_modules", "dist", "__pycache__")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=unwanted)
    else:
        shutil.copy(source, target)


def install(service: str, context: Path, folder: Path) -> None:
    """From `context`, which is as by `copied`. Raises CalledProcessError, whose `stderr` says why."""
    tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for step in STEPS:
        command = [str(context / "deploy/images/install.sh"), step, service, str(folder)]
        environment = {**os.environ, "PATH": tools, "UV_PYTHON": sys.executable}
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True)


def run(folder: Path, code: str) -> str:
    """What the folder's Python prints."""
    command = [str(folder / "bin/python"), "-I", "-B", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout.strip()


class InstalledStack(Stack):
    """Runs each service from its own folder."""

    def __init__(self, folders: dict[str, Path], *place: Any) -> None:
        self._folders = folders
        super().__init__(*place, {})

    def process(self, name: str, port: int | None = None) -> Process:
        port = port or free_ports(1)[0]
        python = self._folders[name] / "bin/python"
        log = self.folder / f"{name}-{port}.log"
        return Process(name, port, {**self._environment, **ENVIRONMENT}, log, python=python)


def installed(folder: Path) -> dict[str, Path]:
    """All five, by service."""
    folders = {service: folder / service for service in MODULES}
    for service, each in folders.items():
        install(service, copied(service, folder / "contexts" / service), each)
    return folders
