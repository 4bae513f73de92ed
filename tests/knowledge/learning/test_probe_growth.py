"""Probes grow from decisions: what stood becomes one, without personal data; an undone decision takes it back."""

from datetime import timedelta

import pytest

from knowledge.learning import learning_signals, probe_growth
from knowledge.models import Dismissal, LearningSignal, Probe, SearchState
from knowledge.privacy import retention
from knowledge.queue import assignments
from tests.factories import make_article, make_inbox, make_lead, make_source, make_user, make_waiting
from tests.knowledge.learning.learnt import NOW, make_signal, rejected

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def articles(fake):
    for topic in ("password", "refund"):
        make_article(topic, title=topic, question=f"{topic}?", body=f"All about the {topic}.")


def approved(question: str = "how about my refund", **facts) -> LearningSignal:
    return make_signal(**{"question": question, "category": "refund", "reviewer": make_lead()} | facts)


def grown() -> list[tuple[str, str | None]]:
    probe_growth.run(now=NOW)
    return [
        (one.question, one.expected.slug if one.expected else None) for one in Probe.objects.order_by("pk")
    ]


def test_an_approved_answer_becomes_a_probe_with_its_signal_and_reviewer():
    signal = approved("Ada here, ada@example.com: how about my refund", grades=(5, 4, 5))

    assert grown() == [("Ada here, [email]: how about my refund", "refund")]
    probe = Probe.objects.get()
    assert (probe.signal, probe.created_by, probe.conversation) == (
        signal,
        signal.reviewer,
        signal.conversation,
    )


STOOD_NOT = {
    "a third was rewritten": {"ratio": 0.4},
    "accuracy 3": {"grades": (5, 3, 5)},
    "no article cited": {"category": ""},
    "the article is gone": {"category": "no-such"},
    "undone": {"withdrawn_at": NOW},
    "a moment ago": {"ago": 0},
    "nothing is asked": {"question": "Thank you!"},
    "the text is gone": {"question": ""},
}


@pytest.mark.parametrize("facts", STOOD_NOT.values(), ids=STOOD_NOT)
def test_what_did_not_stand_becomes_none(facts):
    approved(**facts)

    assert grown() == []


def test_the_same_question_is_kept_once_for_an_article():
    approved("how about my refund")
    approved("and how about the refund")  # the same vector
    approved("how about my password", category="password")

    assert [slug for _, slug in grown()] == ["refund", "password"]


def test_an_article_has_at_most_twenty(fake, monkeypatch):
    monkeypatch.setattr(probe_growth, "MOST", 1)
    approved("how about my refund")
    approved("refund of the password and refund of a parcel")

    assert len(grown()) == 1


def test_a_rejection_because_no_article_fits_becomes_one_without_an_article():
    rejected(question="do you sell a zoo ticket", category="refund", no_article=True, reviewer=make_lead())
    rejected(question="is it open on a sunday", category="refund", reviewer=make_lead())

    assert grown() == [("do you sell a zoo ticket", None)]


def dismissed(text: str, **facts) -> Dismissal:
    conversation = make_waiting(text=text).conversation
    return assignments.dismiss(
        conversation, reason="No reply needed", by=make_lead(), now=NOW - timedelta(hours=1), **facts
    )


def test_a_dismissed_question_becomes_one_without_an_article_until_it_is_put_back():
    row = dismissed("We sell cheap office chairs to you")
    assert grown() == [("We sell cheap office chairs to you", None)]

    assignments.put_back(row, by=make_lead(), now=NOW)

    assert grown() == []


def test_an_answered_question_replaces_the_one_that_was_dismissed():
    dismissed("how about my refund please")
    assert [slug for _, slug in grown()] == [None]

    approved("how about my refund now")

    assert [slug for _, slug in grown()] == ["refund"]


def test_a_decision_is_gone_over_once():
    approved()
    grown()
    Probe.objects.all().delete()

    assert grown() == []
    assert SearchState.objects.only_row().grown_to_signal == LearningSignal.objects.latest("pk").pk


def test_an_undone_decision_takes_its_probe_with_it():
    signal = approved()
    grown()

    learning_signals.undone(signal.draft, now=NOW)

    assert not Probe.objects.exists()


def test_the_probe_falls_with_the_texts_it_was_made_from_even_if_pinned():
    approved()
    grown()
    Probe.objects.update(pinned=True)

    rule = retention.RULES["learning_texts"]
    rule.treat(rule.due(NOW + timedelta(days=1)), NOW)

    assert not Probe.objects.exists()


def test_people_see_the_probes_of_their_inboxes():
    approved(inbox=make_inbox(inbox_id=8))
    grown()
    source = make_source()

    assert (
        Probe.objects.visible_to(make_user("ada", "Lead", inboxes=[make_inbox(source, inbox_id=8)])).count()
        == 1
    )
    assert not Probe.objects.visible_to(
        make_user("bob", "Lead", inboxes=[make_inbox(source, inbox_id=9)])
    ).exists()


def test_the_chore_starts_no_task_without_news(monkeypatch):
    started = []
    monkeypatch.setattr(probe_growth, "async_task", lambda name, **_: started.append(name))
    probe_growth.wake(now=NOW)
    assert started == []

    approved()
    probe_growth.wake(now=NOW)

    assert started == ["knowledge.learning.probe_growth.run"]
