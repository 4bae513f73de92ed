"""Whether what a machine wrote has a source, and is in the customer's language. Pure. What a fact is: text/facts.py.

A citation says which article was read, not that it says so: a number, link, address or day that stands neither in a cited
version nor in the conversation is named.
"""

import re
from collections.abc import Sequence
from functools import partial

from ..text import facts, languages, quoting
from . import flag_texts

LEAST_WORDS = {"customer": 3, "reply": 5}  # fewer do not show a language


def unsupported(
    text: str, sources: Sequence[str], *, machine_text: str, likely: Sequence[str] = ()
) -> list[str]:
    """The facts without a source that the machine wrote and that are still in the text, as it says them.

    likely: languages of the desk.
    """
    if not machine_text:
        return []
    known = partial(languages.known, likely=likely)
    missing = facts.unsupported(machine_text, sources, languages=known)
    if text == machine_text or not missing:
        return missing
    written = facts.unsupported(text, sources, languages=known)
    return [fact for fact in written if fact in missing]


def other_language(text: str, customer: str, *, likely: Sequence[str] = ()) -> str:
    """Why the reply is in the wrong language; empty where it is not, or where either is not known. likely: as above."""
    own, asked = quoting.core(text), customer
    if _words(own) < LEAST_WORDS["reply"] or _words(asked) < LEAST_WORDS["customer"]:
        return ""
    reply, wanted = (languages.known(one, likely=likely) for one in (own, asked))
    if not reply or not wanted or reply == wanted:
        return ""
    return flag_texts.LANGUAGE % {"reply": languages.name(reply), "customer": languages.name(wanted)}


def _words(text: str) -> int:
    return len(re.findall(r"[^\W\d_]{2,}", text)) + sum(ord(letter) >= 0x2E80 for letter in text) // 2
