"""Exact new text on email-reply-parser's replies: ours beside mail-parser-reply's, in one run.

Needs KINAMIK_EVAL_DATA. Run it with `python -m tests.benchmarks.reply_text`.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mailparser_reply import EmailReplyParser

from shared.mailbox.mime import new_text

PEER_LANGUAGES = ["en", "de", "fr", "it", "nl", "pl"]


@dataclass
class Score:
    """`exact` of `total` replies, of them German ones, and milliseconds of CPU per reply."""

    exact: int = 0
    german: int = 0
    total: int = 0
    milliseconds: float = 0.0
    missed: list[str] = field(default_factory=list)


def measure(data: Path) -> dict[str, Score]:
    """Text equal to the expectation but for white space at its ends and kinds of line ends."""
    peer = EmailReplyParser(languages=PEER_LANGUAGES)
    return {
        "kinamik": _score(data, new_text),
        "mail-parser-reply": _score(data, lambda text: peer.parse_reply(text) or ""),
        "doing nothing": _score(data, lambda text: text),
    }


def _score(data: Path, extract: Callable[[str], str]) -> Score:
    score = Score()
    folder = data / "email-reply-parser"
    for case in json.loads((folder / "expected_first_fragment.json").read_text("utf-8")):
        text = (folder / "test" / "fixtures" / case["fixture"]).read_text("utf-8")
        begun = time.process_time()
        found = extract(text)
        score.milliseconds += (time.process_time() - begun) * 1e3
        right = found.strip() == case["expected_first_fragment"].replace("\r\n", "\n").strip()
        score.total += 1
        score.exact += right
        score.german += right and "german" in case["fixture"]
        score.missed += [] if right else [case["fixture"]]
    score.milliseconds /= score.total
    return score


def main() -> None:
    """Prints the table."""
    for name, score in measure(Path(os.environ["KINAMIK_EVAL_DATA"])).items():
        figures = f"{score.exact:>3} of {score.total} exact, German {score.german} of 4"
        print(f"{name:<18} {figures}, {score.milliseconds:6.2f} ms of CPU each")


if __name__ == "__main__":
    main()
