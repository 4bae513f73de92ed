"""The kept texts (kept_texts.py) of all parts of the site together, since its sentences quote each other. Reads no row.

What none of these made, such as a person's words or another program's, is shown as it was recorded. The API, logs and alerts'
emails keep English.
"""

import re
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from . import formats
from .kept_texts import NUMBER, Fact, KeptTexts, number

SPAN = r"[\d,]+ (?:d|h|min|s)(?: [\d,]+ (?:h|min|s))?"
STORED = r"(?:1 webhook has|[\d,]+ webhooks have) been .+"
DAY = r"\d{1,2} [A-Z][a-z]{2}"


def shown(text: str) -> str:
    """A recorded text of any part of the site: one sentence, or several with spaces between them."""
    return " ".join(_found(piece) or piece for piece in _split(text))


def is_ours(text: str) -> bool:
    """Whether all of it is sentences of this site."""
    return all(_found(piece) for piece in _split(text))


def clause(text: str) -> str:
    """A sentence inside another one, which ends without its own full stop."""
    return _found(text) or shown(f"{text}.").removesuffix(".")


def _found(text: str) -> str | None:
    return next((said for part in _parts() if (said := part.said(text))), None)


def _split(text: str) -> list[str]:
    """The text where it is a sentence, which may hold others; else its first sentence, and the rest."""
    if not _found(text):
        for end in re.finditer(r"(?<=\.) ", text):
            if _found(head := text[: end.start()]):
                return [head, *_split(text[end.end() :])]
    return [text]


@lru_cache(maxsize=1)
def _parts() -> list[KeptTexts]:
    return [import_string(path) for path in settings.RECORDED_SENTENCES]


def span(text: str) -> str:
    """2 h 5 min."""
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return " ".join(str(formats.LENGTHS[unit]) % {"count": number(count)} for count, unit in pairs)


def day(text: str) -> str:
    """22 Nov. The year is not recorded; a leap year knows each day."""
    return formats.day_of_year(datetime.strptime(f"{text} 2024", "%d %b %Y"))


FACTS = {
    "n": Fact(NUMBER, number),
    "status": Fact(r"\d{3}"),
    "span": Fact(SPAN, span),
    "limit": Fact(SPAN, span),
    "at": Fact(r"\d\d:\d\d"),
    "start": Fact(r"\d\d:\d\d"),
    "end": Fact(r"\d\d:\d\d"),
    "day": Fact(DAY, day),
    "last_day": Fact(DAY, day),
    "host": Fact(r"\S+"),
    "mode": Fact("active|paused|legacy", formats.mode),
    "error": Fact(".+", shown),
    "why": Fact(".+", shown),
    "when": Fact("(?:at|between) .+", shown),
    "missed": Fact(r"(?:1 event was|[\d,]+ events were) missed .+", shown),
    "clause": Fact(".+", clause),
    "stored": Fact(STORED, clause),
    "set_aside": Fact(STORED, clause),
    "number": Fact(r"\d+"),
    "version": Fact(r"\d+"),
    "restarts": Fact(".+", lambda text: "; ".join(map(clause, text.split("; ")))),
    "apart": Fact(SPAN, span),
}
