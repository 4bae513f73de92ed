"""What a change may propose: the fields of an article, how each is checked, and how two sets of them differ.

Pages, API and imports all come through `cleaned`. A proposal is JSON: dates as text, the owner by user name, inboxes by key.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext_lazy

from webhooks import parsing
from webhooks.accounts import access
from webhooks.display import formats
from webhooks.models import Inbox

from ..models import Article
from ..models.article_languages import CODES

TEXTS = {"title": 200, "question": 300, "body": 100_000, "keywords": 300}  # characters
FACTS = ("language", "owner", "review_by", "valid_until", "inboxes", "group", "is_policy")
NAMES = (*TEXTS, *FACTS)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")
Proposed = dict[str, Any]


NEEDED = gettext_noop("Give the article a %(name)s.")
NO_TEXT = gettext_noop("The %(name)s must be text.")
UNSTORABLE = gettext_noop(
    "The %(name)s contains a character that cannot be stored, such as NUL or half an emoji."
)
LONG = gettext_noop("The %(name)s has %(n)s characters. At most %(texts)s are allowed.")
NO_SLUG = gettext_noop(
    "Write the %(name)s with letters a to z, digits, hyphens and underscores, at most 100."
)
NO_LANGUAGE = gettext_noop("%(value)s is not a known language. Use a code such as en, de or es.")
NO_DATE = gettext_noop("%(value)s is not a date. Write it like 2026-11-30.")
SENTENCES = (NEEDED, NO_TEXT, UNSTORABLE, LONG, NO_SLUG, NO_LANGUAGE, NO_DATE)
LABELS = {
    "title": pgettext_lazy("field of an article", "title"),
    "question": pgettext_lazy("field of an article", "question"),
    "body": pgettext_lazy("field of an article", "body"),
    "keywords": pgettext_lazy("field of an article", "keywords"),
    "slug": pgettext_lazy("field of an article", "slug"),
    "group": pgettext_lazy("field of an article", "group"),
}


def label(name: str) -> str:
    """Of a field, as sentences name it."""
    return str(LABELS.get(name, name))


class Invalid(Exception):
    """problems: field → what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


def cleaned(given: Mapping[str, Any], *, new: bool = False, unwritten: bool = False) -> Proposed:
    """The proposal in its stored form. new: title and body are required; unwritten: the body may still be missing.

    Raises Invalid, naming every wrong field.
    """
    found: Proposed = {}
    problems: dict[str, str] = {}
    for name in (*NAMES, "slug"):
        if unwritten and name == "body" and not given.get("body"):
            found["body"] = ""
        elif name in given:
            try:
                found[name] = CHECKS[name](name, given[name])
            except ValueError as error:
                problems[name] = str(error)
    needed = tuple(name for name in ("title", "body", "slug") if new and not (unwritten and name == "body"))
    problems |= {name: _(NEEDED) % {"name": label(name)} for name in needed if not given.get(name)}
    if problems:
        raise Invalid(problems)
    return found


def is_storable(text: str) -> bool:
    """Databases take no NUL, and no half of a surrogate pair."""
    return parsing.clean(text) == text


def slug_from(*texts: str) -> str:
    """From the first text with letters a to z or digits. One that is mostly in another script gets a digest of it, so that two
    such texts have two slugs.
    """
    for text in texts:
        plain = slugify(text)
        if plain and 2 * sum(map(str.isalnum, plain)) >= sum(map(str.isalnum, text)):
            return plain[:100].strip("-")
    whole = " ".join(texts).strip()
    if not whole:
        return ""
    digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{slugify(whole)[:80].strip('-') or 'article'}-{digest}"


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_(NO_TEXT) % {"name": label(name)})
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not is_storable(text):
        raise ValueError(_(UNSTORABLE) % {"name": label(name)})
    if len(text) > TEXTS[name]:
        raise ValueError(
            _(LONG)
            % {"name": label(name), "n": formats.number(len(text)), "texts": formats.number(TEXTS[name])}
        )
    if not text and name in ("title", "body"):
        raise ValueError(_(NEEDED) % {"name": label(name)})
    return text if name == "body" else " ".join(text.split())


def _slug(name: str, value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not SLUG.fullmatch(text) and not (name == "group" and value == ""):
        raise ValueError(_(NO_SLUG) % {"name": label(name)})
    return text


def _language(name: str, value: Any) -> str:
    if value not in CODES:
        raise ValueError(_(NO_LANGUAGE) % {"value": repr(str(value)[:20])})
    return str(value)


def _date(name: str, value: Any) -> str | None:
    if value is None:
        return None
    try:
        if not DAY.fullmatch(str(value)):
            raise ValueError
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError(_(NO_DATE) % {"value": repr(str(value)[:30])}) from None


def _owner(name: str, value: Any) -> str | None:
    if value is None:
        return None
    known = isinstance(value, str) and is_storable(value) and owners().filter(username=value[:150]).exists()
    if not known:
        raise ValueError(_("%(value)s cannot own an article.") % {"value": repr(str(value)[:60])})
    return str(value)


def owners() -> QuerySet[User]:
    """Who may own an article: people who can open it. Trying names must not show who else exists."""
    opens = Q(is_superuser=True) | Q(groups__name__in=access.RIGHTS["articles"])
    people = User.objects.filter(opens, is_active=True, is_staff=True).exclude(access.PROGRAM)
    return people.distinct().order_by("username")


def _inboxes(name: str, value: Any) -> list[int]:
    if not isinstance(value, list | tuple) or not all(type(key) is int and 0 < key < 2**63 for key in value):
        raise ValueError(_("Inboxes must be a list of numbers."))
    keys = sorted(set(value))
    if keys and Inbox.objects.filter(pk__in=keys).count() != len(keys):
        raise ValueError(_("One of these inboxes does not exist."))
    return keys


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("This must be true or false."))
    return value


CHECKS: dict[str, Any] = {
    **dict.fromkeys(TEXTS, _text), "language": _language, "owner": _owner, "review_by": _date, "valid_until": _date,
    "inboxes": _inboxes, "group": _slug, "slug": _slug, "is_policy": _flag,
}  # fmt: skip


def of(article: Article) -> Proposed:
    """An article's present fields, in the form of a proposal."""
    found: Proposed = {name: getattr(article, name) for name in (*TEXTS, "language", "group", "is_policy")}
    dates = {name: getattr(article, name) for name in ("review_by", "valid_until")}
    found |= {name: day.isoformat() if day else None for name, day in dates.items()}
    found["owner"] = article.owner.get_username() if article.owner else None
    found["inboxes"] = sorted(article.inboxes.values_list("pk", flat=True))
    return found


def columns(proposed: Proposed) -> dict[str, Any]:
    """What a proposal sets of an article's own columns."""
    columns: dict[str, Any] = {
        name: proposed[name] for name in ("language", "group", "is_policy") if name in proposed
    }
    for name in ("review_by", "valid_until"):
        if name in proposed:
            columns[name] = date.fromisoformat(proposed[name]) if proposed[name] else None
    if "owner" in proposed:
        columns["owner"] = (
            User.objects.filter(username=proposed["owner"]).first() if proposed["owner"] else None
        )
    return columns


def difference(article: Article, wanted: Mapping[str, Any]) -> Proposed:
    """The part of a cleaned proposal that is not so already."""
    now = of(article)
    wanted = {name: sorted(value) if name == "inboxes" else value for name, value in wanted.items()}
    return {name: value for name, value in wanted.items() if name in now and now[name] != value}


def digest(proposed: Mapping[str, Any]) -> str:
    """Equal for differences that differ only in white space."""
    plain = {name: " ".join(v.split()) if isinstance(v, str) else v for name, v in proposed.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
