"""The gate on mails that nobody here wrote."""

import os
from pathlib import Path

import pytest

from tests.benchmarks.gate import judgements

PERSONS_IN_BOUNCES = {"groupwise_03.txt"}
"""A hotel's answer about a booking, kept among the bounces to show that it is none."""


@pytest.fixture
def folder() -> Path:
    named = os.environ.get("KINAMIK_EVAL_DATA")
    if not named:
        pytest.skip("KINAMIK_EVAL_DATA names no folder with evaluation data")
    return Path(named)


def test_every_bounce_is_left_alone_and_the_person_among_them_is_not(folder: Path) -> None:
    mails = judgements(folder, "flufl-bounce")
    assert len(mails) > 100
    assert {name for name, reason in mails if reason is None} == PERSONS_IN_BOUNCES
    assert sum(reason == "bounce" for _, reason in mails) >= len(mails) - 4


def test_every_delivery_report_is_a_bounce(folder: Path) -> None:
    assert {reason for _, reason in judgements(folder, "mikel multipart_report")} == {"bounce"}


@pytest.mark.parametrize("name", ["talon replies", "talon texts", "email-reply-parser", "omq", "codealltag"])
def test_what_persons_wrote_gets_an_answer(folder: Path, name: str) -> None:
    mails = judgements(folder, name)
    assert mails
    assert [mail for mail, reason in mails if reason is not None] == []
