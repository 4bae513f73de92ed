"""Writes notices, in the transaction of what they report. digest.py sends them.

Their text holds no customer's name or words: emails are kept in many places.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import translation
from django.utils.translation import gettext as _

from ..accounts import profiles
from ..models import Conversation, Notice, Source

MOST_SHOWN = 20


def write(
    people: Iterable[User], *, kind: str, cause: str, about: int, text: Callable[[], str], page: str, source: Source,
    now: datetime, by: User | None = None,
) -> None:  # fmt: skip
    """One row per person and cause, however often it is written. `by` did it and needs no notice. page: a path.

    text: called once for each person, with that person's language active.
    """
    told = [user for user in people if user.is_active and (by is None or user.pk != by.pk)]
    languages = profiles.languages_of(told)
    rows = [
        Notice(
            user=user, kind=kind, cause=cause[:120], source=source, about=about, page=page, at=now,
            text=_in_language(languages[user.pk], text),
        )
        for user in told
    ]  # fmt: skip
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def _in_language(language: str, text: Callable[[], str]) -> str:
    with translation.override(language):
        return text()[:300]


def where(conversation: Conversation) -> str:
    """Website chat #35: which conversation a notice means, without its customer."""
    inbox = conversation.inbox or _("no inbox")
    return f"{inbox} {conversation}"


def recent(user: User) -> list[Notice]:
    """Newest first."""
    return list(Notice.objects.filter(user=user).order_by("-pk")[:MOST_SHOWN])
