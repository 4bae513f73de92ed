"""The states of a draft and its transitions: one table, one compare-and-set, one audit row. Nothing else sets a status."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..models import Draft, DraftEvent
from . import notices

S = Draft.Status
# The allowed transitions.
TRANSITIONS: dict[str, frozenset[str]] = {
    S.PROPOSED: frozenset({S.APPROVED, S.SECOND_LOOK, S.REJECTED, S.STALE, S.WITHDRAWN, S.EXPIRED}),
    S.SECOND_LOOK: frozenset(
        {S.APPROVED, S.PROPOSED, S.REJECTED, S.STALE}
    ),  # PROPOSED: what was looked at changed
    S.STALE: frozenset({S.WITHDRAWN}),
    # SENT directly from APPROVED or PARKED: Chatwoot's own echo carries the marker, which proves that the reply arrived.
    S.APPROVED: frozenset({S.PROPOSED, S.SENDING, S.STALE, S.PARKED, S.SENT}),
    S.SENDING: frozenset({S.SENT, S.APPROVED, S.PARKED}),
    S.PARKED: frozenset({S.SENT, S.APPROVED, S.CLOSED}),
    S.REJECTED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.EXPIRED: frozenset(),
    S.SENT: frozenset(),
    S.CLOSED: frozenset(),
}
# A stopped send returns to its approver: claimed for them, with its text.
CLAIM_FOR = timedelta(minutes=10)
STOPPED = {(S.APPROVED, S.STALE), (S.APPROVED, S.PARKED), (S.SENDING, S.PARKED)}


class Refused(Exception):
    """A verb that is not possible. code: revision_changed, stale, already_decided, second_person_required, forbidden, ..."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def transition(
    draft: Draft, to: str, *, now: datetime, action: str, by: User | None = None, detail: str = "", text: str = "",
    **changes: Any,
) -> None:  # fmt: skip
    """Compare-and-set from the state and revision the caller saw, and its audit row. Raises Refused."""
    before = draft.status
    if to not in TRANSITIONS[before]:
        raise Refused("already_decided", outcome_of(draft))
    if (before, to) in STOPPED and draft.decided_by_id:
        back = {"claimed_by": draft.decided_by_id, "claimed_at": now, "claimed_until": now + CLAIM_FOR}
        changes = back | changes
    try:
        with transaction.atomic():
            moved = Draft.objects.filter(pk=draft.pk, status=before, revision=draft.revision).update(
                status=to, **changes
            )
            if not moved:
                draft.refresh_from_db()
                raise Refused("already_decided", outcome_of(draft))
            DraftEvent.objects.create(
                draft=draft,
                at=now,
                by=by,
                action=action,
                before=before,
                after=to,
                detail=detail[:500],
                text=text,
            )
            if (before, to) in STOPPED:
                draft.refresh_from_db()
                notices.stopped(draft, now=now)
    except IntegrityError as error:
        raise Refused("already_decided", _("Another reply to this message is already being sent.")) from error
    draft.refresh_from_db()


# In the other states, the draft may have got there by another person or event than its decision.
NAMES_ITS_DECIDER = ("APPROVED", "REJECTED", "SENDING", "SENT")


def outcome_of(draft: Draft) -> str:
    """The state that the draft is in, since when and by which person, for a person who was too late."""
    facts = {"status": draft.get_status_display().lower(), "name": draft.decided_by}
    text = _("This draft is now %(status)s")
    if draft.decided_by and draft.decided_at and draft.status in NAMES_ITS_DECIDER:
        facts["since"] = date_format(timezone.localtime(draft.decided_at), "j M, H:i:s T")
        text = _("This draft is now %(status)s by %(name)s, since %(since)s")
    why = f": {draft.why_shown.removesuffix('.')}" if draft.why else ""
    return f"{text % facts}{why}."
