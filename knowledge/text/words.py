"""Splits a text of any script into the words and sentences that search compares. Pure.

Endings are cut by Snowball's rules for the language (Porter 2001). Scripts without spaces between words give pairs of characters.
Sentences end by the rules and short forms of the language (sentencex, which Wikipedia uses for its translations).
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import sentencex

ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff]+")
_stemming = threading.Lock()  # a stemmer keeps the word it works on


def words(text: str, *, language: str = "") -> list[str]:
    """In one form for all spellings that look alike (NFKC, case folded), without endings where the language is known."""
    return [_stem(word, language[:2]) for word in plain_words(text)]


def plain_words(text: str) -> Iterator[str]:
    for run in _runs().findall(unicodedata.normalize("NFKC", text).casefold()):
        if UNSPACED.search(run):
            yield from _pieces(run)
        else:
            yield run


def sentences(text: str, *, language: str = "") -> list[str]:
    return [text[start:end].strip() for start, end in sentence_spans(text, language=language)]


def sentence_spans(text: str, *, language: str = "") -> Iterator[tuple[int, int]]:
    """Where each begins and where the next may: a line ends one, "USt-IdNr. oder" does not. Empty ones are left out."""
    at = 0
    for line in text.splitlines(keepends=True):
        for found in sentencex.get_sentence_boundaries(language[:2] or "en", line):  # type: ignore[attr-defined]
            start, end = at + found["start_index"], at + found["end_index"]
            if text[start:end].strip():
                yield start, end
        at += len(line)


def _pieces(run: str) -> Iterator[str]:
    """Pairs of characters of the unspaced scripts, the rest as it is."""
    end = 0
    for found in UNSPACED.finditer(run):
        if found.start() > end:
            yield run[end : found.start()]
        part, end = found[0], found.end()
        yield from (part[at : at + 2] for at in range(max(len(part) - 1, 1)))
    if end < len(run):
        yield run[end:]


@cache
def _runs() -> re.Pattern[str]:
    r"""Letters, digits and the marks on them: \w alone cuts a word at each vowel sign of Hindi or Arabic."""
    marks = "".join(chr(code) for code in range(0x300, 0x11000) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(rf"[^\W_](?:[^\W_]|[{marks}])*")


@lru_cache(maxsize=50_000)
def _stem(word: str, language: str) -> str:
    with _stemming:
        stemmer = _stemmer(language)
        return str(stemmer.stemWord(word)) if stemmer else word


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer

    name = ALGORITHMS.get(language)
    return snowballstemmer.stemmer(name) if name in snowballstemmer.algorithms() else None
