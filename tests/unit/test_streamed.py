"""What is shown of a draft while a model writes it, and why an entry was found."""

import json
from uuid import uuid4

import pytest

from drafter.partial import body_so_far
from drafter.passages import LONGEST, MOST, matched
from shared.config import KnowledgeEntry
from shared.mail import Mail

BODY = 'Guten Tag,\n\n„so“ \\ "so" 😀 ä\tEnde'


@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_beginning_of_an_answer_shows_a_beginning_of_its_body(ascii_only: bool) -> None:
    whole = json.dumps({"decision": "reply", "body": BODY, "confidence": 1}, ensure_ascii=ascii_only)
    shown = [body_so_far(whole[:end]) for end in range(len(whole) + 1)]
    assert all(BODY.startswith(text) for text in shown)
    assert shown == sorted(shown, key=len)
    assert shown[-1] == BODY
    assert len(set(shown)) == len(BODY) + 1


@pytest.mark.parametrize("text", ["", "Gern!", '{"decision": "re', '{"body', '{"body": 7', '<think>"body": "nein"'])
def test_before_the_body_nothing_is_shown(text: str) -> None:
    assert body_so_far(text) == ""


def test_thoughts_are_not_shown() -> None:
    assert body_so_far('<think>Ich denke {"body": "nein"}</think>{"body": "ja') == "ja"


def test_passages_are_those_sentences_that_the_mail_is_about() -> None:
    entry = KnowledgeEntry(
        id=uuid4(),
        question="Wann gibt es Frühstück?",
        answer="Das Frühstück gibt es ab sieben. Hunde sind willkommen.\nAm Wochenende frühstücken Sie bis elf.",
        examples=("Ab wann kann man bei Ihnen frühstücken?",),
    )
    mail = Mail(subject="Frage", text="Guten Tag, wann gibt es morgens Frühstück?")
    assert matched(entry, mail) == [
        "Wann gibt es Frühstück?",
        "Ab wann kann man bei Ihnen frühstücken?",
        "Das Frühstück gibt es ab sieben.",
    ]
    assert matched(entry, Mail(text="Vermieten Sie Elefanten?")) == []


def test_passages_are_bounded() -> None:
    entry = KnowledgeEntry(id=uuid4(), question="Hund?", answer="\n".join(["Hund " * 500] * 50))
    passages = matched(entry, Mail(text="Hund"))
    assert len(passages) == MOST
    assert max(map(len, passages)) <= LONGEST
