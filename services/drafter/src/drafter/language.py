"""German or English, by the small words that every sentence needs."""

import re
from typing import Literal

Language = Literal["de", "en"]

_GERMAN_WORDS = """
    ab aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus
    bei beim bereits bin bis bist da dabei dafür damit danach dann daran darauf darf das dass dasselbe dein deine
    deinem deinen deiner dem den denn der deren des deshalb dessen dich die dies diese diesem diesen dieser dieses
    dir doch dort du durch durfte dürfen eben ein eine einem einen einer eines einige einmal er es etwa etwas euch
    euer eure eurem euren eurer falls für ganz gar gegen gewesen geht gibt hab habe haben hallo hat hatte hatten
    hätte hätten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem ins ist ja
    jede jedem jeden jeder jedes jedoch jene jener jetzt kann kannst kein keine keinem keinen keiner können könnte
    könnten könntet leider mal man manche mehr mein meine meinem meinen meiner mich mir mit muss muß müssen nach
    nachdem nein nicht nichts noch nun nur ob oder ohne schon sehr seid sein seine seinem seinen seiner seit selbst
    sich sie sind so sobald solche soll sollen sollte sollten sondern sonst soweit sowie über um und uns unser
    unsere unserem unseren unserer unter viel vom von vor war waren warum was weil weiter welche welchem welchen
    welcher welches wenn wer werde werden wie wieder will wir wird wo wollen wollte wollten worden wurde wurden
    würde würden zu zum zur zwar zwischen
"""

_ENGLISH_WORDS = """
    a about after again all also am an and any anything are as at be because been before being but by can cannot could
    did do does doing for from get had has have having he hello her here hers him his how i if in into is it its just
    like may me might more most must my no nor not now of off on once one only or other our ours out over own please
    same shall she should so some such than that the their theirs them then there these they this those through to too
    under until up us very was we were what when where whether which while who whom why will with would you your yours
"""

GERMAN = frozenset(_GERMAN_WORDS.split())
ENGLISH = frozenset(_ENGLISH_WORDS.split())

_WORD = re.compile(r"[^\W\d_]+")
_ONLY_GERMAN = GERMAN - ENGLISH
_ONLY_ENGLISH = ENGLISH - GERMAN
_LONGEST = 20_000


def detect(text: str) -> Language:
    """Return the language that `text` is written in; German where the text does not tell.

    Only words that the other language does not have are counted.
    """
    german = english = 0
    for word in _WORD.findall(text[:_LONGEST].lower()):
        english += word in _ONLY_ENGLISH
        german += word in _ONLY_GERMAN
    return "en" if english > german else "de"
