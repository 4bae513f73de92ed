"""Pseudo-localization: every text that is translated is shown in Cyrillic letters, so that what is left in Latin ones is
either data or was forgotten.
"""

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from zoneinfo import available_timezones

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import BinaryField, Model
from django.utils import translation
from django.utils.safestring import SafeData, mark_safe

from knowledge.business_time import public_holidays
from knowledge.models.article_languages import LANGUAGES
from webhooks.display import recorded
from webhooks.privacy import retention

# What stays as it is in a text: placeholders, tags and entities.
KEPT = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{[^{}]*\}|<[^>]*>|&#?\w+;")
LETTERS = {ord("a") + place: 0x430 + place for place in range(26)} | {
    ord("A") + place: 0x410 + place for place in range(26)
}


def wrapped(text: str) -> str:
    """Upper and lower case stay, so that what changes a text's case still works."""
    parts, at = [], 0
    for kept in KEPT.finditer(text):
        parts += [text[at : kept.start()].translate(LETTERS), kept[0]]
        at = kept.end()
    found = "".join([*parts, text[at:].translate(LETTERS)])
    return mark_safe(found) if isinstance(text, SafeData) else found


def pseudo_localize(patch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Patches Django's own functions, which all others call. Returns the texts asked for so far: context and msgid."""
    functions: Any = translation._trans  # type: ignore[attr-defined]
    asked: set[tuple[str, str]] = set()

    def patched(name: str) -> Callable[..., str]:
        translate, has_context = getattr(functions, name), name in ("pgettext", "npgettext")

        def translated(*args: Any) -> str:
            context, msgid = args[:2] if has_context else ("", args[0])
            asked.add((str(context), str(msgid)))
            return wrapped(translate(*args))

        return translated

    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        patch.setattr(functions, name, patched(name))
    return asked


# Read by people, wherever they stand. data-*: texts that scripts show.
ATTRIBUTES = {"title", "placeholder", "aria-label", "alt", "label"}
NO_TEXTS = {"data-words", "data-title", "data-copy", "data-url"}  # words to search for, and data
UNREAD = {"script", "style", "code", "pre", "kbd", "textarea", "template"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Reader(HTMLParser):
    """texts: all that a person reads in a page, but for what has a language of its own (lang), symbols and code."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        unread = (
            tag in UNREAD
            or (tag != "html" and "lang" in given)
            or "material-symbols-outlined" in given.get("class", "").split()
        )
        if tag not in VOID:
            self.open.append((tag, unread or self._is_unread()))
        if unread or self._is_unread():
            return
        for name, value in given.items():
            if name in ATTRIBUTES:
                self.texts.append(value)
            elif name.startswith("data-") and name not in NO_TEXTS and " " in value:
                self.texts += list(_strings(value))
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            self.texts.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        while self.open and any(name == tag for name, _ in self.open):
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._is_unread() and data.strip():
            self.texts.append(" ".join(data.split()))

    def _is_unread(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def _strings(value: str) -> Iterator[str]:
    """Of an attribute that holds JSON: its sentences, not its keys and codes."""
    try:
        held = json.loads(value)
    except ValueError:
        yield value
        return
    ahead = [held]
    while ahead:
        one = ahead.pop()
        if isinstance(one, dict):
            ahead += one.values()
        elif isinstance(one, list):
            ahead += one
        elif isinstance(one, str) and " " in one:
            yield one


RUN = re.compile(r"[A-Za-z](?:[ -~]*[A-Za-z])?")
PIECE = re.compile(r"[^,;:()·/|\"'.!?\[\]{}<>=&@#%+*]+")
FILLED_IN = re.compile(r"\{\w+\}|\bv\d+\b")  # by a script; the number of a version
# Names, units, and what programs call things.
TECHNICAL = re.compile(
    r"(?:[A-Z][A-Z0-9_]+|\w+_\w+|[\w-]+\.[\w.-]+|https?\S*|Chatwoot|webhooks?|Webhooks?|WhatsApp|Slack|Markdown|"
    r"tokens?|Tokens?|iCalendar|OAuth|Redis|SQLite|PostgreSQL|min|[hsdx]|[A-Z]|\d+[a-z]?|v\d.*)"
)


def forgotten(html: str, data: str) -> list[str]:
    """What stands in Latin letters on a page without being data or a technical word."""
    return sorted({piece for text in Reader(html).texts for piece in _left(text, data)})


def _left(text: str, data: str) -> Iterator[str]:
    for run in RUN.findall(FILLED_IN.sub("", text)):
        if run in data or all(map(TECHNICAL.fullmatch, run.split())):
            continue
        for piece in PIECE.findall(run):
            words = [word for word in piece.split() if re.search(r"[A-Za-z]{2}", word)]
            if words and piece.strip() not in data and not all(map(TECHNICAL.fullmatch, words)):
                yield run
                break


def all_data() -> str:
    """What a page shows that is no text of ours: names of zones, countries, languages and events, and all of the database that
    is not one of a column's choices: people's and customers' texts. Sentences that the site records are its own text.
    """
    zones = [
        part for zone in available_timezones() for part in (zone, zone.replace("_", " ").replace("/", ", "))
    ]
    countries = [f"{name} ({code})" for code, name in public_holidays.countries().items()]
    languages = [str(name) for _, name in (*settings.LANGUAGES, *LANGUAGES)]
    events = [event.replace("_", " ") for event in settings.IN_HANDLERS]
    kept = [name.replace("_", " ") for name in retention.rules()]  # codes, as in the API and in logs
    return "\n".join([*zones, *countries, *languages, *events, *kept, *_rows()])


def _rows() -> list[str]:
    return [
        text
        for model in apps.get_models()
        if model._meta.managed and model._meta.label not in ("auth.Permission", "contenttypes.ContentType")
        for row in model._default_manager.all()
        for text in _texts(row)
        if not recorded.is_ours(text)
    ]


def _texts(row: Model) -> Iterator[str]:
    for field in row._meta.concrete_fields:
        value = field.value_from_object(row)
        if field.choices or value is None:
            continue
        if isinstance(field, BinaryField):
            yield bytes(value).decode(errors="replace")
        elif isinstance(value, str):
            yield " ".join(value.split())
        elif isinstance(value, (dict, list)):
            yield json.dumps(value, ensure_ascii=False)
