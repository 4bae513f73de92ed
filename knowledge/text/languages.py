"""In which language a text is written: the classifier of py3langid, limited to languages that customers write. Pure.

UNKNOWN where the classifier is not sure, NONE for what has no letters. A guess must not send a customer to somebody who cannot
read them.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

UNKNOWN, NONE = "unknown", ""
NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
MOST = 4000  # characters
LEAST_LETTERS = 3
SURE = 0.5
# How much likelier a language of the desk is than another one, before the text is read. Decides short texts only.
PRIOR = 4.0


def language(text: str, *, likely: Iterable[str] = ()) -> str:
    """A code of NAMES or of `likely`, UNKNOWN or NONE. likely: the languages of the desk's articles and people."""
    text = text[:MOST]
    letters = sum(letter.isalpha() for letter in text)
    if not letters:
        return NONE
    if letters < LEAST_LETTERS:
        return UNKNOWN
    desk = {code for name in likely if (code := name.lower()[:2].replace("nb", "no"))}
    weighted = {
        code: chance * (PRIOR if code in desk else 1)
        for code, chance in _identifier(frozenset(desk)).rank(text)
    }
    best = max(weighted, key=lambda code: weighted[code])
    return best if weighted[best] >= SURE * sum(weighted.values()) else UNKNOWN


def known(text: str, *, likely: Iterable[str] = ()) -> str:
    """Its code; empty where it is unknown or has no letters. likely: as of `language`."""
    found = language(text, likely=likely)
    return "" if found == UNKNOWN else found


def name(code: str) -> str:
    """For pages: English names; a code without one as it is."""
    return {UNKNOWN: "Unknown", NONE: "No text"}.get(code) or NAMES.get(code[:2], code)


@lru_cache(maxsize=8)
def _identifier(desk: frozenset[str]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    made = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    made.set_languages({*NAMES, *desk} & set(made.labels))
    return made
