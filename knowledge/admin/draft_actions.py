"""What each button on a draft's page does: one POST, one verb. Returns the draft to show next, and a message."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.accounts import profiles
from webhooks.models import Conversation
from webhooks.templatetags.support import percent

from .. import inbox_settings
from ..drafting import article_choice, redrafting
from ..learning import edits
from ..models import Draft
from ..replies import decisions
from ..replies.states import Refused
from . import draft_attachments, draft_autosave, escalation_form
from .draft_form import Typed

Act = Callable[[Draft, Typed, User, datetime], tuple[Draft, str]]
S = Draft.Status


def approve(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    _check_form(draft, typed)
    _check_meant(draft, typed)
    with transaction.atomic():  # a refused approval changes no recipients
        Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        revision = _addressed(draft, typed, by, now)
        decisions.approve(
            draft, by=by, revision=revision, grades=typed.grades, now=now, text=typed.text, note=typed.note,
            then=typed.then, seen=typed.seen,
        )  # fmt: skip
    if draft.status == S.SECOND_LOOK:
        return draft, _("Approved. A second person must approve it too before it is sent.")
    return draft, _("Approved. After sending, the conversation %(then)s.") % {
        "then": draft.get_after_send_display()
    }


def _check_form(draft: Draft, typed: Typed) -> None:
    """A form from before an undo would approve again what was just undone."""
    if typed.approval != draft.approval and draft.status in decisions.LIVE:
        raise Refused(
            "revision_changed", _("This draft was approved and undone in the meantime. Check it again.")
        )


def _check_meant(draft: Draft, typed: Typed) -> None:
    """Asks once: grades rate the draft as proposed, and this person rewrote much of it."""
    own = inbox_settings.greeting_and_signature(draft.conversation.inbox_id)
    ratio = edits.difference(draft.proposed_text, typed.text, ignoring=own).ratio
    if edits.contradicts(ratio, typed.grades) and not typed.meant:
        raise Refused(
            "meant",
            _(
                "You rewrote %(percent)s of this draft but graded it 5, 5, 5. Grades rate the draft as proposed. "
                "Change them, or approve again to keep them."
            )
            % {"percent": percent(ratio)},
        )


def _addressed(draft: Draft, typed: Typed, by: User, now: datetime) -> int:
    """For emails: saves To and CC from the form. Returns the revision to continue with."""
    if typed.to is None or typed.cc is None:
        return typed.revision
    decisions.set_recipients(draft, to=typed.to, cc=typed.cc, by=by, revision=typed.revision, now=now)
    return draft.revision


def reject(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    _check_form(draft, typed)
    decisions.reject(
        draft, by=by, revision=typed.revision, grades=typed.grades, reason=typed.note, now=now, no_article=typed.no_article
    )  # fmt: skip
    return draft, _("Rejected. The customer stays in the queue.")


def escalate(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    row = decisions.escalate(draft, by=by, now=now, **escalation_form.read(vars(typed), draft.conversation))
    return draft, _("Escalated to %(owner)s. The draft stays open.") % {"owner": row.owner}


def save(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    revision = _addressed(draft, typed, by, now)
    decisions.edit(draft, text=typed.text, by=by, revision=revision, now=now)
    return draft, _("Text saved.")


def discard(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    return draft, _("Your unsaved text was discarded.")


def redraft(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    """With instructions for the model, or from another article: without a model nothing would obey instructions."""
    if typed.article and not article_choice.is_there(typed.article, draft, now=now):
        raise Refused("article", _("This article is no longer live. Choose another one."))
    instructions = typed.instructions if settings.DRAFTER_URL else ""
    redrafting.ask(draft, instructions=instructions, article=typed.article, by=by, now=now)
    return draft, _("A new draft is being written. This one stays until it is ready.")


def take_over(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    if not typed.reason:
        raise Refused(
            "reason_required",
            _("Give a reason for taking over. %(name)s will see it.")
            % {"name": draft.claimed_by or _("Your colleague")},
        )
    decisions.claim(draft, by=by, now=now, take_over=True, reason=typed.reason)
    return draft, _("Claimed for ten minutes.")


def carry_over(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    fresh = decisions.carry_over(draft, by=by, now=now, text=typed.text)
    return fresh, _("Carried over. Your text now answers the newest message.")


def _plain(verb: Callable[..., None], said: Promise) -> Act:
    def act(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
        verb(draft, by=by, now=now)
        return draft, str(said)

    return act


ACTIONS: dict[str, Act] = {
    "approve": approve,
    "reject": reject,
    "escalate": escalate,
    "save": save,
    "attach": draft_attachments.attach,
    "detach": draft_attachments.detach,
    "discard": discard,
    "redraft": redraft,
    "take-over": take_over,
    "carry-over": carry_over,
    "undo": _plain(decisions.undo, gettext_lazy("Approval undone. Nothing was sent.")),
    "resend": _plain(decisions.resend, gettext_lazy("Sending again.")),
    "arrived": _plain(decisions.arrived, gettext_lazy("Marked as sent.")),
    "close": _plain(
        decisions.close, gettext_lazy("Closed without sending. The customer stays in the queue.")
    ),
}
ON_FILES = {"attach", "detach"}
LEADS_ON = {"approve", "escalate"}  # where the person's profile says so; rejecting always does
# After these the editor's text is saved or discarded, so the autosaved copy is no longer needed.
SETTLES = {"approve", "reject", "save", "discard", "carry-over"}
# The states in which a person's own decision leaves the draft, if its form arrives a second time.
AGAIN = {"approve": (S.APPROVED, S.SENDING, S.SENT, S.SECOND_LOOK), "reject": (S.REJECTED,)}


def leads_on(verb: str, by: User) -> bool:
    """Whether the next customer comes after this button."""
    return verb == "reject" or (verb in LEADS_ON and profiles.leads_on(by))


def undoable(said: str, draft: Draft) -> str:
    """The message after a decision. The page with it offers Undo until the reply is sent (toast.js)."""
    if draft.status != S.APPROVED or not draft.send_after:
        return said
    return format_html('<span data-undo-until="{}">{}</span>', draft.send_after.isoformat(), said)


def run(verb: str, draft: Draft, typed: Typed, *, by: User, now: datetime) -> tuple[Draft, str]:
    """Raises Refused. A double click or a form sent again is not an error: the first decision stands."""
    try:
        shown, said = ACTIONS[verb](draft, typed, by, now)
    except Refused:
        if before := _decided_so(verb, Draft.objects.get(pk=draft.pk), typed, by):
            return before, ""
        raise
    if verb in SETTLES:
        draft_autosave.forget(draft, by=by)
    return shown, said


def _decided_so(verb: str, draft: Draft, typed: Typed, by: User) -> Draft | None:
    """The draft, if this person already decided it with the same button and the same text."""
    if verb == "carry-over":
        carried = Draft.objects.filter(
            conversation=draft.conversation_id, pk__gt=draft.pk, status__in=decisions.LIVE
        )
        return carried.filter(
            author_kind=Draft.AuthorKind.PERSON, author=by.get_username(), body=typed.text
        ).first()
    mine = draft.first_look_by_id if draft.status == S.SECOND_LOOK else draft.decided_by_id
    text = draft.body if verb == "reject" else typed.text
    same = draft.status in AGAIN.get(verb, ()) and mine == by.pk and text.strip() == draft.body.strip()
    return draft if same else None
