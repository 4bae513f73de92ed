"""What the verbs on drafts ask before they act. Each raises Refused; none changes anything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.models import Conversation

from .. import inbox_settings
from ..learning import edits
from ..models import Draft
from ..models.grades import GRADE_NAMES, GRADES
from ..risk import loosening
from ..text import letter
from . import message_digests, recipients, reply_windows
from .states import Refused, outcome_of

S = Draft.Status
LIVE = (S.PROPOSED, S.SECOND_LOOK)
Grades = Mapping[str, Any]  # tone, accuracy and policy, each 1 to 5


def may_decide(by: User) -> None:
    if not access.may(by, "decide"):
        raise Refused("forbidden", _("Only Leads and Managers can approve and reject."))


def may_approve(draft: Draft, by: User, *, text: str | None = None) -> bool:
    """Leads and Managers; Agents, where the Manager allows it, only a machine's unflagged words as they stand."""
    if access.may(by, "decide"):
        return True
    box = draft.conversation.inbox
    unchanged = not draft.changed_by and text in (None, draft.body)
    unflagged_machine = draft.author_kind != Draft.AuthorKind.PERSON and not draft.risk and unchanged
    allowed = bool(box and box.agents_may_approve and access.may(by, "drafts"))
    return (
        allowed and unflagged_machine and by.pk not in authors(draft)
    )  # a program of one's own is not a machine


def approval(draft: Draft, by: User, *, text: str | None = None) -> None:
    if not may_approve(draft, by, text=text):
        raise Refused("forbidden", _("Only Leads and Managers can approve this draft."))


def authors(draft: Draft) -> set[int]:
    """Everyone who proposed, dictated, carried over or changed it; for a program's draft, its token's owner."""
    proposed = draft.events.filter(action="proposed", by__isnull=False).values_list("by", flat=True)
    return {*draft.changed_by, *proposed}


def second_person(draft: Draft, by: User) -> None:
    """None of its authors, nobody looks twice, and nobody who loosened a rule since: what it flagged is judged by others."""
    if by.pk in loosening.people_since(draft.rules_seen):
        raise Refused(
            "second_person_required",
            _("You loosened a risk rule after this draft was proposed. Somebody else must approve it."),
        )
    if by.pk in {draft.first_look_by_id, *authors(draft)}:
        raise Refused(
            "second_person_required",
            _("A second person must approve this draft: somebody who has not written or approved it."),
        )


def may_be_second(draft: Draft, by: User) -> bool:
    try:
        second_person(draft, by)
    except Refused:
        return False
    return True


def second_person_changes_nothing(draft: Draft, *, text: str | None) -> None:
    if text not in (None, draft.body):
        raise Refused(
            "second_person_required",
            _(
                "You changed the text, so two people must approve it again. Save your text first, then approve it."
            ),
        )


def graded(grades: Grades) -> None:
    missing = [name for name in GRADES if grades.get(name) not in (1, 2, 3, 4, 5)]
    if missing:
        raise Refused(
            "grades_required",
            _("Grade %(names)s from 1 to 5. Grades rate the draft as proposed.")
            % {"names": ", ".join(str(GRADE_NAMES[name]) for name in missing)},
        )


def is_graded(draft: Draft) -> bool:
    """Grades judge what a machine drafted: nobody grades their own words, and no figure counts a person's."""
    return draft.author_kind != Draft.AuthorKind.PERSON


def grades_wanted(draft: Draft, *, text: str) -> bool:
    """An inbox may leave most unedited, unflagged drafts ungraded."""
    return edits.grades_wanted(
        draft.pk, setting=inbox_settings.of(draft.conversation.inbox_id).grading, edited=text != draft.proposed_text,
        rejected=False, flagged=bool(draft.risk),
    )  # fmt: skip


def graded_if(wanted: bool, grades: Grades) -> None:
    """Grades that are given are given whole."""
    if wanted or any(grades.get(name) is not None for name in GRADES):
        graded(grades)


def undecided(draft: Draft) -> None:
    if draft.status == S.STALE:
        raise Refused(
            "stale",
            draft.why_shown or _("The customer wrote again. Carry the text over or regenerate the draft."),
        )
    if draft.status not in LIVE:
        raise Refused("already_decided", outcome_of(draft))


def parked(draft: Draft, by: User) -> None:
    may_decide(by)
    if draft.status != S.PARKED:
        raise Refused("already_decided", outcome_of(draft))


def seen(draft: Draft, revision: int) -> None:
    if revision != draft.revision:
        raise Refused(
            "revision_changed",
            _("The draft is now at revision %(revision)s. Read it again.") % {"revision": draft.revision},
        )


def addressed(draft: Draft, *, named: Mapping[str, Any] | None) -> None:
    """named: the recipients that the person had before them; None where nobody says."""
    if named is not None and not recipients.are_the_same(dict(named), draft.recipients):
        raise Refused("recipients_changed", _("The recipients have changed. Read the draft again."))
    try:
        recipients.check_frozen(draft.recipients)
    except recipients.Unfit as error:
        raise Refused("recipients", str(error)) from error


def says_something(text: str, *, refusal: str = "") -> None:
    if not letter.has_words(text):
        raise Refused("empty", refusal or _("A draft cannot be empty."))


def fresh(draft: Draft, conversation: Conversation, *, seen: int | None, now: datetime) -> None:
    """seen: the newest of the customer's messages that the person had before them; None where nobody says."""
    if changed := message_digests.change(draft):
        raise Refused(
            "stale", _("%(changed)s Read the conversation before you decide.") % {"changed": _(changed)}
        )
    if conversation.waiting_message_id != draft.in_reply_to_id:
        raise Refused(
            "stale",
            _("The conversation has changed: there is a newer message or an answer, or it was resolved."),
        )
    wrote = conversation.messages.filter(is_customer_message=True)
    if seen is not None and wrote.filter(message_id__gt=seen).exists():
        raise Refused("stale", _("The customer wrote again. Read the newest message before you decide."))
    if closed := reply_windows.trouble(conversation, now=now):
        raise Refused("stale", closed)
