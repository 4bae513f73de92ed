"""What people are notified of about drafts and escalations, and whether it still holds when their digest is sent.

The texts name an inbox and a conversation, never a customer: emails are kept in many places.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.models import Notice, Upstream, notice_kinds
from webhooks.notices import notices

from ..learning import weekly_digest
from ..models import Assignment, Comment, Draft, Escalation, EscalationStep


def escalated(row: Escalation, *, now: datetime) -> None:
    _of_escalation(
        row, [row.owner], text=lambda: _("Escalated to you: %(kind)s, %(where)s") % _what(row), cause="raised",
        by=row.raised_by, now=now,
    )  # fmt: skip


def _what(row: Escalation) -> dict[str, str]:
    return {"kind": row.get_kind_display(), "where": notices.where(row.conversation)}


def step(done: EscalationStep, *, people: Iterable[User]) -> None:
    """A comment, a new owner or a decision."""
    row = done.escalation
    said = {
        EscalationStep.Kind.COMMENT: gettext_lazy("New comment on an escalation: %(kind)s, %(where)s"),
        EscalationStep.Kind.REASSIGNED: gettext_lazy("Escalation reassigned to you: %(kind)s, %(where)s"),
        EscalationStep.Kind.RETURNED: gettext_lazy("Escalation returned to you: %(kind)s, %(where)s"),
    }[EscalationStep.Kind(done.kind)]
    _of_escalation(row, people, text=lambda: said % _what(row), cause=str(done.pk), by=done.by, now=done.at)


def _of_escalation(
    row: Escalation,
    people: Iterable[User],
    *,
    text: Callable[[], str],
    cause: str,
    by: User | None,
    now: datetime,
) -> None:
    notices.write(
        people, kind=notice_kinds.ESCALATION, cause=f"escalation:{row.pk}:{cause}", about=row.pk, text=text,
        page=reverse("admin:knowledge_escalation_change", args=[row.pk]), source=row.conversation.source, by=by, now=now,
    )  # fmt: skip


def second_look(draft: Draft, people: Iterable[User], *, by: User, now: datetime) -> None:
    cause = f"second-look:{draft.pk}:{draft.revision}:{draft.first_look_of[:32]}"
    _of_draft(
        draft, people, kind=notice_kinds.SECOND_LOOK, cause=cause, by=by, now=now,
        text=lambda: _("Second look wanted: %(where)s") % {"where": notices.where(draft.conversation)},
    )  # fmt: skip


def stopped(draft: Draft, *, now: datetime) -> None:
    """To the person who approved it, as it happens."""
    if draft.decided_by is None:
        return
    parked = draft.status == Draft.Status.PARKED
    cause = f"stopped:{draft.pk}:{draft.approval}:{draft.status}"

    def text() -> str:
        said = _("Your reply is parked: %(where)s") if parked else _("Your reply was not sent: %(where)s")
        return said % {"where": notices.where(draft.conversation)}

    _of_draft(draft, [draft.decided_by], kind=notice_kinds.STOPPED, cause=cause, text=text, by=None, now=now)


def _of_draft(
    draft: Draft,
    people: Iterable[User],
    *,
    kind: str,
    cause: str,
    text: Callable[[], str],
    by: User | None,
    now: datetime,
) -> None:
    notices.write(
        people, kind=kind, cause=cause, about=draft.pk, text=text, source=draft.conversation.source, by=by, now=now,
        page=reverse("admin:knowledge_draft_change", args=[draft.pk]),
    )  # fmt: skip


def assigned(row: Assignment, *, now: datetime) -> None:
    if row.owner is None:
        return
    about = row.conversation
    notices.write(
        [row.owner], kind=notice_kinds.ASSIGNED, cause=f"assigned:{row.pk}", about=row.pk,
        text=lambda: _("Customer assigned to you: %(where)s") % {"where": notices.where(about)},
        source=about.source, by=row.by, now=now,
        page=reverse("admin:webhooks_conversation_change", args=[about.pk]),
    )  # fmt: skip


def mentioned(comment: Comment, people: Iterable[User]) -> None:
    about = comment.conversation
    notices.write(
        people, kind=notice_kinds.MENTION, cause=f"comment:{comment.pk}", about=comment.pk, by=comment.by, now=comment.at,
        text=lambda: _("%(person)s mentions you: %(where)s") % {"person": comment.by, "where": notices.where(about)},
        source=about.source,
        page=reverse("admin:webhooks_conversation_change", args=[about.pk]),
    )  # fmt: skip


def outage(upstream: Upstream, people: Iterable[User], *, text: Callable[[], str], now: datetime) -> None:
    """Once per outage: it is the same one while the circuit stays open."""
    if upstream.source is None or upstream.opened_at is None:
        return
    notices.write(
        people, kind=notice_kinds.OUTAGE, cause=f"outage:{upstream.pk}:{upstream.opened_at.isoformat()}", about=upstream.pk,
        text=text, page=reverse("admin:knowledge_draft_queue"), source=upstream.source, now=now,
    )  # fmt: skip


def holds(notice: Notice) -> bool:
    """Whether it is still news. What was closed, decided or answered in the meantime needs no email."""
    return STILL[notice.kind](notice)


def _escalation_is_open(notice: Notice) -> bool:
    return Escalation.objects.filter(pk=notice.about, closed_at=None).exists()


def _look_is_wanted(notice: Notice) -> bool:
    return Draft.objects.filter(pk=notice.about, status=Draft.Status.SECOND_LOOK).exists()


def _is_stopped(notice: Notice) -> bool:
    """A stale reply is news as long as its customer waits; a parked one until somebody settles it."""
    draft = Draft.objects.select_related("conversation").filter(pk=notice.about).first()
    if draft is None:
        return False
    waits = draft.conversation.waiting_message_id is not None
    return draft.status == Draft.Status.PARKED or (draft.status == Draft.Status.STALE and waits)


def _is_assigned(notice: Notice) -> bool:
    row = Assignment.objects.select_related("conversation").filter(pk=notice.about).first()
    if row is None or row.conversation.waiting_since is None:
        return False
    return not Assignment.objects.filter(conversation=row.conversation, pk__gt=row.pk).exists()


def _is_out(notice: Notice) -> bool:
    return Upstream.objects.filter(pk=notice.about, opened_at__isnull=False).exists()


STILL: dict[str, Callable[[Notice], bool]] = {
    notice_kinds.ESCALATION: _escalation_is_open,
    notice_kinds.SECOND_LOOK: _look_is_wanted,
    notice_kinds.STOPPED: _is_stopped,
    notice_kinds.ASSIGNED: _is_assigned,
    notice_kinds.MENTION: lambda notice: Comment.objects.filter(pk=notice.about).exists(),
    notice_kinds.OUTAGE: _is_out,
    notice_kinds.KNOWLEDGE: weekly_digest.holds,
}
