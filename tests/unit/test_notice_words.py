"""Every kind of notice can be said in both languages, and is called with what its words need."""

import ast
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import pytest
from jinja2 import UndefinedError, meta

import config_api
from config_api.messages.catalogue import LANGUAGES, Language
from config_api.notices.message import compose, envelope_address
from config_api.notices.render import TEMPLATES, Rendered, environment, render
from config_api.notices.service import Kind, Notice
from shared.errors import PermanentError

KINDS: tuple[Kind, ...] = get_args(Kind)
SOURCE = Path(config_api.__file__).parent
LINK = "https://kinamik.example/weiter?token=abc&x=1"
PROVIDED = {"language"}  # by whoever renders
GIVEN_TO_OWNERS = {"organisation"}  # by notify_owners


def needed(kind: str, language: Language) -> set[str]:
    source = (TEMPLATES / language / f"{kind}.jinja").read_text()
    return meta.find_undeclared_variables(environment(autoescape=False).parse(source)) - PROVIDED


def has_button(kind: str, language: Language) -> bool:
    return "block action" in (TEMPLATES / language / f"{kind}.jinja").read_text()


def a_notice(kind: Kind, language: Language, **values: str) -> Notice:
    filled = {name: f"Wert von {name}" for name in needed(kind, language)} | values
    return Notice(id=uuid4(), kind=kind, recipient="a@example.org", language=language, values=filled)


def in_words(notice: Notice) -> Rendered:
    return render(notice, link=LINK)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_in_every_language(kind: Kind, language: Language) -> None:
    notice = a_notice(kind, language)
    words = in_words(notice)
    assert words.subject
    assert "\n" not in words.subject
    body = " ".join(words.text.split())
    for name, value in notice.values.items():
        assert name in ("role", "reason") or value in words.subject + body
    assert words.text.startswith("Guten Tag," if language == "de" else "Hello,")
    assert f'<html lang="{language}">' in words.html
    assert (LINK in words.text) == has_button(kind, language)
    assert (f'href="{LINK.replace("&", "&amp;")}"' in words.html) == has_button(kind, language)
    assert not re.search(r"{{|}}|{%|<p></p>|\n\n\n", words.text + words.html)
    assert max(len(line) for line in words.text.splitlines() if LINK not in line) <= 72


@pytest.mark.parametrize("kind", KINDS)
def test_both_languages_need_the_same_and_say_it_differently(kind: Kind) -> None:
    assert needed(kind, "de") == needed(kind, "en")
    assert has_button(kind, "de") == has_button(kind, "en")
    assert kind == "newsletter" or in_words(a_notice(kind, "de")).subject != in_words(a_notice(kind, "en")).subject


def test_there_are_no_words_for_what_is_no_kind() -> None:
    for language in LANGUAGES:
        assert {file.stem for file in (TEMPLATES / language).iterdir()} == {*KINDS, "_common"}


def test_a_value_that_is_missing_is_an_error() -> None:
    notice = Notice(id=uuid4(), kind="mailbox_back", recipient="a@example.org", values={"mailbox": "info@example.org"})
    with pytest.raises(UndefinedError):
        in_words(notice)


def test_values_are_no_markup_and_no_new_headers() -> None:
    name = "Haus <b>&</b> Söhne\r\nBcc: alle@example.org\r\n\r\n<script>"
    notice = a_notice("invitation", "de", organisation=name, role="member")
    words = in_words(notice)
    assert words.subject == "Einladung zu Haus <b>&</b> Söhne Bcc: alle@example.org <script>"
    assert "<script>" not in words.html
    assert "Haus &lt;b&gt;&amp;&lt;/b&gt; Söhne" in words.html
    mail = message_from_bytes(
        compose(notice, sender="K <k@kinamik.example>", recipient="a@example.org", public_url=""), policy=default
    )
    assert (mail["Bcc"], mail["Subject"]) == (None, words.subject)


@pytest.mark.parametrize(
    "recipient", ["a@example.org\r\nBcc: b@example.org", "a@b.org\n", "nobody", "@b.org", "a@" + "ä" * 80]
)
def test_no_header_is_made_of_what_is_no_address(recipient: str) -> None:
    with pytest.raises(PermanentError, match="address_not_valid"):
        envelope_address(recipient)


def calls() -> Iterator[tuple[str, str, set[str], bool]]:
    """Each call that names its kind: where, the kind, its values' names, and whether it gives a link."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = getattr(getattr(node, "func", None), "id", "")
            if not isinstance(node, ast.Call) or name not in ("notify", "notify_owners"):
                continue
            kinds = [each.value for each in node.args[2:3] if isinstance(each, ast.Constant)]
            given: dict[str, Any] = {each.arg or "": each.value for each in node.keywords}
            literal = given.get("values", ast.Dict([], []))
            if kinds and isinstance(literal, ast.Dict):
                names = {key.value for key in literal.keys if isinstance(key, ast.Constant)}
                extra = GIVEN_TO_OWNERS if name == "notify_owners" else set[str]()
                yield f"{file.name}:{node.lineno}", str(kinds[0]), names | extra, "link" in given


def test_notices_are_given_what_their_words_need() -> None:
    found = list(calls())
    assert len(found) >= 5
    assert {place: needed(kind, "de") - names for place, kind, names, _ in found if needed(kind, "de") - names} == {}
    assert [place for place, kind, _, link in found if has_button(kind, "de") and not link] == []
