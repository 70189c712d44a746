"""Passwords that many think of: one or two well-known words with digits, and walks over the keyboard.

Of the leaked passwords with twelve characters and more, most are of these two kinds.
"""

import re

WORDS = """
abcd access account admin adobe alexander andrea andreas angel anna apple april arsenal asdf august auto baby barbara
barcelona baseball basketball bayern beautiful berlin bitte borussia boss buero büro butterfly changeme charlie chelsea
chicken chocolate christian christina christopher classic computer cowboy daniel deutschland devil dezember diamond
dienstag digital domain donnerstag dortmund dragon email engel erdbeere facebook familie fantasy februar final florian
football forever frankfurt freedom freitag freund friend frühling fuck fussball fußball galaxy garten geburtstag geheim
geheimnis google guitar hallo hamburg handball hannover herbst herz himmel hockey home hotel hund iloveyou internet
jackson james januar jennifer jesus jordan juli julia juni justin kaffee kater katharina katze kinder klaus köln kunde
liebe liebedich linux liverpool love mädchen manager manchester maria martin master mercedes metallica michael
microsoft minecraft mittwoch monkey montag morgen münchen music mustang mutter network niemals nintendo november oktober
online orange password passwort peanut phoenix playstation pokemon porsche power princess prinzessin project purple
rainbow ranger regenbogen rezeption samsung samstag sandra schalke schatz schmetterling schokolade schule schwarz
secret september server service silver soccer sommer sonne sonnenschein sonntag spiderman standard starwars stefan
stephanie summer sunflower sunshine super superman support susanne system telefon test thomas thunder tiger toyota
urlaub user vater victoria wasser weihnachten weihnachtsbaum welcome werder willkommen windows winter wolfgang yamaha
zuhause
"""

# Rows and columns of the German and the English keyboard, and how fingers mix them.
WAYS = """
1234567890 qwertzuiopü qwertyuiop asdfghjklöä yxcvbnm zxcvbnm abcdefghijklmnopqrstuvwxyz
1qaz2wsx3edc4rfv5tgb6zhn7ujm 1qay2wsx3edc4rfv5tgb6yhn7ujm qazwsxedcrfvtgb qaywsxedcrfv
1q2w3e4r5t6z7u8i9o0p 1q2w3e4r5t6y7u8i9o0p a1s2d3f4g5h6j7
"""
SHORTEST_WALK = 3
FEW_WORDS = 2
LEFT_OVER = 4

_leet = str.maketrans("01345@$!", "oleasasi")
_words = re.compile("|".join(sorted(WORDS.split(), key=len, reverse=True)))
_walks = " ".join(way + way[::-1] + way for way in WAYS.split())
_again = re.compile(r"(.+?)\1+")


def is_common(password: str) -> bool:
    """Whether hardly a letter is left without well-known words (two at most), walks, repetitions and digits."""
    lower = password.lower()
    return any(_thin(each) for each in (lower, lower.translate(_leet)))


def _thin(password: str) -> bool:
    rest, words = _words.subn(" ", password)
    letters = sum(char.isalpha() for char in _without_walks(_again.sub(r"\1", rest)))
    return words <= FEW_WORDS and letters < LEFT_OVER


def _without_walks(text: str) -> str:
    left, start = "", 0
    while start < len(text):
        end = start
        while end < len(text) and text[start : end + 1] in _walks:
            end += 1
        if end - start < SHORTEST_WALK:
            left, end = left + text[start], start + 1
        start = end
    return left
