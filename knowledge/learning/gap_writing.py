"""What a person does about a gap: writes the article, or says that it is none."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from webhooks.accounts import access
from webhooks.models import Message

from ..articles import asked_questions, change_notes, changes, fields
from ..articles.asked_questions import Asked
from ..articles.changes import Refused
from ..models import Article, Change, Gap, GapTurn
from ..models.article_languages import CODES
from ..text import facts, languages
from ..text.fact import Key
from ..text.words import plain_words
from . import gap_turns
from .gap_answers import MUCH_THE_SAME
from .gap_turns import Reply


def turns(gap: Gap, user: User) -> list[GapTurn]:
    """Most typical first, in this person's inboxes. An erased question comes last."""
    return turns_of([gap], user)[gap.pk]


def turns_of(gaps: Iterable[Gap], user: User) -> dict[int, list[GapTurn]]:
    """Of several, by gap."""
    found: dict[int, list[GapTurn]] = {gap.pk: [] for gap in gaps}
    rows = GapTurn.objects.filter(gap__in=found, message__conversation__inbox__in=access.inboxes_of(user))
    rows = rows.select_related(
        "answer",
        "message__conversation__source",
        "message__conversation__contact",
        "message__conversation__inbox",
    )
    for row in sorted(rows, key=lambda row: (not row.question, -row.closeness, row.pk)):
        found[row.gap_id].append(row)
    return found


def title(gap: Gap, rows: Iterable[GapTurn]) -> str:
    """The words of its title that stand in these questions: others may be of inboxes that the reader does not see."""
    said = {word for row in rows for word in plain_words(row.question)}
    known = [word for word in gap.title.split(", ") if word.casefold() in said]
    return ", ".join(known).capitalize() or str(gap)


def titles(gaps: Iterable[Gap], user: User) -> dict[int, str]:
    """By gap, as this person may see it."""
    listed = list(gaps)
    rows = turns_of(listed, user)
    return {gap.pk: title(gap, rows[gap.pk]) for gap in listed}


def writing(gaps: Iterable[Gap], user: User) -> dict[int, Change]:
    """By gap, the open change that fills it, if this person sees it."""
    change_of = {gap.pk: gap.change_id for gap in gaps if gap.change_id}
    theirs = Article.objects.visible_to(user)
    seen = Change.objects.filter(status=Change.Status.OPEN, article__in=theirs).in_bulk(change_of.values())
    return {gap: seen[change] for gap, change in change_of.items() if change in seen}


def write(gap: Gap, *, by: User, now: datetime) -> Change:
    """A change for a new article; the open one, if there is one. Only what this person may see goes into it. Raises Refused."""
    if not access.may(by, "articles"):
        raise Refused("forbidden", _("You may not propose changes of articles."))
    if change := writing([gap], by).get(gap.pk):
        return change
    mine = turns(gap, by)
    body, people = answer(mine)
    name = title(gap, mine)
    texts: dict[str, Any] = {
        "slug": _slug(gap, name), "title": name, "body": body,
        "language": gap.language[:2] if gap.language[:2] in CODES else "en",
    }  # fmt: skip
    if not access.sees_every_inbox(by):
        texts |= {"inboxes": sorted({key for row in mine if (key := row.message.conversation.inbox_id)})}
    note = change_notes.from_answers(people) if people else change_notes.NOT_ANSWERED
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
    return nearest_of([gap], user).get(gap.near_id or 0)


def nearest_of(gaps: Iterable[Gap], user: User) -> dict[int, Article]:
    """Of several, by the article's number."""
    seen = Article.objects.visible_to(user).filter(status=Article.Status.LIVE).select_related("current")
    return seen.in_bulk([gap.near_id for gap in gaps if gap.near_id])


def add_questions(gap: Gap, *, by: User, now: datetime) -> Change:
    """A change that lets search find the nearest article by these questions, for topics that it answers already.

    The open one of the gap, if there is one. Only questions of this person's inboxes go into it. Raises Refused.
    """
    if not access.may(by, "articles"):
        raise Refused("forbidden", _("You may not propose changes of articles."))
    if change := writing([gap], by).get(gap.pk):
        return change
    article = nearest(gap, by)
    if article is None:
        raise Refused("unchanged", _("No article is near enough to this topic any more. Write one."))
    asked = [row for row in turns(gap, by) if row.question]
    with transaction.atomic():
        change = asked_questions.propose(
            article,
            [Asked(row.message.conversation, row.question, language=gap.language) for row in asked],
            origin=Change.Origin.GAP, by=by, now=now, note=change_notes.NOT_FOUND,
            customers=len({row.message.conversation.contact_id for row in asked}), people=len(_names(asked)),
        )  # fmt: skip
        Gap.objects.filter(pk=gap.pk).update(change=change)
    gap.change = change
    return change


def _slug(gap: Gap, name: str) -> str:
    """Free, and the same for the same gap."""
    plain = fields.slug_from(name)[:80].strip("-") or "gap"
    return plain if not Article.objects.filter(slug=plain).exists() else f"{plain}-{gap.pk}"


def _names(rows: Sequence[GapTurn]) -> list[str]:
    return sorted({row.answered_by for row in rows if row.answered_by})


def answers(rows: Iterable[GapTurn]) -> dict[int, Reply]:
    """By message, of turns that were answered: what was chosen for them (gap_answers.py), as it is now."""
    told = [row for row in rows if row.answer and not row.answer.deleted]
    names = gap_turns.approvers([row.answer for row in told if row.answer])
    found = {}
    for row in told:
        contact = row.message.conversation.contact
        if row.answer:
            found[row.message_id] = gap_turns.reply(row.answer, names, contact.name if contact else "")
    return found


def answer(rows: Sequence[GapTurn]) -> tuple[str, list[str]]:
    """The most typical answer that two people sent much the same, and their names; nothing where they differ.

    Both answered different customers. It states no fact that the other one does not state, or that one of the customers wrote.
    """
    replies = answers(rows)
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
