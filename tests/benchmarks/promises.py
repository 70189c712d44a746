"""The promises that are kept or broken, without a figure: their tests, run as part of the table."""

import subprocess
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks.systems import ROOT, Missing
from tests.benchmarks.table import Row

PATIENCE = 1200.0


def tested(*files: str) -> Callable[[], Iterator[Row]]:
    """Runs the files' tests; each must pass, and none may be skipped."""

    def rows() -> Iterator[Row]:
        present = [file for file in files if (ROOT / file).exists()]
        if not present:
            raise Missing(", ".join(files))
        for file in present:
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
            outcome = done.stdout.strip().splitlines()[-1].strip("= ") if done.stdout.strip() else "no outcome"
            passed = done.returncode == 0 and "passed" in outcome and "skipped" not in outcome
            yield Row(file.rsplit("/", 1)[-1], outcome, "all pass", passed)

    return rows
