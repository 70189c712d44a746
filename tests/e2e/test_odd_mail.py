"""Every odd mail that nobody here wrote is settled, and the mailbox goes on."""

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.mails import an_enquiry
from tests.servers.dovecot import Dovecot
from tests.servers.house import House
from tests.servers.owner import eventually, until_drafted

SETS = {
    "mail-parser": (["*.eml", "maildir/**/cur/*", "maildir/**/new/*"], 110),
    "mikel-mail": (["*.eml", "sample_output_multipart"], 104),
    "cpython-test_email": (["*.txt"], 48),
    "flufl-bounce": (["*.txt"], 115),
}
SETTLED_WITHIN = 60
NOT_SETTLED_PROPERLY = {"unreadable", "internal_error", "gave_up", "message_gone"}


@pytest.fixture(scope="module")
def folder() -> Path:
    named = os.environ.get("KINAMIK_EVAL_DATA")
    if not named:
        pytest.skip("KINAMIK_EVAL_DATA names no folder with evaluation data")
    missing = [name for name in SETS if not (Path(named) / name).is_dir()]
    if missing and os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
        pytest.fail(f"KINAMIK_EVAL_DATA: {missing} missing in {named}", pytrace=False)
    if missing:
        pytest.skip(f"KINAMIK_EVAL_DATA: {missing} missing in {named}")
    return Path(named)


async def test_every_odd_mail_is_settled_and_the_mailbox_goes_on(
    folder: Path, dovecot: Dovecot, tmp_path: Path
) -> None:
    mails = {name: odd_mails(folder, name) for name in SETS}
    for name, raw in mails.items():
        for mail in raw:
            dovecot.deliver(user_of(name), mail)
    with House(tmp_path) as house:
        async with house.owner() as owner:
            mailboxes = {await owner.mailbox(user_of(name), dovecot.port): name for name in SETS}

            async def settled() -> dict[str, int]:
                return {name: counts.total() for name, counts in outcomes(house, mailboxes).items()}

            await eventually(settled, {name: len(raw) for name, raw in mails.items()}, SETTLED_WITHIN)
            result = outcomes(house, mailboxes)
            for number, name in enumerate(SETS):
                message_id, mail = an_enquiry(number)
                dovecot.deliver(user_of(name), mail)
                await until_drafted(dovecot, user_of(name), message_id)
        assert house.process.is_running()
    sys.stdout.write("".join(f"\n{name}: {dict(counts.most_common())}" for name, counts in result.items()) + "\n")
    assert complaints(house) == []
    for counts in result.values():
        assert {reason for _, reason in counts} & NOT_SETTLED_PROPERLY == set()


def odd_mails(folder: Path, name: str) -> list[bytes]:
    """A set's mails as they are, byte for byte."""
    patterns, least = SETS[name]
    files = sorted({file for pattern in patterns for file in (folder / name).rglob(pattern) if file.is_file()})
    assert len(files) >= least
    return [file.read_bytes() for file in files]


def user_of(name: str) -> str:
    return name.replace("_", "-")


def outcomes(house: House, mailboxes: dict[str, str]) -> dict[str, Counter[tuple[str, str]]]:
    """How many messages of each set are settled, by outcome and reason."""
    rows = house.query("SELECT mailbox_id::text, state, reason FROM ingest.message WHERE state <> 'pending'")
    counts = {name: Counter[tuple[str, str]]() for name in SETS}
    for mailbox, state, reason in rows:
        counts[mailboxes[mailbox]][state, reason] += 1
    return counts


def complaints(house: House) -> list[str]:
    """What the log has at a level above info: nothing went wrong, so nothing is said."""
    lines = [json.loads(line) for line in house.log().splitlines()]
    return [str(line) for line in lines if line["level"] in ("warning", "error", "critical")]
