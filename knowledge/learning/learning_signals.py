"""Verbs on learning signals: record a decision, withdraw one that was undone, record an answer that overtook a draft.

Called inside the transaction of the decision that they record. What a signal means: docs/learning_contract.md.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from webhooks.models import Message

from .. import inbox_settings
from ..business_time import arithmetic
from ..calendars import inbox_calendars
from ..models import Citation, Draft, DraftEvent, LearningSignal, Probe
from ..models.grades import GRADES, Decision
from ..text import languages
from . import confirmed_questions, customer_turn, edits

MOST_QUESTION = 20_000  # characters


def approved(draft: Draft, *, by: User, now: datetime) -> None:
    signal = _record(draft, Decision.APPROVED, final=draft.approved_text, at=now, reviewer=by)
    confirmed_questions.keep(signal, by=by, now=now)


def rejected(draft: Draft, *, by: User, now: datetime, no_article: bool = False) -> None:
    """no_article: the reason is that no article fits."""
    _record(draft, Decision.REJECTED, final=None, at=now, reviewer=by, no_article=no_article)


def undone(draft: Draft, *, now: datetime) -> None:
    """Withdraws the signal of the approval, and the question and probe that it left. A draft has at most one."""
    standing = LearningSignal.objects.filter(draft=draft, decision=Decision.APPROVED, withdrawn_at=None)
    Probe.objects.filter(signal__in=standing).delete()
    confirmed_questions.withdraw(standing)
    standing.update(withdrawn_at=now)


def answered(message: Message, *, now: datetime) -> None:
    """A person answered in Chatwoot, with our text or their own: records what that teaches about the drafts it overtook.

    Decided by the messages alone: it does not matter whether the draft became stale before or after the answer arrived.
    """
    if message.content_attributes.get("support_reply"):
        return  # our own send
    if not message.is_person_answer:  # it failed, or was deleted
        recorded = LearningSignal.objects.filter(
            answer_id=message.message_id, conversation=message.conversation_id
        )
        recorded.filter(withdrawn_at=None).update(withdrawn_at=now)
        return
    if not Draft.objects.filter(conversation=message.conversation_id, status=Draft.Status.STALE).exists():
        return
    questions = customer_turn.before(message).filter(is_customer_message=True)
    newest = questions.order_by("-created_at", "-message_id").values("pk")[:1]
    overtaken = Draft.objects.filter(in_reply_to=Subquery(newest), status=Draft.Status.STALE)
    for draft in overtaken.exclude(signals__decision=Decision.OVERTAKEN):
        _record(draft, Decision.OVERTAKEN, final=message.content, at=message.created_at, answer=message)


def _record(
    draft: Draft, decision: Decision, *, final: str | None, at: datetime, reviewer: User | None = None,
    answer: Message | None = None, no_article: bool = False,
) -> LearningSignal:  # fmt: skip
    articles = cited(draft.evidence)
    grades = {name: getattr(draft, name) if reviewer else None for name in GRADES}
    own = inbox_settings.greeting_and_signature(draft.conversation.inbox_id)
    measured = None if final is None else edits.difference(draft.proposed_text, final, ignoring=own)
    signal = LearningSignal(
        draft=draft, conversation_id=draft.conversation_id, decision=decision, approval=draft.approval, at=at,
        question=question(draft.in_reply_to), category=next(iter(articles), ""), proposal=draft.proposed_text,
        final_text=final or "", distance=measured.distance if measured else None, ratio=measured.ratio if measured else None,
        author=draft.author, author_kind=draft.author_kind, reviewer=reviewer, answer_id=answer.message_id if answer else None,
        no_article=no_article, language=languages.known(draft.proposed_text),
        edit="" if final is None else edits.edited(draft.proposed_text, final, ignoring=own),
        waited_s=_waited(draft, at), opened_s=_opened(draft, reviewer, at), **grades,
    )  # fmt: skip
    signal.kind = edits.kind(case_of(signal, own))
    signal.save(force_insert=True)
    Citation.objects.bulk_create(
        Citation(signal=signal, article=slug, version=version) for slug, version in articles.items()
    )
    return signal


def case_of(signal: LearningSignal, own: list[str] | None = None) -> edits.Case:
    if own is None:
        own = inbox_settings.greeting_and_signature(signal.conversation.inbox_id)
    return edits.Case(
        decision=signal.decision, grades=signal.grades, ratio=signal.ratio, cited=bool(signal.category),
        facts_changed=signal.ratio is not None and edits.facts_changed(
            signal.proposal, signal.final_text, ignoring=own
        ),
    )  # fmt: skip


def cited(evidence: Any) -> dict[str, int | None]:
    """Articles and their versions, best first. Outside agents can put anything into the evidence."""
    named = [item for item in evidence if isinstance(item, Mapping) and isinstance(item.get("article"), str)]
    found: dict[str, int | None] = {}
    for item in sorted(named, key=_score, reverse=True):
        if slug := item["article"].strip()[:200]:
            found.setdefault(slug, _version(item.get("version")))
    return found


def _score(item: Mapping[str, Any]) -> float:
    score = item.get("score")
    return float(score) if isinstance(score, int | float) and abs(score) < 1e9 else 0.0


def _version(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def question(message: Message) -> str:
    """The customer's texts as one; of a very long one, the end."""
    return "\n\n".join(customer_turn.texts(message))[-MOST_QUESTION:]


def _waited(draft: Draft, at: datetime) -> int:
    """Business seconds: a draft from Friday evening that is approved at opening on Monday did not wait."""
    calendar = inbox_calendars.in_force().of(draft.conversation.inbox_id)
    return max(round(arithmetic.business_seconds(calendar, draft.created_at, at)), 0)


def _opened(draft: Draft, reviewer: User | None, at: datetime) -> int | None:
    """Since this person opened its page or claimed it, whichever was first."""
    if reviewer is None:
        return None
    read = draft.readers.filter(user=reviewer, opened_at__lte=at).values_list("opened_at", flat=True).first()
    claimed = draft.claimed_at if draft.claimed_by_id == reviewer.pk else None
    began = min(filter(None, (read, claimed)), default=None)
    return None if began is None else max(round((at - began).total_seconds()), 0)


def decisions_without_signal() -> QuerySet[DraftEvent]:
    """Must be empty: a decision and its signal are written in one transaction."""
    signal = LearningSignal.objects.filter(
        draft=OuterRef("draft"), decision=OuterRef("action"), at=OuterRef("at")
    )
    return DraftEvent.objects.filter(~Exists(signal), action__in=[Decision.APPROVED, Decision.REJECTED])
