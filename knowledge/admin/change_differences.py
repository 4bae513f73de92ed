"""What a change changes, for people to read, and whether somebody else has to approve it."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.display import formats
from webhooks.models import Inbox

from ..articles import fields
from ..learning import edits
from ..models import Change
from ..models.article_languages import LANGUAGES

FACTS = {
    "language": gettext_lazy("Language"),
    "owner": gettext_lazy("Owner"),
    "review_by": gettext_lazy("Review by"),
    "valid_until": gettext_lazy("Valid until"),
    "inboxes": gettext_lazy("Inboxes"),
    "group": gettext_lazy("Translations"),
    "is_policy": gettext_lazy("Policy or returns"),
}
TEXTS = {
    "title": gettext_lazy("Title"),
    "question": gettext_lazy("Question"),
    "body": gettext_lazy("Answer"),
    "keywords": gettext_lazy("Keywords"),
}


def is_own(change: Change, user: Any) -> bool:
    needs = change.second_person or change.article.is_policy
    return needs and user.pk in (change.made_by_id, *change.edited_by)


def differences(change: Change) -> tuple[list[tuple[str, list[edits.Piece]]], list[tuple[str, str, str]]]:
    """(texts as pieces, facts as name, before, after), against the version that stood when it was decided, or stands now."""
    article, decided = change.article, getattr(change, "became", None)
    base = decided.number - 1 if decided else article.version
    before = article.current if base == article.version else article.versions.filter(number=base).first()
    texts = [
        (str(label), edits.words_between(getattr(before, name) if before else "", change.proposed[name] or ""))
        for name, label in TEXTS.items() if change.proposed.get(name) or (name in change.proposed and before)
    ]  # fmt: skip
    now = fields.of(article) if article.version and not decided else {}
    facts = [
        (str(label), shown(name, now.get(name)), shown(name, change.proposed[name]))
        for name, label in FACTS.items() if name in change.proposed and (before or change.proposed[name])
    ]  # fmt: skip
    return texts, facts


def shown(name: str, value: Any) -> str:
    if name == "inboxes":
        return ", ".join(Inbox.objects.filter(pk__in=value or []).values_list("name", flat=True)) or _(
            "every inbox"
        )
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in ("review_by", "valid_until") and value:
        return formats.day(date.fromisoformat(value))
    return str(dict(LANGUAGES).get(value, value)) if value else "–"
