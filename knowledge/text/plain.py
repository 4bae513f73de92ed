"""One form for texts that look the same, so that unusual characters cannot evade a rule about words. Pure.

plain() keeps what tells one host or address from another; look_alike() drops that too, for words that people read.
The result is at most twice as long as the input. Callers may rely on that.
"""

import re
import unicodedata
from functools import lru_cache

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties 15.1): nothing is shown for them.
IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
NOTHING_SHOWN = "\ufffc\U0001d159"  # the place of an object that is not there, music's null note
MOST_LETTERS = 2  # that one may become: some Arabic ligatures become eighteen
# From Unicode's confusables.txt, the letters that look like one of a to z (or its capital) in the usual fonts.
ALIKE = {
    "a": "аαɑΑАᎪᴀ", "b": "вƄьΒВᏴʙ", "c": "сϲⅽСϹᏟᴄ", "d": "ԁɗᎠᴅ", "e": "еεҽєΕЕᎬᴇ", "f": "ϝғƒꜰ", "g": "ɡցԌɢ", "h": "һнհΗНᎻʜ",
    "i": "іιıɩӏΙІӀᎥɪǀ", "j": "јʝЈᎫᴊ", "k": "кκκΚКᏦᴋ", "l": "ⅼʟᏞ", "m": "мΜМᎷᴍ", "n": "ոпηռΝɴ", "o": "оοоօσΟОՕᴏ", "p": "рρΡРᏢᴘ",
    "q": "ԛզ", "r": "гᴦʀᎡ", "s": "ѕꜱЅᏚ", "t": "тτΤТᎢᴛ", "u": "υսʋՍᴜ", "v": "νѵᏙᴠ", "w": "ԝѡᎳᴡ", "x": "хχΧХᕁ", "y": "уγүΥУҮʏ",
    "z": "ᴢΖᏃ",
}  # fmt: skip
# The same in Lisu's letters and Canada's syllabics, with a stroke that no decomposition takes off, and enclosed: in black
# circles, in black squares, and as flags.
LISU = dict(zip("abcdefghijklmnoprstuvwxyz", "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", strict=True))
SYLLABICS = dict(zip("abcdfhjlpuvx", "ᗅᗷᑕᗪᖴᕼᒍᒪᑭᑌᐯ᙭", strict=True))
STROKED = {
    "b": "ƀ", "d": "đ", "e": "ɇ", "g": "ǥ", "h": "ħ", "i": "ɨ", "j": "ɉ", "l": "łƚⱡ", "o": "øɵ", "r": "ɍ", "t": "ŧ", "u": "ʉ",
    "y": "ɏ", "z": "ƶ",
}  # fmt: skip
ENCLOSED = (0x1F150, 0x1F170, 0x1F1E6)  # the A of each
FORGED = {
    ord(letter): latin
    for listed in (ALIKE, LISU, SYLLABICS, STROKED)
    for latin, letters in listed.items()
    for letter in letters + letters.upper() + letters.lower()
}
FORGED |= {first + place: chr(ord("a") + place) for first in ENCLOSED for place in range(26)}
CAPITAL_I = re.compile("[IІΙӀӏι]")  # in most fonts a small L
DIGITS = str.maketrans("01|", "oll")
MIXED = re.compile(r"(?<![^\W_])(?=[\d|]{0,2}[^\W\d_])(?:[01|]|[^\W\d_]){3,40}(?![^\W_])")
FORGED_DIGIT = re.compile(r"[01|](?=[^\W\d_])|(?<=[^\W\d_])[01|]")
TURNED = re.compile("\u202e([^\u202a-\u202e\n]{1,500})")  # shown from right to left


def is_ignorable(code: int) -> bool:
    return any(first <= code <= last for first, last in IGNORABLE)


class _Plain(dict[int, str]):
    """Filled on demand. Full-width, mathematical and similar forms become ordinary letters."""

    def __missing__(self, code: int) -> str:
        usual = "" if is_ignorable(code) else unicodedata.normalize("NFKC", chr(code))
        self[code] = usual = usual if len(usual) <= MOST_LETTERS else chr(code)
        return usual


class _Alike(dict[int, str]):
    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = found = "" if unicodedata.category(letter) in ("Mn", "Me") else letter
        return found


_ALIKE = _Alike(FORGED)
_PLAIN = _Plain({ord("。"): ".", ord("｡"): ".", ord("\r"): "", 0x2800: " "})  # braille's blank looks like one


@lru_cache(maxsize=8)  # several rules read one text, one after the other
def plain(text: str) -> str:
    """Ordinary letters, digits and spaces, in lower case, without invisible characters."""
    return usual(text).lower()


@lru_cache(maxsize=8)
def usual(text: str) -> str:
    """The same, with its capitals."""
    if text.isascii():
        return text.replace("\r", "")
    text = text.translate(_PLAIN)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=8)
def look_alike(text: str) -> str:
    """plain(), without accents and strokes, and with the Latin letter or digit's letter that each one looks like."""
    if not text.isascii():
        text = TURNED.sub(lambda turned: turned[1][::-1], text)
        text = unicodedata.normalize("NFD", usual(text)).translate(_ALIKE)
    text = text.lower()
    return MIXED.sub(lambda word: word[0].translate(DIGITS), text) if FORGED_DIGIT.search(text) else text


@lru_cache(maxsize=8)
def look_alikes(text: str) -> tuple[str, ...]:
    """look_alike(), and once more with a capital I read as a small L."""
    found = (look_alike(text),)
    return found if CAPITAL_I.search(text) is None else (*found, look_alike(CAPITAL_I.sub("l", text)))


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of it. A box in the place of a letter that no font has is nothing."""
    return any(
        not letter.isspace()
        and letter not in NOTHING_SHOWN
        and unicodedata.category(letter) not in ("Cc", "Cf", "Mn", "Me", "Zs", "Cn", "Cs", "Co")
        for letter in usual(text)
    )
