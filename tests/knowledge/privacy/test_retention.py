"""The desk's old texts go; grades, kinds and figures stay."""

from datetime import timedelta

import pytest

from knowledge.models import Draft, LearningSignal, UnsavedText
from knowledge.privacy.retention import RULES
from tests.factories import NOW, make_approved, make_draft, make_lead

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


@pytest.mark.parametrize(("status", "left"), [("REJECTED", []), ("PROPOSED", [{"article": "reset"}])])
def test_the_evidence_of_a_draft_goes_once_it_is_decided(status, left):
    draft = make_draft(evidence=[{"article": "reset"}])
    Draft.objects.filter(pk=draft.pk).update(status=status)

    apply("draft_evidence")

    draft.refresh_from_db()
    assert draft.evidence == left
