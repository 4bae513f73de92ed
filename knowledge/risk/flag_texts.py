"""The sentences of risk flags, each once. Flags are kept in English; `shown` says one in the language of the page. Pure.

A kept reason has no key of its sentence: it is recognised by its words, and what the rule found is put into the translation.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

AMOUNT = _("Mentions an amount of %(amount)s, above %(limit)s.")
TOO_MANY_AMOUNTS = _("Contains more amounts of money than can be checked.")
REPLY_SAYS = _("The reply says “%(found)s”.")
CUSTOMER_SAYS = _("The customer says “%(found)s”.")
CONFIDENCE = _("Confidence is %(share)s, below %(least)s.")
LABELLED = _("The conversation is labelled %(names)s.")
HOSTS = _("Links to unknown hosts: %(names)s.")
TOO_MANY_LINKS = _("Contains more links than can be checked.")
TEMPLATE_CODE = _("Contains template code: “%(found)s”. A placeholder may not be filled in.")
PERSONAL = _("Not found in this conversation: %(data)s.")
TOO_MUCH_PERSONAL = _("Contains more addresses and numbers than can be checked.")
INJECTION = _("Possible prompt injection in the customer's text: “%(found)s”.")
TOO_MANY_NAMED = _(
    "The customer's email names %(n)s addresses, more than a reply may have. Check the recipients."
)
STRANGERS = _("Goes to people who have not taken part in this conversation: %(names)s.")
FILE = _("1 file is attached: %(names)s. What is in them is not checked automatically.")
FILES = _("%(n)s files are attached: %(names)s. What is in them is not checked automatically.")
UNSUPPORTED = _("unsupported: %(found)s")
LANGUAGE = _("The reply is in %(reply)s; the customer writes %(customer)s.")
SENTENCES = (
    AMOUNT, TOO_MANY_AMOUNTS, REPLY_SAYS, CUSTOMER_SAYS, CONFIDENCE, LABELLED, HOSTS, TOO_MANY_LINKS, TEMPLATE_CODE, PERSONAL,
    TOO_MUCH_PERSONAL, INJECTION, TOO_MANY_NAMED, STRANGERS, FILE, FILES, UNSUPPORTED, LANGUAGE,
)  # fmt: skip
MORE = _("%(names)s and %(n)s more")
# By text/personal_data.py's name of it.
DATA = {
    "email address": _("email address %(found)s"),
    "telephone number": _("telephone number %(found)s"),
    "card number": _("card number %(found)s"),
    "account number": _("account number %(found)s"),
}


class Sentence(NamedTuple):
    template: str
    pattern: str


def shown(reason: str) -> str:
    """A kept reason in the language of the page; one that no sentence here made, as it is."""
    return _translated(reason, SENTENCES)


def shown_together(reasons: str) -> str:
    """Several kept reasons with spaces between them, as a draft's history has them."""
    return " ".join(map(shown, _between().split(reasons)))


def _translated(text: str, templates: tuple[str, ...]) -> str:
    for template, pattern in _sentences(templates):
        if found := re.fullmatch(pattern, text, re.DOTALL):
            facts = {name: SHOWN_AS.get(name, str)(fact) for name, fact in found.groupdict().items()}
            return gettext(template) % facts
    return text


@lru_cache(maxsize=8)
def _sentences(templates: tuple[str, ...]) -> list[Sentence]:
    """Those with the most words of their own first."""
    found = [Sentence(template, _pattern(template, named=True)) for template in templates]
    return sorted(found, key=lambda one: len(PLACEHOLDER.sub("", one.template)), reverse=True)


PLACEHOLDER = re.compile(r"%\((\w+)\)s")
NUMBER = r"-?[\d,]+(?:\.\d+)?"


def _pattern(template: str, *, named: bool) -> str:
    parts = PLACEHOLDER.split(template)
    parts[::2] = map(re.escape, parts[::2])
    for at, name in enumerate(parts[1::2]):
        kind = NUMBER if SHOWN_AS.get(name) is _number else ".+"
        parts[2 * at + 1] = f"(?P<{name}>{kind})" if named else kind
    return "".join(parts)


@lru_cache(maxsize=1)
def _between() -> re.Pattern[str]:
    """The space before a sentence."""
    return re.compile(f" (?={'|'.join(_pattern(one, named=False) for one in SENTENCES)})", re.DOTALL)


def _number(text: str) -> str:
    """1,234.50 as the page's language writes it: elsewhere that would be a little more than 1."""
    value = Decimal(text.replace(",", ""))
    decimals = len(text.partition(".")[2])
    return number_format(value, decimals, use_l10n=True, force_grouping="," in text)


def _names(text: str) -> str:
    return _translated(text, (MORE,))


def _data(text: str) -> str:
    """ "card number 4111…, email address a@b.example and 2 more", whose last words are about the whole."""
    more = re.fullmatch(_pattern(MORE, named=True), text, re.DOTALL)
    listed = more["names"] if more else text
    said = ", ".join(_translated(one, tuple(DATA.values())) for one in listed.split(", "))
    return gettext(MORE) % {"names": said, "n": more["n"]} if more else said


# How a fact is shown, by its placeholder's name; any other stands as it was found.
SHOWN_AS: dict[str, Callable[[str], str]] = {
    "amount": _number,
    "limit": _number,
    "n": _number,
    "names": _names,
    "data": _data,
    "reply": gettext,
    "customer": gettext,
}
