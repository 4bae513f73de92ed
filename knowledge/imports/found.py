"""What a reader finds: an article's fields, or what is wrong and where. A problem with one article never loses another."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..articles import fields
from ..models.article_languages import code_of
from . import texts


class CannotRead(Exception):
    """Nothing can be imported. The text is one line: what happened, and what to do."""


@dataclass(frozen=True)
class Found:
    """ref: its name at the source, the same each time. where: for people, such as a file or a row."""

    ref: str
    where: str
    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def text(self) -> str:
        """The problem, with its place."""
        return f"{self.where}: {self.problem}"


def checked(ref: str, where: str, values: dict[str, Any], *, language: str) -> Found:
    """With the fields in their stored form, or with the problem. language: of an article that names none."""
    locale = str(values.get("language") or language)
    code = code_of(locale)
    if code is None:
        return Found(ref, where, problem=fields.NO_LANGUAGE % {"value": repr(locale[:20])})
    slug = values.get("slug") or fields.slug_from(str(values.get("title") or ""))
    try:
        return Found(ref, where, fields.cleaned(values | {"language": code, "slug": slug}, new=True))
    except fields.Invalid as error:
        return Found(ref, where, problem=str(error))


def without_duplicates(rows: Iterable[Found]) -> Iterator[Found]:
    """The first of several with one slug stays; the others are problems that name it."""
    first: dict[str, str] = {}
    for row in rows:
        slug = row.values.get("slug", "")
        if slug and slug in first:
            yield Found(row.ref, row.where, problem=texts.TAKEN_SLUG % {"slug": slug, "place": first[slug]})
            continue
        if slug:
            first[slug] = row.where
        yield row


def stem(name: str) -> str:
    """A file's name, or a URL's last part, without its ending."""
    return re.sub(r"\.\w{1,8}$", "", name)
