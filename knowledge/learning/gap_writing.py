"""What a person does about a gap: writes the article, or says that it is none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from webhooks.accounts import access
from webhooks.models import Message

from ..articles import asked_questions, changes, fields
from ..articles.asked_questions import Asked
from ..articles.changes import Refused
from ..models import Article, Change, Gap, GapTurn
from ..models.article_languages import CODES
from ..text import facts, languages
from ..text.fact import Key
from . import gap_turns
from .gap_turns import Reply

MUCH_THE_SAME = 80  # rapidfuzz ratio of two people's answers


def turns(gap: Gap, user: User) -> list[GapTurn]:
    """Most typical first, in this person's inboxes. An erased question comes last."""
    rows = gap.turns.filter(message__conversation__inbox__in=access.inboxes_of(user)).select_related(
        "message__conversation__source", "message__conversation__contact", "message__conversation__inbox"
    )
    return sorted(rows, key=lambda row: (not row.question, -row.closeness, row.pk))


def write(gap: Gap, *, by: User, now: datetime) -> Change:
    """A change for a new article; the open one, if there is one. Only what this person may see goes into it. Raises Refused."""
    if not access.may(by, "articles"):
        raise Refused("forbidden", _("You may not propose changes of articles."))
    if gap.change and gap.change.status == Change.Status.OPEN:
        return gap.change
    mine = turns(gap, by)
    body, people = answer(mine)
    slug = _slug(gap)
    texts: dict[str, Any] = {
        "slug": slug, "title": gap.title or f"Gap {gap.pk}", "body": body,
        "language": gap.language[:2] if gap.language[:2] in CODES else "en",
    }  # fmt: skip
    if not access.sees_every_inbox(by):
        texts |= {"inboxes": sorted({key for row in mine if (key := row.message.conversation.inbox_id)})}
    note = (
        f"From answers of {' and '.join(people)}."
        if people
        else "Customers ask this, and no article answers it."
    )
    with transaction.atomic():
        change = changes.propose(
            None, texts, kind=Change.Kind.NEW, origin=Change.Origin.GAP, by=by, now=now, note=note,
            customers=len({row.message.conversation.contact_id for row in mine}), people=len(_names(mine)),
        )  # fmt: skip
        Gap.objects.filter(pk=gap.pk).update(change=change)
    gap.change = change
    return change


def nearest(gap: Gap, user: User) -> Article | None:
    """The article that probably answers the topic, if it is still live and this person sees it."""
    if gap.near_id is None:
        return None
    seen = Article.objects.visible_to(user).filter(pk=gap.near_id, status=Article.Status.LIVE)
    return seen.select_related("current").first()


def add_questions(gap: Gap, *, by: User, now: datetime) -> Change:
    """A change that lets search find the nearest article by these questions, for topics that it answers already.

    The open one of the gap, if there is one. Only questions of this person's inboxes go into it. Raises Refused.
    """
    if not access.may(by, "articles"):
        raise Refused("forbidden", _("You may not propose changes of articles."))
    if gap.change and gap.change.status == Change.Status.OPEN:
        return gap.change
    article = nearest(gap, by)
    if article is None:
        raise Refused("unchanged", _("No article is near enough to this topic any more. Write one."))
    asked = [row for row in turns(gap, by) if row.question]
    with transaction.atomic():
        change = asked_questions.propose(
            article,
            [Asked(row.message.conversation, row.question, language=gap.language) for row in asked],
            origin=Change.Origin.GAP, by=by, now=now, note="Customers ask this, and search does not find this article for it.",
            customers=len({row.message.conversation.contact_id for row in asked}), people=len(_names(asked)),
        )  # fmt: skip
        Gap.objects.filter(pk=gap.pk).update(change=change)
    gap.change = change
    return change


def _slug(gap: Gap) -> str:
    """Free, and the same for the same gap."""
    plain = fields.slug_from(gap.title)[:80].strip("-") or "gap"
    return plain if not Article.objects.filter(slug=plain).exists() else f"{plain}-{gap.pk}"


def _names(rows: Sequence[GapTurn]) -> list[str]:
    return sorted({row.answered_by for row in rows if row.answered_by})


def answer(rows: Sequence[GapTurn]) -> tuple[str, list[str]]:
    """The most typical answer that two people sent much the same, and their names; nothing where they differ.

    Both answered different customers. It states no fact that the other one does not state, or that one of the customers wrote.
    """
    replies = gap_turns.replies([row.message for row in rows])
    sent = [
        (row.message.conversation.contact_id, replies[row.message_id])
        for row in rows
        if row.message_id in replies
    ]
    claimed = _claimed(rows)
    for customer, reply in sent:
        if not reply.text or _states(reply.text) & claimed:
            continue
        others = (
            other.by
            for own, other in sent
            if own != customer and other.by != reply.by and _agree(reply, other)
        )
        if other := next(others, ""):
            return reply.text, [reply.by, other]
    return "", []


def _agree(one: Reply, other: Reply) -> bool:
    if fuzz.ratio(one.text.casefold(), other.text.casefold()) < MUCH_THE_SAME:
        return False
    return not facts.unsupported(one.text, [other.text], languages=languages.known)


def _claimed(rows: Sequence[GapTurn]) -> set[Key]:
    """What the customers say themselves, anywhere in these conversations: an answer that repeats it may have it from them."""
    theirs = Message.objects.filter(
        conversation__in={row.message.conversation_id for row in rows}, is_customer_message=True
    )
    return {
        key
        for text in set(theirs.values_list("content", flat=True))
        for fact in facts.found(text, language=languages.known(text))
        for key in fact.gives
    }


def _states(text: str) -> set[Key]:
    return {key for fact in facts.found(text, language=languages.known(text)) for key in fact.needs}


def dismiss(gap: Gap, *, by: User, reason: str, now: datetime) -> None:
    """It comes back with twice its customers. Raises Refused."""
    if not access.may(by, "edit_articles"):
        raise Refused("forbidden", _("Only Leads and Managers can decide about gaps."))
    if not reason.strip():
        raise Refused("reason_required", _("Give a reason. Others will read it when the gap comes back."))
    done = Gap.objects.filter(pk=gap.pk, status=Gap.Status.OPEN).update(
        status=Gap.Status.DISMISSED, dismissed_by=by, dismissed_at=now, dismissed_customers=gap.customers,
        reason=reason.strip()[:500],
    )  # fmt: skip
    if not done:
        raise Refused("already_decided", _("This gap is not open any more."))
