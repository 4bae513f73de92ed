"""One form for texts that look the same, so that unusual characters cannot evade a rule about words. Pure.

The result is at most twice as long as the input. Callers may rely on that.
"""

import unicodedata
from functools import lru_cache

INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
MOST_LETTERS = 2  # that one letter may become: some Arabic ligatures expand to eighteen


class _Plain(dict[int, str]):
    """Filled on demand. Full-width, mathematical and similar forms become ordinary letters."""

    def __missing__(self, code: int) -> str:
        usual = unicodedata.normalize("NFKC", chr(code))
        self[code] = usual = usual if len(usual) <= MOST_LETTERS else chr(code)
        return usual


_PLAIN = _Plain({ord(letter): "" for letter in INVISIBLE} | {ord("。"): ".", ord("\r"): ""})


@lru_cache(maxsize=4)  # several rules read one text, one after the other
def plain(text: str) -> str:
    """Ordinary letters, digits and spaces, in lower case, without invisible characters."""
    if text.isascii():
        return text.lower()
    usual = text.translate(_PLAIN)
    if not unicodedata.is_normalized("NFC", usual):
        usual = unicodedata.normalize("NFC", usual)
    return usual.lower()
