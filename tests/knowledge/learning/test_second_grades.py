"""Second grades: by someone else, blind, the same drafts each time, and nobody is ranked by it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge.learning import second_grades
from knowledge.models import LearningSignal, SecondGrade, SecondGradeSettings
from knowledge.privacy.retention import RULES
from tests.factories import make_inbox, make_lead, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.learning.learnt import NOW, make_signal, overtaken, rejected

pytestmark = pytest.mark.django_db
LOOK = reverse("admin:knowledge_learningsignal_second_grading")
GIVEN = {"tone": 4, "accuracy": 2, "policy": 5}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def draw(percent: int) -> None:
    SecondGradeSettings.objects.update_or_create(pk=1, defaults={"percent": percent})


@pytest.fixture
def signal():
    draw(100)
    return make_signal(
        reviewer=make_lead("ada"),
        question="Where is my refund?",
        proposal="It takes five days.",
        final_text="Seven days, says ada.",
    )


def waiting(user) -> list[int]:
    return second_grades.waiting(user, now=NOW)


def test_five_percent_are_drawn_unless_somebody_says_otherwise():
    assert second_grades.settings().percent == 5


def test_nothing_is_drawn_at_zero(signal):
    draw(0)

    assert waiting(make_lead()) == []


def test_the_draw_is_of_the_wanted_size_and_grows():
    from knowledge.learning import edits

    small, large = (
        {draft for draft in range(10_000) if edits.drawn("second", draft, share)} for share in (0.05, 0.2)
    )

    assert 400 < len(small) < 600
    assert small < large
    assert small != {draft for draft in range(10_000) if edits.drawn("grade", draft, 0.05)}


def test_who_decided_does_not_look_again(signal):
    assert waiting(signal.reviewer) == []
    assert waiting(make_lead("robert")) == [signal.pk]


def test_who_wrote_in_it_or_looked_first_does_not_look_again(signal):
    writer, first = make_lead(), make_lead()
    signal.draft.changed_by, signal.draft.first_look_by = [writer.pk], first
    signal.draft.save()

    assert waiting(writer) == waiting(first) == []


def test_only_people_who_decide_in_that_inbox_look(signal):
    elsewhere = make_lead(inboxes=[make_inbox(inbox_id=9)])

    assert waiting(elsewhere) == waiting(make_user("", "Agent")) == waiting(make_user("", "Operator")) == []


def test_what_is_not_a_graded_decision_waits_for_nobody(signal):
    lead = make_lead()
    LearningSignal.objects.filter(pk=signal.pk).update(reviewer=lead)
    make_signal(grades=None)
    make_signal(withdrawn_at=NOW)
    make_signal(author_kind="person")
    make_signal(proposal="")  # removed by age or erasure
    make_signal(ago=29)
    overtaken()
    kept = rejected()

    assert waiting(lead) == [kept.pk]


def test_it_is_blind_until_graded(signal):
    browser = signed_in(make_lead("robert"))

    page = browser.get(LOOK).content.decode()

    main = page[page.index("Grade this draft") :]
    assert "It takes five days." in main
    assert "ada" not in main
    assert "Seven" not in main
    assert "checked" not in main
    assert (
        browser.get(reverse("admin:knowledge_learningsignal_second_graded", args=[signal.pk])).status_code
        == 404
    )


def test_after_grading_both_stand_side_by_side(signal):
    browser = signed_in(make_lead("robert"))

    answer = browser.post(LOOK, {"signal": signal.pk, **GIVEN}, follow=True)

    assert SecondGrade.objects.get().grades == GIVEN
    assert "Seven" in answer.content.decode()
    assert "No further draft waits" in answer.content.decode()


def test_a_missing_grade_saves_nothing_and_keeps_the_others(signal):
    answer = signed_in(make_lead("robert")).post(LOOK, {"signal": signal.pk, "tone": 4, "accuracy": 9})

    assert answer.status_code == 400
    assert "Give all three grades" in answer.content.decode()
    assert 'value="4" required aria-label="Tone 4" checked' in answer.content.decode()
    assert not SecondGrade.objects.exists()


def test_the_second_of_two_is_refused(signal):
    first, second = make_lead(), make_lead()
    second_grades.grade(signal, GIVEN, by=first, now=NOW)

    with pytest.raises(second_grades.Refused):
        second_grades.grade(signal, GIVEN, by=second, now=NOW)


def test_who_decided_cannot_post_grades_past_the_page(signal):
    answer = signed_in(signal.reviewer).post(LOOK, {"signal": signal.pk, **GIVEN})

    assert answer.status_code == 400
    assert not SecondGrade.objects.exists()


def test_agreement_counts_pairs_and_lists_what_is_two_apart(signal):
    second_grades.grade(signal, GIVEN, by=make_lead(), now=NOW)
    near = make_signal(reviewer=signal.reviewer)
    second_grades.grade(near, {"tone": 5, "accuracy": 4, "policy": 5}, by=make_lead(), now=NOW)
    lead = make_lead()

    found = second_grades.agreements(lead, since=NOW - timedelta(weeks=4))

    assert (found["accuracy"].n, found["accuracy"].same, found["accuracy"].apart) == (2, 0, 1)
    assert list(second_grades.disagreements(lead, since=NOW - timedelta(weeks=4))) == [signal]


def test_the_page_names_nobody(signal):
    second_grades.grade(signal, GIVEN, by=make_lead("robert"), now=NOW)

    page = (
        signed_in(make_lead("eve")).get(reverse("admin:knowledge_learningsignal_agreement")).content.decode()
    )

    assert "accuracy 5 and 2" in page
    assert "robert" not in page
    assert ">ada" not in page


def test_a_withdrawn_decision_leaves_the_agreement(signal):
    second_grades.grade(signal, GIVEN, by=make_lead(), now=NOW)
    LearningSignal.objects.update(withdrawn_at=NOW)

    assert second_grades.agreements(make_lead(), since=NOW - timedelta(weeks=4))["tone"].n == 0


def test_second_grades_go_with_their_signal_and_stay_when_texts_age(signal):
    second_grades.grade(signal, GIVEN, by=make_lead(), now=NOW)
    rule = RULES["learning_texts"]

    rule.treat(rule.due(NOW), NOW)
    assert (SecondGrade.objects.count(), LearningSignal.objects.get().proposal) == (1, "")

    signal.conversation.signals.all().delete()
    assert not SecondGrade.objects.exists()


@pytest.mark.parametrize(("group", "status"), [("Lead", 403), ("Manager", 302)])
def test_managers_set_the_share(group, status):
    address = reverse("admin:knowledge_learningsignal_agreement_settings")

    assert signed_in(make_user("", group)).post(address, {"percent": 10}).status_code == status
    assert second_grades.settings().percent == (10 if status == 302 else 5)


def test_a_share_above_100_is_refused():
    address = reverse("admin:knowledge_learningsignal_agreement_settings")

    assert signed_in(make_user("", "Manager")).post(address, {"percent": 101}).status_code == 400
    assert second_grades.settings().percent == 5
