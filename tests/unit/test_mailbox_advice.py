"""Every reason and every note has its words in both languages."""

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from config_api.mailboxes import advice
from config_api.mailboxes.discovery.providers import NoteCode
from config_api.mailboxes.trial import INSTEAD_OF_A_PASSWORD
from shared.mailbox.imap.check import Checked
from shared.mailbox.imap.errors import WrongCertificate

FOLDER = Path(advice.__file__).parent


def catalogue(language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text())


def test_both_languages_say_the_same() -> None:
    german, english = catalogue("de"), catalogue("en")
    for part in ("notes", "reasons"):
        assert german[part].keys() == english[part].keys()
        assert all(german[part][key] != english[part][key] for key in german[part])


@pytest.mark.parametrize("language", ["de", "en"])
def test_whatever_a_check_finds_has_words(language: Any) -> None:
    reasons = re.findall(r"`(\w+)`", (Checked.__doc__ or "").partition("Reasons:")[2].partition("`messages`")[0])
    known = catalogue(language)["reasons"]
    assert len(reasons) > 15
    assert {*reasons, *INSTEAD_OF_A_PASSWORD.values()} - known.keys() - {"detail", "errors"} == set()
    for detail in get_args(WrongCertificate):
        assert advice.advice("certificate_not_valid", language, detail).advice
    assert advice.advice("never heard of", language).sentence == known["other"]["sentence"]
    assert catalogue(language)["notes"].keys() == set(get_args(NoteCode))
