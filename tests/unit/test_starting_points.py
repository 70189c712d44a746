"""What new assistants begin with: complete in both languages, and written for businesses that nobody knows."""

import re
from collections import Counter
from datetime import date
from itertools import product
from uuid import uuid4

import pytest

from config_api.assistants.schemas import AssistantCreate
from config_api.messages.catalogue import LANGUAGES, Language
from config_api.playground.schemas import PastedText
from config_api.starting_points.schemas import STARTING_POINTS, StartingPoint
from config_api.starting_points.service import DATA, Start, load
from drafter.knowledge import KnowledgeIndex
from embedded.demo_mails import FIRST
from embedded.seed import load_demo
from shared.config import KnowledgeEntry

EXAMPLE = {"de": "Beispiel", "en": "Example"}
# A number with a unit, a time or a period: what every business has differently.
SPECIFIC = re.compile(r"\d+([.,:]\d+)? ?(€|km|kW|am\b|pm\b|Uhr|%)|€\d")
INFORMAL = re.compile(r"\b(du|dir|dich|dein|deine|deinen|deiner|euch|euer|eure)\b")

every_start = pytest.mark.parametrize(("key", "language"), list(product(STARTING_POINTS, LANGUAGES)))


@every_start
def test_it_is_complete(key: StartingPoint, language: Language) -> None:
    start = load(key, language)
    assert 15 <= len(start.knowledge) <= 25
    assert 2 <= len(start.mails) <= 3
    assert all((start.name, start.description))
    assert len(start.instructions) > 200
    for entry in start.knowledge:
        assert all((entry.question, entry.examples, entry.tags)), entry.question
        assert entry.language == language
        assert 40 < len(entry.answer) < 600, entry.question
    assert len({entry.question for entry in start.knowledge}) == len(start.knowledge)


@every_start
def test_what_everybody_has_differently_is_marked(key: StartingPoint, language: Language) -> None:
    for entry in load(key, language).knowledge:
        if SPECIFIC.search(entry.answer):
            assert EXAMPLE[language] in entry.tags, entry.question


@every_start
def test_nothing_is_left_to_fill_in(key: StartingPoint, language: Language) -> None:
    text = (DATA / f"{key}.{language}.toml").read_text()
    assert not re.search(r"\[(bitte|please)|XXX|TODO|Musterstadt|Mustermann|http", text)


@pytest.mark.parametrize("key", STARTING_POINTS)
def test_german_is_polite(key: StartingPoint) -> None:
    for entry in load(key, "de").knowledge:
        assert not INFORMAL.search(entry.answer), entry.answer


@pytest.mark.parametrize("key", STARTING_POINTS)
def test_both_languages_say_the_same(key: StartingPoint) -> None:
    german, english = load(key, "de"), load(key, "en")
    assert len(german.knowledge) == len(english.knowledge)
    assert len(german.mails) == len(english.mails)
    for one, other in zip(german.knowledge, english.knowledge, strict=True):
        assert ("Beispiel" in one.tags) == ("Example" in other.tags), (one.question, other.question)
        assert sorted(re.findall(r"\d+", one.answer)) == sorted(_numbers(other.answer)), one.question


def _numbers(text: str) -> list[str]:
    """Those of an English text as a German one has them: 9 pm is 21:00, noon 12:00."""
    text = re.sub(r"\bnoon\b", "12 am", text)
    spans = re.sub(r"(\d+(?:\.\d+)?) to (\d+(?:\.\d+)?) (am|pm)", r"\1 \3 to \2 \3", text)
    spans = re.sub(r"(\d+)(\.\d+)? to (\d+)", r"\1\2 to \3", spans)
    times = re.sub(r"(\d+)(?:\.(\d+))? (am|pm)\b", _clock, spans)
    return re.findall(r"\d+", times)


def _clock(match: re.Match[str]) -> str:
    hour = int(match[1]) + (12 if match[3] == "pm" and int(match[1]) < 12 else 0)
    return f"{hour}:{match[2] or '00'}"


def test_the_hotels_is_not_the_demo_hotels() -> None:
    demo = {entry["answer"] for entry in load_demo()["knowledge"]}
    assert not demo & {entry.answer for entry in load("hotel", "de").knowledge}


@every_start
def test_mails_and_instructions_are_good_for_the_api(key: StartingPoint, language: Language) -> None:
    start = load(key, language)
    assert AssistantCreate(name="Anna", instructions=start.instructions).instructions == start.instructions
    for mail in start.mails:
        pasted = PastedText(text=mail.body, subject=mail.subject, sender=mail.from_address, sender_name=mail.from_name)
        assert pasted.sender.endswith(".example")


def index(start: Start) -> KnowledgeIndex:
    rows = [entry.model_dump() | {"id": uuid4(), "assistant_id": uuid4()} for entry in start.knowledge]
    return KnowledgeIndex.build([KnowledgeEntry.model_validate(row) for row in rows])


@every_start
def test_the_knowledge_answers_its_own_mails(key: StartingPoint, language: Language) -> None:
    """Retrieval finds something for every mail, and not the same for all."""
    start = load(key, language)
    found = index(start)
    tops = [found.search(f"{mail.subject}\n{mail.body}", limit=3, on=date(2026, 3, 3)) for mail in start.mails]
    assert all(len(hits) == 3 for hits in tops)
    best = Counter(hits[0].entry.question for hits in tops)
    assert len(best) == len(tops), best


@pytest.mark.parametrize("key", STARTING_POINTS)
def test_the_first_mail_of_the_demo_is_for_every_business(key: StartingPoint) -> None:
    """Whatever newcomers choose, the waiting mail asks something that they can answer: when they are open."""
    hits = index(load(key, "de")).search(FIRST, limit=5, on=date(2026, 3, 3))
    assert any("erreiche" in hit.entry.question for hit in hits), [hit.entry.question for hit in hits]
