"""Customer ratings, by the time of the rating. Comments are not saved here: they are read from the messages and masked.

Chatwoot writes the answer into the survey's own message, so the version that first shows a rating is its time. One that is
changed later belongs to the week in which it was given, and the week of the change says that it was changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import mean
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from knowledge.learning import turns
from knowledge.models import Draft
from knowledge.text.redaction import redacted
from webhooks.mirror import first_seen, payloads
from webhooks.mirror.csat import answer_of
from webhooks.models import Message

from ..attainment.attainment import seen_by
from ..periods import Period
from .readers import EVERYONE

ANSWERED_WITHIN = timedelta(days=60)  # later answers are ignored
SATISFIED, LOW = 4, 2
MOST_LOW = 20
DRAFTED, BY_HAND = "drafted", "by_hand"
NAMES = {DRAFTED: _("after a draft"), BY_HAND: _("after a handwritten reply")}


@dataclass(frozen=True)
class Rating:
    """kind: whether the answer before the survey was an approved machine draft or written by hand; "" if there was none."""

    message: int
    conversation: int
    source: str
    conversation_id: int
    stars: int
    at: datetime
    sent_at: datetime
    kind: str = ""
    changes: tuple[
        tuple[datetime, int], ...
    ] = ()  # oldest first: when it was given, and each other rating after it

    def counts_in(self, week: Period) -> bool:
        return week.start <= self.at < week.end and self.sent_at >= week.start - ANSWERED_WITHIN

    def by(self, end: datetime) -> "Rating":
        """As it was then: a rating that was changed in a later week changes nothing in this one."""
        by_then = [stars for at, stars in self.changes if at < end]
        return replace(self, stars=by_then[-1]) if by_then else self

    def changed_in(self, week: Period) -> bool:
        """Having counted in an earlier one."""
        return self.at < week.start and self.by(week.start).stars != self.by(week.end).stars


def figures(week: Period, *, known: list[Rating] | None = None, reader: User = EVERYONE) -> dict[str, Any]:
    """known: the ratings of a longer time, if the caller has them."""
    known = read(week, reader=reader) if known is None else known
    found = _counted(known, week)
    sent = list(asked(week, reader=reader).values_list("content_attributes", flat=True))
    answered = sum(answer_of(attributes) is not None for attributes in sent)
    low = [rating for rating in found if rating.stars <= LOW]
    return {
        **_scores(found), "asked": len(sent), "answered": answered,
        "response_rate": answered / len(sent) if sent else None,
        **{kind: _scores(one for one in found if one.kind == kind) for kind in (DRAFTED, BY_HAND)},
        "low": len(low), "rated_low": [_saved(rating) for rating in low[:MOST_LOW]],
        "changed_later": [
            _saved(rating.by(week.end)) | {"before": rating.by(week.start).stars} for rating in known if rating.changed_in(week)
        ],
    }  # fmt: skip


def _scores(ratings: Iterable[Rating]) -> dict[str, Any]:
    stars = [rating.stars for rating in ratings]
    return {
        "rated": len(stars), "average": mean(stars) if stars else None,
        "satisfied": sum(one >= SATISFIED for one in stars) / len(stars) if stars else None,
    }  # fmt: skip


def _saved(rating: Rating) -> dict[str, Any]:
    return {
        "message": rating.message, "conversation": rating.conversation, "source": rating.source,
        "conversation_id": rating.conversation_id, "stars": rating.stars,
    }  # fmt: skip


def asked(week: Period, *, reader: User = EVERYONE) -> QuerySet[Message]:
    """Surveys sent in the week."""
    return _surveys(reader).filter(created_at__gte=week.start, created_at__lt=week.end)


def ratings(week: Period, *, reader: User = EVERYONE) -> list[Rating]:
    """Those that count in it, as they were at its end. The lowest first."""
    return _counted(read(week, reader=reader), week)


def _counted(known: Iterable[Rating], week: Period) -> list[Rating]:
    found = (one.by(week.end) for one in known if one.counts_in(week))
    return sorted(found, key=lambda one: (one.stars, one.at, one.message))


def read(week: Period, *, reader: User = EVERYONE) -> list[Rating]:
    """All that may count in it, or in a week that lies in it; and those given earlier, which may have been changed."""
    sent = _surveys(reader).filter(created_at__gte=week.start - ANSWERED_WITHIN, created_at__lt=week.end)
    rows = sent.values_list(
        "pk", "conversation", "conversation__source__slug", "conversation__display_id", "content_attributes",
        "registers", "created_at",
    )  # fmt: skip
    found = []
    for number, conversation, source, display_id, attributes, registers, created_at in rows.iterator():
        if answer := answer_of(attributes):
            changes = _changes(registers, answer[0], created_at)
            at = changes[0][0]
            found.append(
                Rating(number, conversation, source, display_id, answer[0], at, created_at, changes=changes)
            )
    return _with_kind([one for one in found if one.at < week.end])


def _surveys(reader: User) -> QuerySet[Message]:
    seen = Message.objects.filter(seen_by(reader, path="conversation__inbox"))
    return seen.filter(content_type="input_csat", deleted=False)


def _changes(registers: dict[str, Any], stars: int, created_at: datetime) -> tuple[tuple[datetime, int], ...]:
    version = registers.get("content_attributes", [0])[0]
    last = payloads.moment(version) if version else created_at
    seen = first_seen.of(registers, "rating") or [(last, stars)]
    return (
        tuple(seen) if seen[-1][1] == stars else (*seen, (max(last, seen[-1][0]), stars))
    )  # back to an earlier one


def _with_kind(found: list[Rating]) -> list[Rating]:
    drafts = Draft.objects.filter(
        conversation=OuterRef("conversation"), sent_message_id=OuterRef("message_id"), author_kind__in=turns.MACHINES
    )  # fmt: skip
    answers = Message.objects.filter(
        is_person_answer=True, conversation__in={rating.conversation for rating in found}
    )
    by_conversation: dict[int, list[tuple[datetime, bool]]] = {}
    rows = answers.annotate(drafted=Exists(drafts)).order_by("created_at", "message_id")
    for number, at, drafted in rows.values_list("conversation", "created_at", "drafted"):
        by_conversation.setdefault(number, []).append((at, drafted))
    kinds = {True: DRAFTED, False: BY_HAND, None: ""}
    return [
        replace(rating, kind=kinds[_last(by_conversation.get(rating.conversation, []), rating.at)])
        for rating in found
    ]


def _last(answers: list[tuple[datetime, bool]], before: datetime) -> bool | None:
    return next((drafted for at, drafted in reversed(answers) if at <= before), None)


def comments(rated_low: list[dict[str, Any]]) -> dict[int, str]:
    """By message: the comments of these customers as they are now, masked."""
    numbers = [one["message"] for one in rated_low]
    rows = Message.objects.filter(pk__in=numbers).select_related("conversation__contact")
    found = {}
    for row in rows:
        answer, contact = answer_of(row.content_attributes), row.conversation.contact
        if answer and answer[1].strip():
            found[row.pk] = redacted(answer[1], names=[contact.name] if contact else [])
    return found
