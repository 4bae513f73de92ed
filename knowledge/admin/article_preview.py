"""An article as a customer would receive it: with the greeting and signature of an inbox, or the usual ones of its language."""

from collections.abc import Sequence

from django.db.models import QuerySet

from webhooks.models import Inbox

from .. import inbox_settings
from ..text import frames
from .draft_form import number

NAME = "Ada"
NONE = "none"  # of no inbox


def chosen(inboxes: QuerySet[Inbox], *, asked: str | None, own: Sequence[str]) -> Inbox | None:
    """The inbox asked for; before one was chosen, the article's first. own: its inboxes' keys."""
    if asked == NONE:
        return None
    if asked:
        return inboxes.filter(pk=number(asked) or 0).first()
    return inboxes.filter(pk__in=[key for one in own if (key := number(one))]).first()


def as_sent(body: str, *, language: str, inbox: Inbox | None = None) -> str:
    settings = inbox_settings.of(inbox.pk) if inbox else None
    greeting, signature = (settings.greeting, settings.signature) if settings else ("", "")
    return frames.framed(body, language=language, name=NAME, greeting=greeting, signature=signature)
