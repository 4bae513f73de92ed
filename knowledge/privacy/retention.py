"""What the app removes because of its age. Grades and figures stay. Webhook data: webhooks/privacy/retention.py."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from webhooks.privacy.retention import Rule, deleted

from ..models import (
    Attachment,
    ChangeEvidence,
    Draft,
    LearningSignal,
    ModelCall,
    NoDraft,
    Probe,
    Question,
    UnsavedText,
)

S = Draft.Status
OVER = (S.SENT, S.REJECTED, S.STALE, S.WITHDRAWN, S.EXPIRED, S.CLOSED)
TAUGHT = {"question": "", "proposal": "", "final_text": ""}  # a signal's texts


def _evidence(before: datetime) -> QuerySet[Draft]:
    return Draft.objects.filter(status__in=OVER, created_at__lt=before).exclude(evidence=[])


def _attachments(before: datetime) -> QuerySet[Attachment]:
    return Attachment.objects.filter(
        draft__status__in=OVER, draft__created_at__lt=before, added_at__lt=before
    )


def _signals(before: datetime) -> QuerySet[LearningSignal]:
    return LearningSignal.objects.filter(~Q(**TAUGHT), at__lt=before)


def _probes(before: datetime) -> QuerySet[Probe]:
    """Pinned ones that a person typed stay; those made from customers' words never outlive the rule."""
    grown = Q(signal__isnull=False) | Q(dismissal__isnull=False)
    return Probe.objects.filter(Q(pinned=False) | grown, created_at__lt=before)


def _forget_texts(rows: QuerySet[LearningSignal], now: datetime) -> int:
    """The probes that were made from these texts go with them."""
    Probe.objects.filter(signal__in=rows).delete()
    return rows.update(**TAUGHT)


RULES = {
    "unsaved_texts": Rule(
        _("Unsaved texts"), _("Text typed in a draft's editor and never saved."),
        30, 2, lambda before: UnsavedText.objects.filter(saved_at__lt=before), deleted,
    ),
    "draft_evidence": Rule(
        _("Evidence of drafts"),
        _("The evidence of decided drafts. Their texts, grades and lessons are kept."),
        400, 14, _evidence, lambda rows, now: rows.update(evidence=[]),
    ),
    "attachments": Rule(
        _("Attachments"),
        _("The files of decided drafts. Chatwoot keeps its own copy of what was sent; name, size and digest stay here."),
        60, 2, _attachments, deleted,
    ),
    "articles_that_may_fit": Rule(
        _("Articles that may fit"), _("Why a message got no draft, and the articles listed for it."),
        400, 14, lambda before: NoDraft.objects.filter(at__lt=before), deleted,
    ),
    "probes": Rule(
        _("Probes"), _("Saved questions. Pinned ones that a person typed are kept; those made from decisions are not."),
        730, 30, _probes, deleted,
    ),
    "confirmed_questions": Rule(
        _("Confirmed questions"),
        _("Questions, without personal data, that lead to an article. Search is calculated again without them."),
        730, 14, lambda before: Question.objects.filter(at__lt=before), deleted,
    ),
    "model_calls": Rule(
        _("Model calls"), _("One row per call of a language model: model, tokens, cost, time and outcome. No texts."),
        400, 30, lambda before: ModelCall.objects.filter(at__lt=before), deleted,
    ),
    "change_evidence": Rule(
        _("Texts of evidence"),
        _("What each decision changed, beside a change of an article. The decisions are still counted."),
        730, 90, lambda before: ChangeEvidence.objects.filter(at__lt=before).exclude(what=""),
        lambda rows, now: rows.update(what=""),
    ),
    "learning_texts": Rule(
        _("Texts of learning signals"),
        _("Question, proposal and final text. Decision, kind, grades, edit distance and cited articles are kept."),
        730, 14, _signals, _forget_texts,
    ),
}  # fmt: skip
