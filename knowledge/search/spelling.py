"""Corrects slips in a question: a word that neither articles nor embedder know becomes the article's word one letter away.

A misspelt word shares nothing with the article's, and its pieces mean little to an embedder. Words that the embedder has as a
whole are spelt as meant, even if no article has them: without this check "keen" becomes "keep". Pure.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

LEAST_LETTERS = 4  # one letter in three is another word
MOST_MENDED = 20  # words of a question
# With the apostrophe: "doesn't" is not a slip of "does".
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class Vocabulary:
    """Words of a collection with their counts, in lists by first letter and length."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self.lists: dict[tuple[str, int], list[str]] = {}
        for word in counts:
            if len(word) >= LEAST_LETTERS:
                self.lists.setdefault((word[0], len(word)), []).append(word)

    def nearest(self, word: str) -> str | None:
        """The most frequent word one slip away (optimal string alignment: a letter lost, added, replaced or swapped), with the
        same first letter. Equal counts: in alphabetical order.
        """
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        lists = [self.lists.get((word[0], length), []) for length in range(len(word) - 1, len(word) + 2)]
        scorer: Any = OSA.distance
        close = process.extract(word, chain(*lists), scorer=scorer, score_cutoff=1, limit=None)
        return min((one for one, _, _ in close), key=lambda one: (-self.counts[one], one), default=None)


def corrected(text: str, vocabulary: Vocabulary, *, is_known: Callable[[str], bool]) -> str:
    """is_known: whether a word, case folded, is spelt as meant."""
    left = MOST_MENDED

    def instead(found: re.Match[str]) -> str:
        nonlocal left
        word = unicodedata.normalize("NFKC", found[0]).casefold()
        if left <= 0 or len(word) < LEAST_LETTERS or not word.isalpha() or is_known(word):
            return found[0]
        left -= 1
        return vocabulary.nearest(word) or found[0]

    return WORD.sub(instead, text)
