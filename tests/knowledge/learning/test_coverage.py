"""What is drafted and what became of it: each turn counts once, each number is its turns, and no data is no share."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from knowledge.learning import coverage, stated_confidence
from knowledge.models import Draft, LearningSignal, NoDraft
from tests.factories import make_lead, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.admin.test_learning_page import rows_behind
from tests.knowledge.learning.learnt import (
    NOW,
    make_conversation,
    make_message,
    make_signal,
    overtaken,
    rejected,
)
from webhooks.models import Inbox, Message

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:knowledge_learningsignal_coverage")
RANGE = {"since": NOW - timedelta(weeks=4), "until": NOW + timedelta(days=1), "now": NOW}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def drafted(signal: LearningSignal, confidence: float | None) -> LearningSignal:
    Draft.objects.filter(pk=signal.draft_id).update(confidence=confidence)
    return signal


def silent(
    number: int, *, reason: str = "no_article", p: float | None = None, by_hand=None, answered: bool = False
) -> Message:
    """by_hand: the evidence of the reply that a person wrote here."""
    conversation = make_conversation(number)
    message = make_message(conversation, number, at=NOW - timedelta(days=2))
    articles = [] if p is None else [{"article": "refund", "confidence": p}]
    NoDraft.objects.create(message=message, reason=reason, articles=articles, at=NOW)
    if by_hand is not None:
        Draft.objects.create(
            conversation=conversation, in_reply_to=message, proposed_text="a", body="a", author="ada", author_kind="person",
            created_at=NOW, status="SENT", evidence=by_hand, approved_text="a", decided_at=NOW, decided_by=make_lead(),
        )  # fmt: skip
    if answered:
        make_message(conversation, number + 1, at=NOW - timedelta(days=1), answer=True)
    return message


@pytest.fixture
def turns():
    drafted(make_signal(), 0.95)
    drafted(make_signal(ratio=0.5), 0.95)
    drafted(rejected(), 0.55)
    drafted(overtaken(), None)
    silent(500, p=0.3, by_hand=[{"article": "refund", "version": 1}])
    silent(510, by_hand=[])
    silent(520, answered=True)
    silent(530, reason="no_reply_needed")
    silent(540, reason="no_reply_needed", answered=True)
    make_message(make_conversation(600), 600, at=NOW - timedelta(days=2))  # nobody looked at it
    Inbox.objects.update(drafting=True)


def test_each_turn_counts_once_by_confidence_and_by_what_became_of_it(turns):
    found = coverage.coverage(make_lead(), **RANGE)

    counted = {(row.slug, name): n for row in found.rows for name, n in row.counts.items() if n}
    assert counted == {
        ("90", "accepted"): 1, ("90", "rewritten"): 1, ("50", "rejected"): 1, ("unstated", "overtaken"): 1,
        ("may-fit", "inserted"): 1, ("nothing", "by_hand"): 1, ("nothing", "overtaken"): 1,
    }  # fmt: skip
    assert (found.turns, found.needless, found.unseen, found.answerable) == (10, 2, 1, 8)


def test_a_regenerated_draft_counts_as_its_newest(turns):
    old = Draft.objects.filter(confidence=0.95).order_by("pk").first()
    Draft.objects.create(
        conversation=old.conversation, in_reply_to=old.in_reply_to, proposed_text="b", body="b", author="x",
        author_kind="drafter", created_at=NOW, confidence=0.65,
    )  # fmt: skip

    rows = {row.slug: row.counts for row in coverage.coverage(make_lead(), **RANGE).rows}

    assert (rows["90"]["accepted"], rows["60"]["open"]) == (0, 1)


def test_silence_is_right_where_no_article_was_used(turns):
    found = coverage.coverage(make_lead(), **RANGE).silence

    assert (found.right, found.wrong, found.unknown) == (2, 2, 1)


def test_without_silence_there_is_no_share():
    assert coverage.coverage(make_lead(), **RANGE).silence.share is None


def test_confidence_is_compared_with_what_stood():
    for place in range(10):
        drafted(make_signal(category="refund", ratio=0.1 if place < 6 else 0.9), 0.85)
    drafted(make_signal(category="refund"), 1.0)
    drafted(rejected(category="refund"), None)
    drafted(make_signal(), 0.85)  # cites nothing

    found = stated_confidence.calibration(make_lead(), {})

    bins = {(round(one.low, 1), one.n, one.stood) for one in found.bins if one.n}
    assert bins == {(0.8, 10, 6), (0.9, 1, 1)}
    assert found.error == pytest.approx(2.5 / 11)


def test_the_turns_are_looked_for_once_though_they_are_counted_in_several_ways(turns):
    with CaptureQueriesContext(connection) as made:
        coverage.coverage(make_lead(), **RANGE)

    assert len([query for query in made if "LEAD(" in query["sql"]]) == 1


def test_no_confidence_is_no_error():
    assert stated_confidence.calibration(make_lead(), {}).error is None


def test_right_first_leaves_weeks_without_decisions_open():
    make_signal(category="refund")
    make_signal(category="refund", ratio=0.5)
    make_signal(category="refund", ago=8)
    from knowledge.learning import figures

    weeks = stated_confidence.right_first(make_lead(), figures.mondays(NOW, 3))

    assert [(stood, n) for _, stood, n in weeks] == [(0, 0), (1, 1), (1, 2)]


def test_each_number_leads_to_as_many_rows(turns):
    for place in range(20):
        drafted(make_signal(category="refund", ratio=place / 20), 0.85)
    lead = make_lead()
    shown = signed_in(lead).get(PAGE).content.decode()

    links = re.findall(
        r'<a class="s-(?:link|count)" href="([^"]+)">([\d,]+)(?: turns)?</a>',
        shown[shown.index("What was drafted") :],
    )

    assert len(links) > 12
    bins = re.findall(r'<a class="s-link" href="([^"]+)">[\d]+ to \d+ % \(n = ([\d,]+)\)</a>', shown)
    assert bins
    for link, count in [*links, *bins]:
        rows = signed_in(lead).get(unescape(link)).content.decode()
        assert (link, rows_behind(rows)) == (link, int(count))


def test_an_empty_desk_shows_no_share():
    text = re.sub(r"<[^>]+>", "", signed_in(make_lead()).get(PAGE).content.decode())

    assert "No customer wrote" in text
    assert "100 %" not in text[text.index("What was drafted") :]


@pytest.mark.parametrize(
    ("group", "status"), [("Agent", 403), ("Lead", 200), ("Manager", 200), ("Operator", 403)]
)
def test_who_may_open_it(group, status):
    assert signed_in(make_user("", group)).get(PAGE).status_code == status
