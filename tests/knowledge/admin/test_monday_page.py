"""The Lead's Monday and the Gaps page, by rights: what is shown, and each decision in place."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from knowledge.articles import changes
from knowledge.learning import gap_rows, gap_writing, lesson_changes
from knowledge.models import Article, Change, ChangeEvidence, Gap, GapTurn
from tests.factories import make_article, make_client, make_inbox, make_lead, make_user
from tests.knowledge.learning.learnt import NOW
from tests.knowledge.learning.test_gaps import ASKED, asks, topic
from tests.knowledge.learning.test_lesson_changes import BODY, RIGHT, corrected
from webhooks.models import Contact
from webhooks.privacy import erasure, merged_contacts

pytestmark = pytest.mark.django_db
MONDAY, GAPS = "/admin/knowledge/change/review/", "/admin/knowledge/gap/"


@pytest.fixture(autouse=True)
def _words(settings):
    settings.EMBEDDER = "words"


@pytest.fixture
def lesson(client) -> Change:
    make_article("refund", body=BODY)
    corrected([make_lead("ann"), make_lead("bob")])
    (change,) = lesson_changes.learn(Article.objects.get(), now=NOW)
    client.force_login(make_lead("lena"))
    return change


@pytest.mark.parametrize("path", [MONDAY, GAPS])
def test_more_gaps_cost_no_more_queries(client, django_assert_num_queries, path):
    client.force_login(make_lead("lena"))
    gap = topic(answer="Send us a photo of your student card.", by="Maria")
    client.get(path)
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    for turn in list(gap.turns.all())[:3]:
        gap.pk = None
        gap.save(force_insert=True)
        GapTurn.objects.filter(pk=turn.pk).update(gap=gap)

    with django_assert_num_queries(len(one)):
        client.get(path)


def decide(client, change: Change, **said):
    return client.post(reverse("admin:knowledge_change_decide", args=[change.pk]), {"base_version": 1} | said)


def test_a_lesson_stands_beside_its_decisions(client, lesson):
    page = client.get(MONDAY).content.decode()

    assert "1 change and 0 gaps remain" in page
    assert "five working days → seven working days" in page
    assert all(f"/learningsignal/{row.signal_id}/" in page for row in lesson.evidence.all())


def test_the_most_customers_come_first(client, lesson):
    for customers in (2, 9):
        Change.objects.filter(pk=lesson.pk).update(customers=3)
        other = Change.objects.create(
            kind="EDIT", origin="PERSON", article=lesson.article, base_version=1, proposed={"title": f"Title {customers}"},
            digest=str(customers), created_at=NOW, customers=customers,
        )  # fmt: skip
        assert other.pk

    page = client.get(MONDAY).content.decode()

    assert page.index("Title 9") < page.index("five working days → seven") < page.index("Title 2")


def test_a_change_is_approved_in_place(client, lesson):
    answer = decide(client, lesson)

    assert answer["Location"] == MONDAY
    assert Article.objects.get().body == RIGHT


def test_a_change_is_edited_and_approved_in_place(client, lesson):
    decide(client, lesson, verb="edit", digest=lesson.digest, body=RIGHT + " Edited.")

    assert Article.objects.get().body == RIGHT + " Edited."


def test_a_refused_edit_keeps_the_text(client, lesson):
    answer = decide(client, lesson, verb="edit", digest="old", body="What I typed.")

    assert answer.status_code == 409
    assert "What I typed." in answer.content.decode()


def test_a_change_is_dismissed_in_place_with_a_reason_only(client, lesson):
    assert decide(client, lesson, verb="dismiss", reason=" ").status_code == 409

    decide(client, lesson, verb="dismiss", reason="Five is right.")

    lesson.refresh_from_db()
    assert (lesson.status, lesson.reason) == ("DISMISSED", "Five is right.")


def test_an_agent_reads_and_decides_nothing(client, lesson):
    client.force_login(make_user("alex", "Agent"))

    assert "Edit and approve" not in client.get(MONDAY).content.decode()
    assert decide(client, lesson).status_code == 403


def test_decisions_of_other_inboxes_are_counted_and_not_shown(client, lesson):
    client.force_login(make_lead("carl", inboxes=[make_inbox(inbox_id=9)]))

    page = client.get(MONDAY).content.decode()

    assert "4 more decisions in other inboxes" in page
    assert not any(f"/learningsignal/{row.signal_id}/" in page for row in lesson.evidence.all())


def test_a_gap_is_written_from_its_page(client):
    gap = topic(answer="Students get 10 % off.", by="Ann")
    client.force_login(make_lead())
    page = client.get(GAPS).content.decode()
    assert "6 customers" in page
    assert "Students get 10 % off." in page

    answer = client.post(reverse("admin:knowledge_gap_write", args=[gap.pk]))

    change = Change.objects.get(origin="GAP")
    assert answer["Location"] == reverse("admin:knowledge_change_change", args=[change.pk])
    assert client.get(answer["Location"]).status_code == 200


def test_a_gap_is_dismissed_from_its_page(client):
    gap = topic()
    client.force_login(make_lead())

    client.post(reverse("admin:knowledge_gap_dismiss", args=[gap.pk]), {"reason": "We never have one."})

    gap.refresh_from_db()
    assert gap.status == "DISMISSED"
    assert "We never have one." in client.get(GAPS).content.decode()


def test_the_api_lists_gaps_by_inbox():
    gap = topic()

    (row,) = make_client(make_lead()).get("/api/v1/knowledge-gaps/").json()["results"]

    assert list(row) == ["id", "question", "language", "customers", "since", "conversations", "change"]
    assert (row["id"], row["customers"], len(row["conversations"]), row["change"]) == (gap.pk, 6, 6, None)
    assert make_client(make_lead(inboxes=[])).get("/api/v1/knowledge-gaps/").json()["results"] == []
    assert make_client(make_lead(), service=True).get("/api/v1/knowledge-gaps/").status_code == 200
    assert make_client(make_user("", "Agent")).get("/api/v1/knowledge-gaps/").status_code == 403


def test_the_api_gives_a_changes_evidence_to_those_who_may_see_it(lesson):
    path = f"/api/v1/knowledge-changes/{lesson.pk}/"

    row = make_client(make_lead()).get(path).json()

    assert (row["customers"], row["people"], len(row["evidence"])) == (4, 2, 4)
    assert row["evidence"][0]["what"] == "five working days → seven working days"
    assert make_client(make_lead(inboxes=[])).get(path).json()["evidence"] == []


def erase(contact: Contact) -> None:
    person = merged_contacts.person(contact.source, contact.contact_id)
    erasure.erase(person, by=make_lead(), reason="They asked for it.", now=NOW)


def test_erasing_a_customer_takes_the_texts_and_keeps_the_counts(lesson):
    gap = topic()
    row = lesson.evidence.select_related("signal__conversation__contact").first()
    erase(row.signal.conversation.contact)
    turn = GapTurn.objects.select_related("message__conversation__contact").first()
    erase(turn.message.conversation.contact)

    lesson_changes.learn(Article.objects.get(slug="refund"), now=NOW)
    gap_rows.run(now=NOW)

    lesson.refresh_from_db()
    assert ChangeEvidence.objects.get(pk=row.pk).what == ""
    assert (lesson.status, lesson.customers) == ("OPEN", 4)
    assert turn.question not in GapTurn.objects.filter(message=turn.message_id).values_list(
        "question", flat=True
    )
    assert Gap.objects.get(pk=gap.pk).customers == 6


@pytest.fixture
def near() -> Gap:
    """A gap whose typical question an article probably answers."""
    article = make_article("discounts", title="Discounts", body="Students get 10 % off.")
    gap = topic()
    Gap.objects.filter(pk=gap.pk).update(near=article, near_confidence=0.6)
    gap.refresh_from_db()
    return gap


def add_questions(client, gap: Gap):
    return client.post(reverse("admin:knowledge_gap_add_questions", args=[gap.pk]))


def test_a_gap_near_an_article_adds_its_questions_to_it(client, near):
    client.force_login(make_lead())
    assert "Add as questions to Discounts" in client.get(GAPS).content.decode()

    answer = add_questions(client, near)

    change = Change.objects.get(origin="GAP")
    assert answer["Location"] == reverse("admin:knowledge_change_change", args=[change.pk])
    assert (change.kind, change.origin, change.article, change.customers) == (
        "QUESTIONS",
        "GAP",
        near.near,
        6,
    )
    assert set(change.questions.values_list("text", flat=True)) == set(ASKED)
    assert "Open the proposed questions" in client.get(GAPS).content.decode()


def test_approved_its_questions_lead_to_the_article_and_the_gap_is_over(client, near):
    client.force_login(make_lead())
    add_questions(client, near)
    page = client.get(MONDAY).content.decode()
    assert ASKED[0] in page
    assert "Edit and approve" not in page

    decide(client, Change.objects.get(origin="GAP"))
    gap_rows.run(now=NOW)

    near.refresh_from_db()
    assert near.status == "OVER"
    assert near.near.questions.confirmed().count() == 6
    assert near.near.current.number == 1


def test_only_questions_of_ones_own_inboxes_go_into_it(client, near):
    asks("Any student discount for me?", 30, inbox=make_inbox(inbox_id=9))
    gap_rows.run(now=NOW)
    Gap.objects.update(near=Article.objects.get())
    client.force_login(make_lead("carl", inboxes=[make_inbox(inbox_id=9)]))

    add_questions(client, near)

    assert [one.text for one in Change.objects.get(origin="GAP").questions.all()] == [
        "Any student discount for me?"
    ]


def test_an_article_that_is_withdrawn_or_of_another_inbox_is_not_offered(client, near):
    for lead, facts in (
        (make_lead("ann"), {"status": "WITHDRAWN"}),
        (make_lead("carl", inboxes=[make_inbox()]), {}),
    ):
        Article.objects.update(**facts or {"status": "LIVE"})
        if not facts:
            near.near.inboxes.set([make_inbox(inbox_id=9)])
        client.force_login(lead)

        assert "Add as questions" not in client.get(GAPS).content.decode()
        assert add_questions(client, near).status_code == 409


def test_the_api_names_open_changes_only_and_takes_the_same_queries_for_each_gap(
    django_assert_max_num_queries,
):
    gap, lead = topic(), make_lead("lou")
    change = gap_writing.write(gap, by=lead, now=NOW)
    client = make_client(lead)
    named = [row["change"] for row in client.get("/api/v1/knowledge-gaps/").json()["results"]]
    with CaptureQueriesContext(connection) as once:
        client.get("/api/v1/knowledge-gaps/")
    for number in (1, 2, 3):
        more = Gap.objects.create(since=NOW, updated_at=NOW, customers=5, change=change)
        message = asks("Where can I park?", 100 + number)
        GapTurn.objects.create(
            gap=more, message=message, question="Where can I park?", why="silent", closeness=1, at=NOW
        )

    with django_assert_max_num_queries(len(once)):
        assert len(client.get("/api/v1/knowledge-gaps/").json()["results"]) == 4
    changes.dismiss(change, by=lead, reason="No.", now=NOW)

    assert named == [change.pk]
    assert {row["change"] for row in client.get("/api/v1/knowledge-gaps/").json()["results"]} == {None}


def test_a_lesson_that_was_dismissed_says_so_when_it_comes_back(client, lesson):
    changes.dismiss(lesson, by=make_lead("dora"), reason="It was an exception.", now=NOW)
    corrected([make_lead("cy"), make_lead("di")], first=50, count=2 * lesson.customers)
    (again,) = lesson_changes.learn(Article.objects.get(), now=NOW)

    pages = [
        client.get(path).content.decode()
        for path in (MONDAY, reverse("admin:knowledge_change_change", args=[again.pk]))
    ]

    assert all("Dismissed before" in page and "It was an exception." in page for page in pages)


def test_a_change_that_is_decided_still_shows_the_decisions_it_rests_on(client, lesson):
    changes.dismiss(lesson, by=make_lead("dora"), reason="It was an exception.", now=NOW)
    path = reverse("admin:knowledge_change_change", args=[lesson.pk])
    link = reverse("admin:knowledge_learningsignal_change", args=[lesson.evidence.first().signal_id])

    assert link in client.get(path).content.decode()
    client.force_login(make_user("alex", "Agent"))
    assert link not in client.get(path).content.decode()
