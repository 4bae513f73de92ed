"""Verbs on drafts before their decision: propose, claim, edit, address, carry over.

Each change of the text evaluates its risk again, and makes the person who changed it one of its authors.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from webhooks.models import Conversation, Message

from ..models import Attachment, Draft, DraftEvent, draft_texts
from ..risk import evaluate, rule_sets
from ..text import letter
from . import follow_ups, guards, message_digests, recipients
from .states import CLAIM_FOR, Refused, outcome_of, transition

S = Draft.Status


def propose(
    message: Message, *, text: str, author: str, kind: str, now: datetime, evidence: list | None = None,
    confidence: float | None = None, by: User | None = None, changed_by: Iterable[int] = (),
    read: message_digests.Digests | None = None, carried: Draft | None = None, prompt_version: str = "",
) -> tuple[Draft, bool]:  # fmt: skip
    """Propose a reply to the customer's newest message. The same text returns the same draft; a new text replaces the old.

    read: what the customer's messages said when this was written (message_digests.of); None: what they say now.
    carried: the draft that this text comes from; its flags stay on this one, and its files move to it.
    Every draft for one message is judged by the rules of the first, too.
    Returns (draft, created). Raises Refused("stale") when a newer message came, or nobody waits any more.
    """
    guards.says_something(text)
    with transaction.atomic():
        conversation = Conversation.objects.locked(
            message.conversation.source, message.conversation.display_id
        )
        _check_wanted(conversation, message)
        mine = Draft.objects.filter(in_reply_to=message, author=author, author_kind=kind)
        same = mine.filter(proposed_text=text).exclude(status__in=[S.WITHDRAWN, S.STALE, S.EXPIRED]).first()
        if same:
            return same, False
        _withdraw(mine.filter(status=S.PROPOSED), now=now, by=by)
        # Who loosens a rule and has it drafted again would have the same reply judged by the looser one.
        earlier = carried or Draft.objects.filter(in_reply_to=message).order_by("pk").first()
        addressed = recipients.for_reply(conversation, message)
        flags = evaluate.flags(
            text, message=message, evidence=evidence or [], confidence=confidence, recipients=addressed,
            machine_text="" if kind == Draft.AuthorKind.PERSON else text,
        )  # fmt: skip
        draft = Draft.objects.create(
            conversation=conversation, in_reply_to=message, proposed_text=text, body=text, author=author, author_kind=kind,
            confidence=confidence, evidence=evidence or [], risk=flags, created_at=now, changed_by=sorted(changed_by),
            message_digests=message_digests.of(conversation, message) if read is None else read, recipients=addressed,
            judged_by=earlier.judged_by if earlier else rule_sets.kept(),
            prompt_version=prompt_version, rules_seen=earlier.rules_seen if earlier else rule_sets.newest_change(),
        )  # fmt: skip
        if carried:
            Attachment.objects.filter(draft=carried).update(draft=draft)
        if earlier:
            draft.risk = [*draft.risk, *evaluate.labelled(earlier)]
            draft.risk = evaluate.flags_of(draft, carried=carried)
            draft.save(update_fields=["risk"])
        DraftEvent.objects.create(draft=draft, at=now, by=by, action="proposed", after=S.PROPOSED, text=text)
        follow_ups.mirror(draft, now=now)
    return draft, True


def _check_wanted(conversation: Conversation, message: Message) -> None:
    if conversation.waiting_message_id != message.pk:
        raise Refused("stale", _("This message no longer needs a reply. Read the conversation again."))
    if conversation.erased_at and message.said_at <= conversation.erased_at:
        raise Refused(
            "stale", _("This customer's messages were erased here. Read them in Chatwoot and answer there.")
        )


def _withdraw(drafts: QuerySet[Draft], *, now: datetime, by: User | None) -> None:
    why = gettext_noop("Replaced by its author.")
    for old in drafts:
        transition(old, S.WITHDRAWN, now=now, action="replaced", by=by, why=why)


def claim(draft: Draft, *, by: User, now: datetime, take_over: bool = False, reason: str = "") -> None:
    """Claim the draft for ten minutes. Raises Refused("claimed") while another person has it, unless it is taken over.

    One conditional UPDATE: of two people at once, one has it.
    """
    held = draft.claimed_by_id not in (None, by.pk) and draft.claimed_until and draft.claimed_until > now
    free = Q(claimed_by=None) | Q(claimed_by=by) | Q(claimed_until=None) | Q(claimed_until__lte=now)
    may_have = free | Q(claimed_by=draft.claimed_by_id) if held and take_over else free
    mine = draft.claimed_by_id == by.pk and draft.claimed_until and draft.claimed_until > now
    since = (draft.claimed_at if mine else None) or now
    from_whom = draft.claimed_by
    with transaction.atomic():
        taken = Draft.objects.filter(may_have, pk=draft.pk).update(
            claimed_by=by, claimed_at=since, claimed_until=now + CLAIM_FOR
        )
        if taken and held:
            said = draft_texts.TAKEN_WITH_REASON if reason else draft_texts.TAKEN_FROM
            detail = (said % {"name": from_whom, "reason": reason})[:500]
            DraftEvent.objects.create(
                draft=draft, at=now, by=by, action="taken over", before=draft.status, after=draft.status, detail=detail
            )  # fmt: skip
    draft.refresh_from_db()
    if not taken:
        raise Refused("claimed", _claimed(draft))


def _claimed(draft: Draft) -> str:
    if draft.claimed_until is None:
        return _("Claimed by %(name)s.") % {"name": draft.claimed_by}
    until = timezone.localtime(draft.claimed_until)
    return _("Claimed by %(name)s until %(until)s.") % {"name": draft.claimed_by, "until": f"{until:%H:%M}"}


def edit(draft: Draft, *, text: str, by: User, revision: int, now: datetime) -> None:
    """Change the text of an undecided draft. A revision is one text, so its number increases."""
    guards.undecided(draft)
    guards.seen(draft, revision)
    guards.says_something(text)
    if text == draft.body:
        return
    with transaction.atomic():
        write_text(draft, text=text, by=by, now=now)


def write_text(draft: Draft, *, text: str, by: User, now: datetime) -> None:
    """Within a transaction, after the guards: the text, and its risk with it."""
    flags = evaluate.flags_of(draft, text=text)
    change(draft, by=by, now=now, action="edited", text=text, body=text, risk=flags)


def change(
    draft: Draft, *, by: User, now: datetime, action: str, text: str = "", detail: str = "", **changes: Any
) -> None:
    """Within a transaction, changes what a person approves: the revision increases, and the person becomes one of its authors.

    Compare-and-set: of two people at once, one has it; the other is Refused("revision_changed").
    """
    editors, before = sorted({*draft.changed_by, by.pk}), draft.status
    if before == S.SECOND_LOOK:  # the first person approved something else
        changes |= {"status": S.PROPOSED, "first_look_by": None, "first_look_of": ""}
    changed = Draft.objects.filter(pk=draft.pk, status=draft.status, revision=draft.revision).update(
        revision=draft.revision + 1, changed_by=editors, **changes
    )
    if not changed:
        raise Refused(
            "revision_changed", _("Another person edited this draft in the meantime. Reload the page.")
        )
    draft.refresh_from_db()
    DraftEvent.objects.create(
        draft=draft, at=now, by=by, action=action, before=before, after=draft.status, text=text, detail=detail[:500]
    )  # fmt: skip


def void_first_look(draft: Draft, *, by: User, now: datetime) -> None:
    """Within a transaction: what the first person approved is not what this one has before them."""
    transition(
        draft, S.PROPOSED, now=now, action="first look void", by=by, first_look_by=None, first_look_of="",
        detail=draft_texts.OTHER_THAN_SEEN,
    )  # fmt: skip


def set_recipients(
    draft: Draft, *, to: Iterable[str], cc: Iterable[str], by: User, revision: int, now: datetime
) -> None:
    """Set To and CC of an undecided email reply. Raises Refused("recipients"), which names the wrong address and why."""
    guards.undecided(draft)
    guards.seen(draft, revision)
    try:
        wanted = recipients.checked(draft.conversation.inbox, to=to, cc=cc)
    except recipients.Unfit as error:
        raise Refused("recipients", str(error)) from error
    if all(draft.recipients.get(name, []) == addresses for name, addresses in wanted.items()):
        return
    detail = "; ".join(
        f"{name.upper() if name == 'cc' else 'To'} {', '.join(addresses) or 'none'}" for name, addresses in wanted.items()
    )  # fmt: skip
    with transaction.atomic():
        fresh = draft.recipients | wanted
        flags = evaluate.flags_of(draft, recipients=fresh)
        change(draft, by=by, now=now, action="recipients", detail=detail, recipients=fresh, risk=flags)


def readdress(draft: Draft, wanted: dict[str, Any], *, now: datetime) -> None:
    """Chatwoot says who the customer is by now. Other addresses are another revision: who decides has to see them."""
    addresses = [(draft.recipients.get(name), wanted.get(name)) for name in ("to", "cc")]
    seen = Draft.objects.filter(pk=draft.pk, status=draft.status, revision=draft.revision)
    if all(before == after for before, after in addresses):
        seen.update(recipients=wanted)
        return
    changes: dict[str, Any] = {"risk": evaluate.flags_of(draft, recipients=wanted)}
    if draft.status == S.SECOND_LOOK:  # the first person approved other addresses
        changes |= {"status": S.PROPOSED, "first_look_by": None, "first_look_of": ""}
    if seen.update(recipients=wanted, revision=draft.revision + 1, **changes):
        detail = draft_texts.READDRESSED % {"names": ", ".join(wanted.get("to") or []) or "nobody"}
        DraftEvent.objects.create(
            draft=draft, at=now, action="recipients", before=draft.status, after=changes.get("status", draft.status),
            detail=detail[:500],
        )  # fmt: skip


def can_carry_over(draft: Draft, conversation: Conversation) -> bool:
    """Whether the customer says something else by now than what it answers."""
    waits = conversation.waiting_message_id
    return waits is not None and (waits != draft.in_reply_to_id or bool(message_digests.change(draft)))


def carry_over(draft: Draft, *, by: User, now: datetime, text: str | None = None) -> Draft:
    """Proposes the same text, or the editor's, for the customer's newest message. Its author is the person who does it."""
    if draft.status not in (S.PROPOSED, S.STALE):
        raise Refused("already_decided", outcome_of(draft))
    with transaction.atomic():
        conversation = Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        draft.refresh_from_db()
        if conversation.waiting_message is None:
            raise Refused("stale", _("This customer is no longer waiting for a reply."))
        if not can_carry_over(draft, conversation):
            raise Refused("already_decided", _("This draft already answers the newest message."))
        transition(
            draft,
            S.WITHDRAWN,
            now=now,
            action="carried over",
            by=by,
            why=gettext_noop("Carried over to the newest message."),
        )
        fresh, _is_new = propose(
            conversation.waiting_message, text=text if text and letter.has_words(text) else draft.body,
            author=by.get_username(), kind=Draft.AuthorKind.PERSON,
            now=now, evidence=draft.evidence, by=by, changed_by={*guards.authors(draft), by.pk}, carried=draft,
        )  # fmt: skip
        claim(fresh, by=by, now=now, take_over=True)
    return fresh
