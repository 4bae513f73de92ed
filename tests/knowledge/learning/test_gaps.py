"""Gaps: topics without an answer, their rows, and what becomes of them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from knowledge.admin import gaps as gap_cards
from knowledge.articles import changes
from knowledge.articles.changes import Refused
from knowledge.learning import gap_rows, gap_writing, weekly_digest
from knowledge.models import Article, Change, Gap, GapTurn
from tests.factories import make_article, make_inbox, make_lead, make_user
from tests.knowledge.learning.gap_questions import ANSWER, ASKED, asks, topic
from tests.knowledge.learning.learnt import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words(settings):
    settings.EMBEDDER = "words"


def test_five_customers_with_one_question_are_a_gap():
    gap = topic()

    assert (gap.status, gap.customers, gap.turns.count()) == ("OPEN", 6, 6)
    assert "discount" in gap.title.lower()


def test_one_customer_with_many_questions_is_none():
    for number, text in enumerate(ASKED * 3, start=1):
        asks(text, number, customer=7)

    assert gap_rows.run(now=NOW) == 0


def test_a_gap_keeps_its_number_as_more_customers_ask():
    gap = topic()
    asks(ASKED[0], 20)

    gap_rows.run(now=NOW)

    assert Gap.objects.get() == gap
    assert GapTurn.objects.filter(gap=gap, message__message_id=200).exists()


def test_a_gap_that_nobody_asks_about_any_more_is_over_and_keeps_its_row():
    topic()

    gap_rows.run(now=NOW + timedelta(days=40))

    assert Gap.objects.get().status == "OVER"
    assert not GapTurn.objects.exists()


def test_a_dismissed_gap_comes_back_with_twice_its_customers():
    gap = topic()
    gap_writing.dismiss(gap, by=make_lead(), reason="We tell them by phone.", now=NOW)
    gap_rows.run(now=NOW)
    assert Gap.objects.get().status == "DISMISSED"

    for number, text in enumerate(ASKED[:1] * 14, start=30):
        asks(text, number)
    gap_rows.run(now=NOW)

    assert Gap.objects.get(pk=gap.pk).status == "OPEN"


def test_a_gap_is_dismissed_with_a_reason_by_a_lead():
    gap = topic()

    with pytest.raises(Refused, match="reason"):
        gap_writing.dismiss(gap, by=make_lead(), reason=" ", now=NOW)
    with pytest.raises(Refused, match="Leads"):
        gap_writing.dismiss(gap, by=make_user("alex", "Agent"), reason="no", now=NOW)


def test_write_it_opens_a_new_article_without_an_answer_that_must_be_written_first():
    gap, lead = topic(), make_lead()

    change = gap_writing.write(gap, by=lead, now=NOW)

    assert (change.kind, change.origin, change.status, change.proposed["body"]) == ("NEW", "GAP", "OPEN", "")
    assert gap_writing.write(gap, by=lead, now=NOW) == change
    with pytest.raises(Refused, match="Write it first"):
        changes.approve(change, by=lead, base_version=0, now=NOW)
    changes.edit(change, {"body": ANSWER}, by=lead, base_version=0, now=NOW)
    assert changes.approve(change, by=lead, base_version=0, now=NOW).body == ANSWER


def test_after_the_article_is_approved_the_old_questions_are_no_gap():
    gap, lead = topic(answer=ANSWER, by="Ann"), make_lead()
    change = gap_writing.write(gap, by=lead, now=NOW)
    changes.edit(change, {"body": ANSWER}, by=lead, base_version=0, now=NOW)
    changes.approve(change, by=lead, base_version=0, now=NOW)

    assert gap_rows.run(now=NOW) == 0
    assert Gap.objects.get().status == "OVER"


def test_a_person_sees_the_questions_of_their_inboxes_only():
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    for number, text in enumerate(ASKED, start=1):
        asks(text, number, inbox=mine if number < 3 else other)
    gap_rows.run(now=NOW)
    carl = make_lead("carl", inboxes=[mine])

    seen = Gap.objects.visible_to(carl).get()

    assert (seen.seen_customers, seen.seen_conversations) == (2, 2)
    assert {row.message.conversation.inbox for row in gap_writing.turns(seen, carl)} == {mine}
    assert gap_writing.write(seen, by=carl, now=NOW).proposed["inboxes"] == [mine.pk]
    assert not Gap.objects.visible_to(make_lead("eve", inboxes=[])).exists()


def test_an_article_that_probably_answers_is_named():
    make_article(
        "student-discount",
        body="A discount for students is there: how students get it.",
        question="Student discount",
        keywords="discount students",
    )
    make_article("returns", body="Send it back.")
    gap = topic()

    assert gap.near is None or gap.near.slug == "student-discount"
    assert Article.objects.count() == 2


def test_a_change_by_a_gap_is_a_persons():
    change = gap_writing.write(topic(), by=(lead := make_lead()), now=NOW)

    assert change.made_by == lead
    assert Change.objects.filter(origin="GAP").count() == 1


def of_two_inboxes(**facts) -> tuple[Gap, User, User]:
    """A topic of two inboxes with words of their own, and a Lead of each."""
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    for number, text in enumerate(ASKED * 2, start=1):
        said = text if number < 7 else f"{text} I study at Quarzberg."
        asks(said, number, inbox=mine if number < 7 else other, **(facts if number > 6 else {}))
    gap_rows.run(now=NOW)
    return Gap.objects.get(), make_lead("carl", inboxes=[mine]), make_lead("dora", inboxes=[other])


def test_a_title_has_no_words_of_inboxes_that_the_reader_does_not_see():
    gap, carl, dora = of_two_inboxes()
    assert "quarzberg" in gap.title.casefold()

    shown = {who: gap_cards.cards([gap], who)[0]["title"].casefold() for who in (carl, dora)}

    assert shown[carl] == "get, how"
    assert "quarzberg" in shown[dora]
    assert "quarzberg" not in weekly_digest.text(carl, now=NOW).casefold()
    change = gap_writing.write(gap, by=carl, now=NOW)
    assert "quarzberg" not in str(change.proposed).casefold() + change.article.slug


def test_what_a_lead_writes_for_a_gap_is_seen_in_its_inboxes_only():
    gap, carl, dora = of_two_inboxes(answer=ANSWER, by="Ann")
    theirs = gap_writing.write(gap, by=dora, now=NOW)

    seen = Article.objects.visible_to(carl)

    assert not seen.filter(pk=theirs.article_id).exists()
    assert gap_cards.cards([gap], carl)[0]["writing"] is None
    own = gap_writing.write(Gap.objects.get(), by=carl, now=NOW)
    assert own != theirs
    assert seen.filter(pk=own.article_id).exists()
