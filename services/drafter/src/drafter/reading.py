"""What a mail asks and how it says it: read from its own words, nothing guessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drafter.knowledge.text import fold, words

MOST_QUESTIONS = 12
_LONGEST = 20_000

_GREETING = re.compile(
    r"\A\s*(?:sehr geehrte\w*|(?:schönen )?guten (?:tag|morgen|abend)|hallo|hello|hi|moin|servus|grüß gott|grüezi"
    r"|lieber?|dear|good (?:morning|afternoon|evening))\b[^,!.?:\n]{0,80}(?:[,!:]|\.(?=\s)|\n|$)\s*",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"^[ \t]*(?:[^\n.!?]{0,50}\b(?:dank|thanks|thank you)\b[^\n.!?]{0,40}?(?:und|and|,|!)[ \t]+)?"
    r"(?:(?:mit|with)[ \t]+)?"
    r"(?:(?:(?:freundlich|best|lieb|viel|herzlich|schön|sonnig)(?:e|en|er|em)?|kind|warm|many|yours)[ \t]+)*"
    r"(?:gr(?:ü|ue)(?:ß|ss)(?:en?)?|gru(?:ß|ss)|regards|wishes|sincerely|faithfully|mfg|vg|lg|cheers"
    r"|hochachtungsvoll)\b(?P<rest>[^\n?]{0,60})$",
    re.IGNORECASE | re.MULTILINE,
)
_DASHES = re.compile(r"^-- ?$", re.MULTILINE)
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\d\.)(?<!\b\w\.)(?<!\b(?:Dr|Nr|ca|St|No|Mr|Ms)\.)(?<!\b(?:bzw|ggf|Str|Tel|Mrs)\.)"
    r"\s+|\n[ \t]*\n\s*|(?<=:)[ \t]*\n"
)
_SHORT_LINE = re.compile(r"^(.{1,50})\n", re.MULTILINE)  # ends where a writer, not a program, broke it
_NEXT_QUESTION = re.compile(
    r",?\s+(?:und|sowie|and)\s+(?=(?:auch\s+)?(?:wann|was|welche[mnrs]?|wer|wie|wo|wohin|warum|haben|gibt|ist|sind|kann"
    r"|können|könnten|darf|dürfen|bieten|what|when|where|which|how|do|does|is|are|can|could)\b)",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:bitte|könnten? sie|würden sie|(?:ich|wir) (?:möchten?|brauchen?|benötigen?|suchen?|hätten? gern)"
    r"|(?:möchten?|brauchen?|benötigen?|suchen?) (?:ich|wir)|please|could you|would you|(?:i|we)(?: would|'d) like"
    r"|(?:i|we) need|let me know)\b",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"\b(?:beschwer(?:e|en|de|den)|enttäusch\w*|unverschämt\w*|frechheit|verärger\w*|ärger(?:lich\w*|n)?|unzufrieden\w*"
    r"|zumutung|unzumutbar\w*|inakzeptab\w*|reklam(?:ier|ation)\w*|mangelhaft\w*|scha(?:dens|den)ersatz\w*|entschädig\w*"
    r"|\w*anwalt|katastroph\w*|empör\w*|(?:nicht|wenig) zufrieden|complain\w*|disappoint\w*|unacceptab\w*|angry|furious"
    r"|outrag\w*|appall\w*|dissatisf\w*|unhappy|not (?:satisfied|happy)|compensation)\b",
    re.IGNORECASE,
)
_DU = re.compile(r"\b(?:du|dich|dir|dein(?:e[mnrs]?)?|euch|euer|eure[mnrs]?)\b", re.IGNORECASE)
_SIE = re.compile(r"(?<=[\w,] )(?:Sie|Ihnen|Ihre?[mnrs]?)\b")
_VAGUE_WORDS = """
    Abhilfe Antwort Antworten antworten beheben bekommen Bescheid bieten bringen dauert erklären erwarten Frage Fragen
    fragen freuen funktioniert geben geht gehen gibt helfen Hilfe klappt kommen kosten kostet Kosten lange lösen Lösung
    machbar mache machen melden mitteilen möchte möchten möglich Möglichkeit Nachricht nennen nötig Problem Probleme
    Preis Rückmeldung sagen senden stellen teilen teuer tun unternehmen Unterstützung vorab vorgehen vorstellen wäre
    wären weiß weiterhelfen wissen zeigen zurück answer cost costs forward hear help hearing know long looking much
    possible problem reply response solve tell work works
"""
_VAGUE = frozenset(fold(word) for word in _VAGUE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Question:
    """Something the mail wants to know or to have, in its own words, and the sentence before it."""

    text: str
    before: str

    @property
    def specific(self) -> list[str]:
        """The words that say what it is about. "Was kostet das?" has none and lives from the sentence before."""
        return [word for word in words(self.text) if word not in _VAGUE and not word.isdigit()]


def message(text: str) -> str:
    """Return `text` without its greeting, its farewell and what follows that."""
    text = text[:_LONGEST]
    for end in (*_FAREWELL.finditer(text), *_DASHES.finditer(text)):
        if text[: end.start()].strip():
            text = text[: end.start()]
            break
    return text[found.end() :].strip() if (found := _GREETING.match(text)) else text.strip()


def signed(text: str) -> str:
    """Return what stands after the farewell, on its line or the next with anything on it; empty without a farewell."""
    for found in _FAREWELL.finditer(text[:_LONGEST]):
        if text[: found.start()].strip():
            lines = (found["rest"], *text[found.end() : _LONGEST].splitlines())
            return next((stripped for line in lines if (stripped := line.strip(" \t,.!:;-"))), "")
    return ""


def questions(text: str) -> list[Question]:
    """Return what the mail's sentences ask for, in order, at most MOST_QUESTIONS; vague politeness is left out."""
    found: list[Question] = []
    before = ""
    for sentence in _sentences(text):
        for part in _NEXT_QUESTION.split(sentence) if sentence.endswith("?") else [sentence]:
            question = Question(part, before)
            if sentence.endswith("?") or (_REQUEST.search(part) and question.specific):
                found.append(question)
            before = part
    return found[:MOST_QUESTIONS]


def complains(text: str) -> bool:
    """Whether words of anger or complaint occur."""
    return bool(_COMPLAINT.search(text[:_LONGEST]))


def informal(text: str) -> bool:
    """Whether the mail says "du" and never "Sie"."""
    text = message(text)
    return bool(_DU.search(text)) and not _SIE.search(text)


def _sentences(text: str) -> Iterator[str]:
    for part in _SENTENCE_END.split(_SHORT_LINE.sub(r"\1\n\n", message(text))):
        sentence = " ".join(_GREETING.sub("", part, count=1).split()).lstrip("-*•> ")
        if words(sentence):
            yield sentence
