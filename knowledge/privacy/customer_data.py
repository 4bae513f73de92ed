"""Which of the app's fields hold customers' data, and what must be settled before they are erased.

The format of the table is in webhooks/privacy/customer_data.py.
"""

from datetime import datetime
from typing import Any

from webhooks.mirror.tombstones import ERASED
from webhooks.privacy.customer_data import EMPTIED, KEPT, REPLACED, Holds, Person, deleted, none
from webhooks.privacy.erasure import CannotErase

from ..models import (
    Attachment,
    ChangeEvidence,
    Comment,
    Dismissal,
    Draft,
    DraftEvent,
    Escalation,
    EscalationStep,
    GapTurn,
    LearningSignal,
    NoDraft,
    Probe,
    ProbeVector,
    Question,
    UnsavedText,
)  # fmt: skip
from ..replies import states

S = Draft.Status
ON_THEIR_WAY = (S.APPROVED, S.SENDING, S.PARKED)


def settle(person: Person, *, now: datetime) -> None:
    """Called with the conversations locked. Only a person can end a reply on its way; undecided drafts become stale here."""
    drafts = Draft.objects.filter(conversation__in=person.conversations)
    waiting = list(drafts.filter(status__in=ON_THEIR_WAY).order_by("pk").values_list("pk", flat=True)[:5])
    if waiting:
        named = ", ".join(map(str, waiting))
        raise CannotErase(
            f"A reply is being sent or is parked (draft {named}). Wait until it is sent, or close it first."
        )
    for draft in drafts.filter(status__in=(S.PROPOSED, S.SECOND_LOOK)):
        states.transition(draft, S.STALE, now=now, action="stale", why="The customer's data was erased.")


def _why(draft: Draft) -> list[dict[str, Any]]:
    """Keeps which rules flagged the draft, not what they found."""
    return [flag | {"reason": ERASED} for flag in draft.risk if isinstance(flag, dict)]


def _evidence(draft: Draft) -> list[dict[str, Any]]:
    """Keeps which articles are cited, not what a drafter wrote about the customer."""
    kept = ("article", "version", "title", "score")
    cited = [item for item in draft.evidence if isinstance(item, dict) and item.get("article")]
    return [{name: item[name] for name in kept if name in item} for item in cited]


TABLE: dict[str, Holds] = {
    "knowledge.Draft": Holds(
        {
            "proposed_text": REPLACED, "body": REPLACED, "approved_text": REPLACED, "note": REPLACED, "why": REPLACED,
            "evidence": _evidence, "risk": _why, "recipients": EMPTIED, "approved_recipients": EMPTIED,
            "approved_attachments": EMPTIED, "message_digests": EMPTIED,
            "author": KEPT, "prompt_version": KEPT, "changed_by": KEPT, "first_look_of": KEPT,
        },
        rows=lambda person: Draft.objects.filter(conversation__in=person.conversations),
    ),
    "knowledge.Attachment": Holds(
        {"name": EMPTIED, "content": EMPTIED, "content_type": KEPT, "sha256": EMPTIED},
        rows=lambda person: Attachment.objects.filter(draft__conversation__in=person.conversations), erase=deleted,
    ),
    "knowledge.DraftEvent": Holds(
        {"text": REPLACED, "detail": REPLACED, "action": KEPT, "before": KEPT, "after": KEPT},
        rows=lambda person: DraftEvent.objects.filter(draft__conversation__in=person.conversations),
    ),
    "knowledge.UnsavedText": Holds(
        {"text": EMPTIED, "note": EMPTIED, "grades": KEPT},
        rows=lambda person: UnsavedText.objects.filter(draft__conversation__in=person.conversations), erase=deleted,
    ),
    "knowledge.LearningSignal": Holds(
        {"question": EMPTIED, "proposal": EMPTIED, "final_text": EMPTIED, "category": KEPT, "author": KEPT, "language": KEPT},
        rows=lambda person: LearningSignal.objects.filter(conversation__in=person.conversations),
    ),
    "knowledge.Escalation": Holds(
        {"reason": REPLACED, "resolution": REPLACED, "cause": KEPT},
        rows=lambda person: Escalation.objects.filter(conversation__in=person.conversations),
    ),
    "knowledge.EscalationStep": Holds(
        {"text": REPLACED, "kind": KEPT},
        rows=lambda person: EscalationStep.objects.filter(escalation__conversation__in=person.conversations),
    ),
    "knowledge.Comment": Holds(
        {"text": REPLACED}, rows=lambda person: Comment.objects.filter(conversation__in=person.conversations)
    ),
    "knowledge.QueueFilter": none("name", "query"),
    "knowledge.Dismissal": Holds(
        {"reason": REPLACED}, rows=lambda person: Dismissal.objects.filter(conversation__in=person.conversations)
    ),
    "knowledge.Probe": Holds(
        {"question": EMPTIED, "language": KEPT},
        rows=lambda person: Probe.objects.filter(conversation__in=person.conversations), erase=deleted,
    ),
    "knowledge.Question": Holds(
        {"text": EMPTIED, "language": KEPT},
        rows=lambda person: Question.objects.filter(conversation__in=person.conversations), erase=deleted,
    ),
    "knowledge.NoDraft": Holds(
        {"articles": EMPTIED, "reason": KEPT, "language": KEPT, "said": EMPTIED},
        rows=lambda person: NoDraft.objects.filter(message__conversation__in=person.conversations), erase=deleted,
    ),
    "knowledge.ProbeVector": Holds(
        {"embedder": KEPT, "digest": EMPTIED, "vector": EMPTIED},
        rows=lambda person: ProbeVector.objects.filter(probe__conversation__in=person.conversations), erase=deleted,
    ),
    "knowledge.ProbeRun": none("embedder", "stamp"),
    "knowledge.ArticleVector": none("embedder", "digest", "vector", "asked", "asked_digest"),  # goes with the questions
    "knowledge.Calibration": none("embedder", "coefficients"),
    "knowledge.SearchState": none("stamp", "trouble"),
    # Articles are ours, approved by a person.
    "knowledge.Article": none("slug", "language", "group", "source", "external_ref", "source_hash"),
    "knowledge.ArticleVersion": none("title", "question", "body", "keywords"),
    "knowledge.Change": none("proposed", "digest", "lesson", "edited_by", "note", "reason", "probe_result"),  # keys of probes
    "knowledge.ChangeEvidence": Holds(  # the counts of its change stay
        {"what": EMPTIED}, rows=lambda person: ChangeEvidence.objects.filter(signal__conversation__in=person.conversations)
    ),
    "knowledge.Gap": none("title", "language", "reason"),  # its title has words of several customers
    "knowledge.GapTurn": Holds(  # the row stays, so that its customer is counted
        {"question": EMPTIED, "why": KEPT, "answered_by": KEPT},
        rows=lambda person: GapTurn.objects.filter(message__conversation__in=person.conversations),
    ),
    "knowledge.LearningPass": none("name"),
    "knowledge.ImportRun": none("name", "locale", "language", "upload", "holder", "trouble"),
    "knowledge.ImportItem": none("ref", "title", "found", "note"),
    "knowledge.SavedReply": none("code", "text"),
    "knowledge.BusinessCalendar": none(
        "name", "zone", "weekly", "holidays_country", "holidays_subdivision", "closures", "openings"
    ),
    "knowledge.InboxHours": none(),
    "knowledge.DeskInbox": none("greeting", "signature"),
    "knowledge.ChatwootToken": none("token", "sender_name"),
    "knowledge.EscalationRule": none("label"),
    "knowledge.Citation": none("article"),
    "knowledge.Assignment": none(),
    "knowledge.TypingInChatwoot": none("name"),  # a colleague's
    "knowledge.ReadsLanguages": none("languages"),
    "knowledge.RiskRule": none("name", "words"),
    "knowledge.DraftReader": none(),
    "knowledge.ModelCall": none("endpoint", "model", "prompt_version", "finish_reason", "outcome"),
    "knowledge.DrafterLimits": none(),
    "knowledge.SecondGrade": none(),
    "knowledge.SecondGradeSettings": none(),
    "knowledge.Contradiction": none("sentence", "other_sentence"),  # of our articles
    "knowledge.RiskRuleSet": none("digest", "rules"),
}  # fmt: skip
