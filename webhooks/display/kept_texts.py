"""Texts that are kept in English and shown in the language of the page. Pure: no database, no clock, no HTML.

A kept text has no key of its sentence: it is recognised by its words, and the facts in it are put into the translation.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
NUMBER = r"-?[\d,]+(?:\.\d+)?"


class Fact(NamedTuple):
    """How a placeholder's value is found, and how it is shown."""

    pattern: str = ".+"
    shown: Callable[[str], str] = str


class Found(NamedTuple):
    """facts: by the name of their placeholder, as they are kept."""

    template: str
    facts: dict[str, str]


def number(text: str) -> str:
    """1,234.50 as the page's language writes it: elsewhere that would be a little more than 1."""
    value = Decimal(text.replace(",", ""))
    decimals = len(text.partition(".")[2])
    return number_format(value, decimals, use_l10n=True, force_grouping="," in text)


class KeptTexts:
    """templates: sentences with placeholders such as %(name)s, each a key of the catalogs.

    facts: how a fact is shown, and how it is found where it is not any words; by its placeholder's name. Any other stands as it
    is kept.
    """

    def __init__(
        self, *templates: str, facts: Mapping[str, Fact | Callable[[str], str]] | None = None
    ) -> None:
        self.templates = templates
        self._facts = {name: _fact(given) for name, given in (facts or {}).items()}

    def shown(self, text: str) -> str:
        """One sentence in the language of the page; one that no template here made, as it is."""
        said = self.said(text)
        return text if said is None else said

    def said(self, text: str) -> str | None:
        """One sentence in the language of the page; None if no template here made it."""
        found = self.found(text)
        if found is None:
            return None
        return gettext(found.template) % {
            name: self._fact_of(name).shown(fact) for name, fact in found.facts.items()
        }

    def shown_together(self, text: str) -> str:
        """Several sentences with spaces between them."""
        return " ".join(map(self.shown, self._between.split(text)))

    def shown_paragraph(self, text: str) -> str | None:
        """Several sentences that each end with a full stop; None unless all are known."""
        parts = self._parts(text)
        return None if parts is None else " ".join(map(self.shown, parts))

    def found(self, text: str) -> Found | None:
        for template, pattern in self._patterns:
            if match := pattern.fullmatch(text):
                return Found(template, match.groupdict())
        return None

    def _parts(self, text: str) -> list[str] | None:
        """As many as there are: a fact at a sentence's end could take in the next sentence."""
        for end in re.finditer(r"(?<=\.) ", text):
            if self.found(text[: end.start()]) and (rest := self._parts(text[end.end() :])):
                return [text[: end.start()], *rest]
        return [text] if self.found(text) else None

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """Those with the most words of their own first."""
        ordered = sorted(self.templates, key=lambda one: len(PLACEHOLDER.sub("", one)), reverse=True)
        return [(one, re.compile(self._pattern(one, named=True), re.DOTALL)) for one in ordered]

    @cached_property
    def _between(self) -> re.Pattern[str]:
        """The space before a sentence."""
        beginnings = "|".join(self._pattern(one, named=False) for one in self.templates)
        return re.compile(f" (?={beginnings})", re.DOTALL)

    def _pattern(self, template: str, *, named: bool) -> str:
        parts = PLACEHOLDER.split(template)
        parts[::2] = map(re.escape, parts[::2])
        for at, name in enumerate(parts[1::2]):
            kind = self._fact_of(name).pattern
            parts[2 * at + 1] = f"(?P<{name}>{kind})" if named else f"(?:{kind})"
        return "".join(parts)

    def _fact_of(self, name: str) -> Fact:
        return self._facts.get(name, Fact())


def _fact(given: Fact | Callable[[str], str]) -> Fact:
    if isinstance(given, Fact):
        return given
    return Fact(NUMBER, number) if given is number else Fact(shown=given)
