"""`make bench`: every measured promise in one table, with the machine that it was measured on.

`python -m tests.benchmarks latency throughput` makes only these. Ends with 1 where a target was missed.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping

from tests.benchmarks import (
    brute_force,
    images,
    in_flight,
    latency,
    load,
    machine,
    providers,
    quality,
    scale,
    throughput,
    watching,
    web,
)
from tests.benchmarks.promises import tested
from tests.benchmarks.systems import Missing
from tests.benchmarks.table import Row, show

BENCHMARKS: Mapping[str, tuple[str, Callable[[], Iterator[Row]]]] = {
    "kill": ("Nothing lost, nothing doubled, whatever is killed", tested("tests/e2e/test_kill.py")),
    "rest": ("No content at rest", tested("tests/e2e/test_content_at_rest.py")),
    "odd_mail": ("Odd mail: agreement with mail-parser's expectations", quality.odd_mail),
    "reply_text": ("Reply text: exact new text on email-reply-parser's replies", quality.replies),
    "retrieval": ("Retrieval", quality.found_knowledge),
    "gate": ("Gate: what gets an answer", quality.judged),
    "latency": ("Latency, the model at 0 ms (p50 / p95)", latency.rows),
    "providers": ("Latency by provider, five processes on Kafka, the model at 0 ms", providers.rows),
    "throughput": ("Throughput, mails of 5 kB waiting in ten mailboxes, the model at 0 ms", throughput.rows),
    "in_flight": ("Calls in flight, the model at 5 s, one drafter process", in_flight.rows),
    "brute_force": ("Log-ins by force, one-machine run", brute_force.rows),
    "load": (f"The API under {load.PEOPLE} people at once", load.rows),
    "web": ("The web UI in Chromium", web.rows),
    "scale": ("Google and Microsoft mailboxes polled by one ingest process", scale.rows),
    "images": ("What the images hold, at rest without a mailbox", images.rows),
    "watching": ("Watching in IDLE over TLS, one ingest process", watching.rows),
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.")
        return 2
    print("The machine")
    show(Row(name, value) for name, value in machine.description())
    outcomes = [_run(*BENCHMARKS[name]) for name in names or BENCHMARKS]
    return 0 if all(outcomes) else 1


def _run(title: str, rows: Callable[[], Iterator[Row]]) -> bool:
    """Whether no target was missed. What cannot run here says why; what breaks does not end the others."""
    print(f"\n{title}", flush=True)
    began = time.monotonic()
    try:
        fine = show(rows())
    except Missing as missing:
        print(f"  skipped: {missing}")
        return True
    except Exception as error:
        print(f"  broken: {type(error).__name__}: {error}")
        return False
    print(f"  ({time.monotonic() - began:.0f} s)")
    return fine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
