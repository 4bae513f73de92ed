"""The desk's old texts go; grades, kinds and figures stay."""

from datetime import timedelta

import pytest

from knowledge.models import ArticleVector, Attachment, Draft, LearningSignal, Question, UnsavedText
from knowledge.privacy.retention import RULES
from knowledge.replies import attachments
from knowledge.search import learnt_questions, reindexing
from tests.factories import NOW, make_approved, make_article, make_draft, make_lead
from tests.knowledge.files.making import upload
from tests.knowledge.search.making import make_question

pytestmark = pytest.mark.django_db


def apply(name: str) -> int:
    rule = RULES[name]
    return rule.treat(rule.due(NOW + timedelta(days=1)), NOW + timedelta(days=2))


def test_what_somebody_typed_and_left_goes():
    UnsavedText.objects.create(
        draft=make_draft(), user=make_lead(), revision=1, text="Dear Ada", saved_at=NOW
    )

    assert apply("unsaved_texts") == 1
    assert not UnsavedText.objects.exists()


def test_a_signal_loses_its_texts_and_keeps_what_it_taught(seeded):
    make_approved()
    before = LearningSignal.objects.values("kind", "tone", "ratio", "decision").get()

    assert apply("learning_texts") == 1

    signal = LearningSignal.objects.get()
    assert (signal.question, signal.proposal, signal.final_text) == ("", "", "")
    assert LearningSignal.objects.values("kind", "tone", "ratio", "decision").get() == before
    assert apply("learning_texts") == 0


def test_old_questions_go_and_the_vector_with_them(fake):
    article = make_article("refund")
    make_question(article, "Where is my refund?", at=NOW)
    reindexing.run(), learnt_questions.run()
    assert ArticleVector.objects.get().asked_count == 1

    assert apply("confirmed_questions") == 1

    assert not Question.objects.exists()
    assert bytes(ArticleVector.objects.get().asked) == b""


@pytest.mark.parametrize(("status", "left"), [("SENT", 0), ("REJECTED", 0), ("PROPOSED", 1), ("PARKED", 1)])
def test_the_files_of_a_draft_go_once_it_is_decided(seeded, status, left):
    draft = make_draft()
    attachments.attach(draft, files=[upload()], by=make_lead(), revision=1, now=NOW)
    make_approved(draft)
    Draft.objects.filter(pk=draft.pk).update(status=status)

    apply("attachments")

    assert Attachment.objects.count() == left
    assert Draft.objects.get().approved_attachments[0]["name"] == "invoice.pdf"


@pytest.mark.parametrize(("status", "left"), [("REJECTED", []), ("PROPOSED", [{"article": "reset"}])])
def test_the_evidence_of_a_draft_goes_once_it_is_decided(status, left):
    draft = make_draft(evidence=[{"article": "reset"}])
    Draft.objects.filter(pk=draft.pk).update(status=status)

    apply("draft_evidence")

    draft.refresh_from_db()
    assert draft.evidence == left
