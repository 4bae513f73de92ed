"""In which language a text is written: the classifier of py3langid, limited to languages that customers write. Pure.

UNKNOWN where the classifier is not sure, NONE for what has no letters. A guess must not send a customer to somebody who cannot
read them.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

UNKNOWN, NONE = "unknown", ""
NAMES = {
    "ar": _("Arabic"),
    "bg": _("Bulgarian"),
    "cs": _("Czech"),
    "da": _("Danish"),
    "de": _("German"),
    "el": _("Greek"),
    "en": _("English"),
    "es": _("Spanish"),
    "fi": _("Finnish"),
    "fr": _("French"),
    "he": _("Hebrew"),
    "hi": _("Hindi"),
    "hr": _("Croatian"),
    "hu": _("Hungarian"),
    "id": _("Indonesian"),
    "it": _("Italian"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
    "nl": _("Dutch"),
    "no": _("Norwegian"),
    "pl": _("Polish"),
    "pt": _("Portuguese"),
    "ro": _("Romanian"),
    "ru": _("Russian"),
    "sk": _("Slovak"),
    "sv": _("Swedish"),
    "th": _("Thai"),
    "tr": _("Turkish"),
    "uk": _("Ukrainian"),
    "vi": _("Vietnamese"),
    "zh": _("Chinese"),
}
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
        for code, chance in _identifier(frozenset(desk - NAMES.keys())).rank(text)
    }
    best = max(weighted, key=lambda code: weighted[code])
    return best if weighted[best] >= SURE * sum(weighted.values()) else UNKNOWN


def known(text: str, *, likely: Iterable[str] = ()) -> str:
    """Its code; empty where it is unknown or has no letters. likely: as of `language`."""
    found = language(text, likely=likely)
    return "" if found == UNKNOWN else found


def name(code: str) -> str:
    """English names, for prompts and for what is kept; a code without one as it is."""
    return {UNKNOWN: _("Unknown"), NONE: _("No text")}.get(code) or NAMES.get(code[:2], code)


def shown(code: str) -> str:
    """Its name in the language of the page."""
    return gettext(name(code))


@lru_cache(maxsize=2)  # each holds a model of its own, which takes most of a second to load
def _identifier(others: frozenset[str]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    made = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    made.set_languages({*NAMES, *others} & set(made.labels))
    return made
