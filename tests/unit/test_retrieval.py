"""The knowledge index: what it finds, what it must not return, and how scores compare."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from drafter.knowledge import KnowledgeIndex
from drafter.knowledge.text import features, words
from shared.config import KnowledgeEntry

TODAY = date(2026, 3, 3)


def entry(number: int, question: str, answer: str = "", examples: tuple[str, ...] = (), **more: date) -> KnowledgeEntry:
    return KnowledgeEntry(id=UUID(int=number), question=question, answer=answer, examples=examples, **more)


PARKING = entry(1, "Wo kann ich parken?", "Unsere Gäste parken für 12 Euro in der Tiefgarage.")
BREAKFAST = entry(2, "Wann gibt es Frühstück?", "Das Buffet ist von 7 bis 10:30 Uhr geöffnet.")
DOGS = entry(3, "Darf ich meinen Hund mitbringen?", "Hunde sind willkommen.", ("Sind Haustiere erlaubt?",))
INVOICE = entry(4, "How do I get an invoice?", "You receive the invoice by email when you leave.")
HOTEL = (PARKING, BREAKFAST, DOGS, INVOICE)


def best(text: str, entries: tuple[KnowledgeEntry, ...] = HOTEL, on: date = TODAY) -> KnowledgeEntry | None:
    hits = KnowledgeIndex.build(entries).search(text, limit=1, on=on)
    return hits[0].entry if hits else None


def score(text: str, entries: tuple[KnowledgeEntry, ...] = HOTEL) -> float:
    return KnowledgeIndex.build(entries).search(text, limit=1, on=TODAY)[0].score


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gibt es Parkmöglichkeiten?", PARKING),
        ("Ist die Tiefgaragen-Einfahrt hoch genug?", PARKING),
        ("Bis wann kann man frühstücken?", BREAKFAST),
        ("Bis wann kann man fruehstuecken?", BREAKFAST),
        ("Bis wann gibt es Frühstcük?", BREAKFAST),
        ("BIS WANN GIBT ES FRÜHSTÜCK", BREAKFAST),
        ("Nehmen Sie unsere Hündchen auf, zwei kleine Hunde?", DOGS),
        ("Is it possible to get invoices for two rooms?", INVOICE),
    ],
)
def test_inflection_compounds_typos_and_spelling_do_not_hide_an_entry(text: str, expected: KnowledgeEntry) -> None:
    assert best(text) == expected


@pytest.mark.parametrize("minus", ["-", "\N{MINUS SIGN}"])
def test_a_negative_number_is_another_one(minus: str) -> None:
    positive = entry(5, "Fehlermeldung 27 beim Start")
    negative = entry(6, f"Fehlermeldung {minus}27 beim Start")
    assert best("Beim Start erscheint -27", (positive, negative)) == negative
    assert best("Beim Start erscheint 27", (negative, positive)) == positive


def test_a_short_word_decides_as_a_long_one_does() -> None:
    found = KnowledgeIndex.build((entry(5, "Gibt es Kabel?"), entry(6, "Gibt es TV?")))
    television, cable = found.search("Kabel und TV", on=TODAY)
    assert television.score == pytest.approx(cable.score)


def test_an_example_is_found_though_question_and_answer_say_it_otherwise() -> None:
    without = tuple(each.model_copy(update={"examples": ()}) for each in HOTEL)
    assert best("Sind Haustiere erlaubt?") == DOGS
    assert best("Haustiere", without) is None


def test_examples_of_one_entry_do_not_make_its_words_common() -> None:
    examples = tuple(f"Was kostet der Shuttle am {day}. Mai?" for day in range(1, 30))
    assert best("Shuttle und Garage", (*HOTEL, entry(9, "Gibt es einen Shuttle?", examples=examples))) != PARKING


def test_nothing_in_common_is_no_hit() -> None:
    assert best("Xylophon?") is None


@pytest.mark.parametrize("text", ["", "   \n", "und wie ist das?", "?!", "\x00", "\ud800", "😀"])
def test_text_without_a_meaningful_word_finds_nothing(text: str) -> None:
    assert best(text) is None


@pytest.mark.parametrize("entries", [(), (entry(1, ""),), (entry(1, "und", "oder"),)])
def test_knowledge_without_a_word_can_be_searched(entries: tuple[KnowledgeEntry, ...]) -> None:
    assert best("Frühstück", entries) is None


def test_entries_come_back_on_their_days_only() -> None:
    first, last = TODAY, TODAY + timedelta(days=9)
    offer = entry(7, "Gibt es ein Osterangebot?", valid_from=first, valid_until=last)
    index = KnowledgeIndex.build((*HOTEL, offer))

    def found(day: date) -> bool:
        return offer in [hit.entry for hit in index.search("Osterangebot", limit=10, on=day)]

    days = [first - timedelta(days=1), first, last, last + timedelta(days=1)]
    assert [found(day) for day in days] == [False, True, True, False]


def test_an_expired_entry_makes_room_for_the_next() -> None:
    winter = entry(8, "Wann gibt es Frühstück?", "Im Winter ab 8 Uhr.", valid_until=TODAY - timedelta(days=1))
    assert best("Wann gibt es Frühstück?", (winter, *HOTEL)) == BREAKFAST


def test_hits_are_sorted_limited_and_between_0_and_1() -> None:
    index = KnowledgeIndex.build(HOTEL)
    hits = index.search("Hund, Frühstück und parken: was davon geht?", limit=2, on=TODAY)
    scores = [hit.score for hit in hits]
    assert len(hits) == 2
    assert scores == sorted(scores, reverse=True)
    assert all(0 < each <= 1 for each in scores)
    assert index.search("Hund", limit=0, on=TODAY) == []


def test_equal_entries_keep_their_order() -> None:
    twins = tuple(entry(number, "Wo ist die Sauna?") for number in range(20))
    hits = KnowledgeIndex.build(twins).search("Sauna", limit=3, on=TODAY)
    assert [hit.entry.id.int for hit in hits] == [0, 1, 2]


def test_an_entrys_own_words_score_one() -> None:
    assert score("Wo ist die Sauna?", (entry(1, "Wo ist die Sauna?"), *HOTEL)) == pytest.approx(1)


def test_what_nobody_knows_lowers_the_score() -> None:
    known, half_known = score("Frühstück"), score("Frühstück mit Kegelbahn und Golfplatz")
    assert half_known < 0.6 * known


def test_a_word_of_nearly_all_entries_tells_little_and_still_all_can_be_found() -> None:
    rooms = tuple(entry(number, f"Was kostet Zimmer Z{number:04}?") for number in range(1_500))
    index = KnowledgeIndex.build(rooms)
    assert index.search("Zimmer Z0815", limit=1, on=TODAY)[0].entry == rooms[815]
    assert index.search("Zimmer", limit=1, on=TODAY) == []


def test_a_mail_of_a_million_characters_is_searched_by_its_beginning() -> None:
    assert best("Wo kann ich parken? " + "Xylophon " * 120_000) == PARKING


def test_the_same_knowledge_gives_the_same_scores() -> None:
    text = "Wann gibt es Frühstück, und wo parke ich?"
    first = KnowledgeIndex.build(HOTEL).search(text, on=TODAY)
    assert first == KnowledgeIndex.build(HOTEL).search(text, on=TODAY)


def test_courtesy_and_small_words_are_no_features() -> None:
    assert words("Sehr geehrte Damen und Herren, wo ist die Straße? Mit freundlichen Grüßen") == ["strasse"]


def test_umlauts_may_be_spelled_out() -> None:
    assert words("Gäste, Öl, Tür, Straße") == words("Gaeste, Oel, Tuer, Strasse") == words("GÄSTE ÖL TÜR STRASSE")


def test_a_hyphen_between_numbers_or_words_is_no_minus() -> None:
    assert words("10-12 Uhr, 10 - 12 Uhr, EC-Karte") == ["10", "12", "uhr", "10", "12", "uhr", "ec", "karte"]


def test_a_repeated_word_counts_less_than_twice() -> None:
    once, twice = features("Sauna"), features("Sauna Sauna")
    assert set(once.keys.tolist()) <= set(twice.keys.tolist())
    assert once.weights.max() < twice.weights.max() < 2 * once.weights.max()


@pytest.mark.parametrize(
    ("text", "worth"), [("x", 2), ("7", 2), ("12", 3), ("2026", 5), ("-4", 6), ("tv", 6), ("wlan", 6), ("kabel", 6)]
)
def test_short_words_are_raised_to_five_letters_but_plain_numbers_and_single_letters_are_not(
    text: str, worth: float
) -> None:
    weights = features(text).weights
    assert weights @ weights == pytest.approx(worth)
