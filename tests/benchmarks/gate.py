"""How the gate judges mails that nobody here wrote: `python -m tests.benchmarks.gate [--files]`.

Reads the folder that KINAMIK_EVAL_DATA names. `--files` lists each file with its reason.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

from ingest.gate import OwnAddresses, judge
from shared.mailbox.mime import parse

OWN = OwnAddresses(own=frozenset({"info@hotel-seeblick.example"}))
Judged = tuple[str, str | None]


def files(pattern: str) -> Callable[[Path], Iterator[tuple[str, bytes]]]:
    """The mails of a set that keeps each in a file of its own."""

    def read(folder: Path) -> Iterator[tuple[str, bytes]]:
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                yield path.name, path.read_bytes()

    return read


def texts(pattern: str) -> Callable[[Path], Iterator[tuple[str, bytes]]]:
    """A set that has texts only: each gets the headers that any person's mail has."""

    def read(folder: Path) -> Iterator[tuple[str, bytes]]:
        for path in sorted(folder.glob(pattern)):
            if path.suffix == ".jsonl":
                rows = map(json.loads, path.read_text("utf-8").splitlines())
                yield from ((row["id"], written_by_a_person(row["text"])) for row in rows)
            else:
                yield path.name, written_by_a_person(path.read_text("utf-8", "replace"))

    return read


def written_by_a_person(text: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Anna Muster <anna@example.com>"
    message["To"] = "info@hotel-seeblick.example"
    message["Subject"] = "Anfrage"
    message["Message-ID"] = "<question@example.com>"
    message.set_content(text, cte="base64")
    return message.as_bytes()


SETS: dict[str, Callable[[Path], Iterator[tuple[str, bytes]]]] = {
    "flufl-bounce": files("flufl-bounce/flufl/bounce/tests/data/*.txt"),
    "mikel multipart_report": files("mikel-mail/spec/fixtures/emails/multipart_report_emails/*.eml"),
    "mikel, the others": files("mikel-mail/spec/fixtures/emails/[!m]*_emails/*.eml"),
    "mikel rfc2822": files("mikel-mail/spec/fixtures/emails/rfc2822/*.eml"),
    "cpython": files("cpython-test_email/data/msg_*.txt"),
    "mail-parser": files("mail-parser/resources/eml/**/*.eml"),
    "talon replies": files("talon/tests/fixtures/**/*.eml"),
    "talon texts": texts("talon/tests/fixtures/signature/emails/*/*_body"),
    "email-reply-parser": texts("email-reply-parser/test/fixtures/*.txt"),
    "omq": texts("omq-german-emails/mails_dev.jsonl"),
    "codealltag": texts("codealltag/finance_sample2000.jsonl"),
}


def judgements(folder: Path, name: str) -> list[Judged]:
    """Each mail of a set with the gate's reason, None where it wants an answer."""
    return [(mail, judge(parse(raw), flags=frozenset(), own=OWN)) for mail, raw in SETS[name](folder)]


def main(folder: Path, *, list_files: bool) -> None:
    for name in SETS:
        mails = judgements(folder, name)
        reasons = Counter(reason or "wanted" for _, reason in mails)
        print(f"{name}: {len(mails)} mails, " + ", ".join(f"{n} {reason}" for reason, n in reasons.most_common()))
        for mail, reason in mails if list_files else []:
            print(f"    {mail}: {reason or 'wanted'}")
    parsed = [parse(raw) for _, raw in SETS["flufl-bounce"](folder)]
    started = time.perf_counter()
    for mail in parsed:
        judge(mail, flags=frozenset(), own=OWN)
    print(f"{(time.perf_counter() - started) / len(parsed) * 1e6:.0f} microseconds per judgement of a bounce")


if __name__ == "__main__":
    main(Path(os.environ["KINAMIK_EVAL_DATA"]), list_files="--files" in sys.argv)
