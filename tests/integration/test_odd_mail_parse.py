"""Mails that nobody here wrote: all are read, and most are read as others read them."""

import json
import os
from pathlib import Path

import pytest

from shared.mailbox.mime import new_text, parse
from tests.benchmarks import mime_agreement, reply_text

COLLECTIONS = {
    "mail-parser": (["*.eml", "maildir/**/cur/*", "maildir/**/new/*"], 110),
    "mikel-mail": (["*.eml"], 100),
    "cpython-test_email": (["*.txt"], 45),
    "flufl-bounce": (["*.txt"], 110),
    "talon": (["*.eml", "*_body", "*.html"], 30),
}
AGREEMENT = {
    "subject": 0.93,
    "from": 0.97,
    "to": 0.89,
    "date": 1.0,
    "message id": 1.0,
    "text": 0.81,
    "html": 0.89,
    "attachments": 0.85,
}


@pytest.fixture(scope="module")
def folder() -> Path:
    named = os.environ.get("KINAMIK_EVAL_DATA")
    if not named:
        pytest.skip("KINAMIK_EVAL_DATA names no folder with evaluation data")
    return Path(named)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_odd_mail_is_read(folder: Path, name: str) -> None:
    patterns, least = COLLECTIONS[name]
    paths = [path for pattern in patterns for path in (folder / name).rglob(pattern) if path.is_file()]
    assert len(paths) >= least
    for path in paths:
        raw = path.read_bytes()
        for bytes_read in (raw, raw[: len(raw) // 2], raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")):
            parse(bytes_read).mail.model_dump_json()


def test_german_messages_keep_their_text(folder: Path) -> None:
    rows = (folder / "codealltag" / "finance_sample2000.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(row)["text"] for row in rows]
    assert len(texts) == 2_000
    assert all(new_text(text) for text in texts if text.strip())
    assert sum(len(new_text(text)) < len(text.strip()) * 0.2 for text in texts) < 20


def test_awkward_mails_are_read_as_mail_parser_reads_them(folder: Path) -> None:
    result = mime_agreement.measure(folder)
    assert result.mails == 107
    assert {name: share for name, floor in AGREEMENT.items() if (share := result.share(name)) < floor} == {}
    assert result.overall >= 0.92


def test_new_text_is_exact_more_often_than_with_any_library(folder: Path) -> None:
    scores = reply_text.measure(folder)
    assert scores["kinamik"].total == 44
    assert scores["kinamik"].exact >= 41
    assert scores["kinamik"].german == 4
    assert scores["kinamik"].exact > 24 > scores["mail-parser-reply"].exact
    assert scores["doing nothing"].exact == 0


def test_replies_of_real_clients_give_the_reply(folder: Path) -> None:
    replies = sorted((folder / "talon/tests/fixtures/standard_replies").glob("*.eml"))
    texts = {path.stem: parse(path.read_bytes()).mail.text for path in replies}
    assert len(texts) >= 11
    assert {name: text for name, text in texts.items() if text != "Hello"} == {}


def test_html_replies_of_real_clients_give_the_reply(folder: Path) -> None:
    pages = sorted((folder / "talon/tests/fixtures/html_replies").glob("*.html"))
    assert len(pages) >= 9
    for page in pages:
        html = b"Subject: Re: Test\nContent-Type: text/html; charset=utf-8\n\n" + page.read_bytes()
        assert parse(html).mail.text.split() == ["Hi.", "I", "am", "fine.", "Thanks,", "Alex"]
