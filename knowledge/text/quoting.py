"""What stands around a reply's own words: greeting, closing, signature, quoted mail; and the words without it. Pure.

By language here; an inbox with a greeting and closing of its own passes them as `more`.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

GREETING = {
    "en": "Hi {name},\n\nthanks for writing to us.\n\n",
    "de": "Guten Tag {name},\n\nvielen Dank für Ihre Nachricht.\n\n",
}
CLOSING = {"en": "\n\nBest regards,\nyour support team", "de": "\n\nFreundliche Grüße\nIhr Support-Team"}
FRAMES = (*GREETING.values(), *CLOSING.values())

# As people write them by hand: a greeting and up to four words of address; a closing and up to four short lines of names.
HELLO = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|liebe[rs]?"
    r"|sehr geehrte[rs]?|moin|servus|grüß gott|grüezi)(?:[ \t]+[^\s,!?:;]+){0,4}[ \t]*(?:[,!:]\s*|\n\s*|\Z)",
    re.IGNORECASE,
)
GOODBYE = re.compile(
    r"(?:^|\n)(?:(?:with )?(?:(?:best|kind|kindest|warm|many) )?(?:regards|wishes)|best|(?:yours )?(?:sincerely|truly|faithfully)"
    r"|cheers|thanks|thank you"
    r"|(?:mit )?(?:freundliche[nm]?|viele[n]?|liebe[n]?|beste[n]?|herzliche[nm]?|schöne[n]?) gr(?:üße|üsse|uß|uss)n?|mfg|lg|vg)"
    r"(?:[,.!](?: [^\s,:]+){0,3})?(?:\n(?![ ]?[\d*•-])[^\n:?]{0,60}){0,4}\Z",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"(?:^|\n)-- ?\n.*\Z", re.DOTALL)
QUOTED_LINE = re.compile(
    r"^[ \t]*>.*(?:\n|\Z)|^(?:On|Am) .{6,200}(?:wrote|schrieb):?[ \t]*(?:\n|\Z)", re.MULTILINE
)
QUOTED_REST = re.compile(
    r"^(?:-{2,}[ \t]*(?:Original Message|Ursprüngliche Nachricht)|_{10,}[ \t]*$).*\Z",
    re.DOTALL | re.MULTILINE,
)
INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
TAIL = 600  # a closing is looked for in so many characters


def core(text: str, *, more: Iterable[str] = ()) -> str:
    """The reply's own words, evenly spaced. Where nothing else would be left, the text as it is."""
    plain = tidy(text)
    words = QUOTED_LINE.sub("", QUOTED_REST.sub("", plain))
    words = SIGNATURE.sub("", words)
    frames = _paragraphs((*FRAMES, *more))
    return _unclosed(_ungreeted(words.strip(), frames), frames).strip() or plain


def tidy(text: str) -> str:
    """One form for what looks the same: line ends, composed letters, spaces, empty lines, invisible characters."""
    plain = unicodedata.normalize("NFC", INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    plain = re.sub(r"[^\S\n]+", " ", plain)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", plain)).strip()


def _ungreeted(words: str, frames: tuple[str, ...]) -> str:
    """Greeting and thanks may each be there or not: what a person changed of the one leaves the other known."""
    openings = [HELLO, *(re.compile(part + r"\s*", re.IGNORECASE) for part in frames)]
    while found := next(((one, end) for one in openings if (end := _end(one, words))), None):
        openings.remove(found[0])
        words = words[found[1] :]
    return words


def _end(pattern: re.Pattern[str], words: str) -> int:
    found = pattern.match(words)
    return found.end() if found else 0


def _unclosed(words: str, frames: tuple[str, ...]) -> str:
    for part in frames:
        words = re.sub(rf"\s*(?:^|\n){part}\Z", "", words, flags=re.IGNORECASE)
    start = max(len(words) - TAIL, 0)
    found = GOODBYE.search(words, start)
    return words[: found.start()] if found else words


@cache
def _paragraphs(frames: tuple[str, ...]) -> tuple[str, ...]:
    """Each paragraph of the frames as a pattern; a name is any few words."""
    parts = {part for frame in frames for part in tidy(frame).split("\n\n") if part}
    return tuple(re.escape(part).replace(r"\{name\}", r"[^\n,.!?:;]{0,80}?") for part in sorted(parts))
