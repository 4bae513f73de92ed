"""/api/v1/drafts/, /queue/ and /articles/: fields, answers and rights (design, section 7)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import Attachment, Draft
from knowledge.replies import attachments, decisions
from tests.factories import (  # fmt: skip
    GRADES,
    conversation_object,
    deliver,
    later,
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    make_source,
    make_user,
    make_waiting,
    message_event,
)
from tests.knowledge.files.making import PDF, upload
from webhooks.models import Inbox

pytestmark = pytest.mark.django_db
DRAFTS = "/api/v1/drafts/"
FIELDS = (
    "id source conversation_id in_reply_to_message_id status revision body approved_text approved_recipients author confidence"
    " evidence risk grades created_at decided_at decided_by sent_message_id"
)


@pytest.fixture
def lead():
    return make_client(make_lead("alice"))


@pytest.fixture
def robot():
    return make_client(make_user("robot"), service=True)


def refused(answer) -> tuple[int, str]:
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]


def act(client, draft: Draft, verb: str, body=None):
    return client.post(f"{DRAFTS}{draft.pk}/{verb}/", body or {}, format="json")


def approve(client, draft: Draft, **changed):
    return act(client, draft, "approve", {"revision": 1} | GRADES | changed)


def propose(client, **changed):
    return client.post(
        DRAFTS, {"conversation_id": 7, "body": "Choose Forgot password."} | changed, format="json"
    )


def test_a_draft_has_the_promised_fields(lead):
    draft = make_draft()

    answer = lead.get(f"{DRAFTS}{draft.pk}/").json()

    assert set(FIELDS.split()) <= set(answer)
    assert (answer["source"], answer["conversation_id"], answer["in_reply_to_message_id"]) == ("acme", 7, 100)
    assert (
        answer["approved_text"],
        answer["approved_recipients"],
        answer["grades"],
        answer["decided_by"],
    ) == (None,) * 4


def test_a_draft_lists_its_files_and_after_the_approval_the_approved_ones(lead):
    draft = make_draft()
    attachments.attach(draft, files=[upload("plan.pdf")], by=make_lead(), revision=1, now=timezone.now())
    [listed] = lead.get(f"{DRAFTS}{draft.pk}/").json()["attachments"]
    assert {name: listed[name] for name in ("name", "type", "size")} == {
        "name": "plan.pdf", "type": "application/pdf", "size": len(PDF),
    }  # fmt: skip
    assert len(listed["sha256"]) == 64

    assert approve(lead, draft, revision=2).json()["attachments"] == [listed]
    Attachment.objects.all().delete()  # as the retention does

    assert lead.get(f"{DRAFTS}{draft.pk}/").json()["attachments"] == [listed]


def test_an_approval_from_before_a_file_was_attached_is_409(lead):
    draft = make_draft()
    attachments.attach(draft, files=[upload()], by=make_lead(), revision=1, now=timezone.now())

    assert refused(approve(lead, draft)) == (409, "revision_changed")


def test_a_file_that_no_longer_fits_the_channel_is_400(lead):
    draft = make_draft()
    attachments.attach(draft, files=[upload()], by=make_lead(), revision=1, now=timezone.now())
    Inbox.objects.update(channel="Channel::Line")

    assert refused(approve(lead, draft, revision=2)) == (400, "attachments")


@pytest.mark.parametrize("service", [True, False])
def test_no_program_attaches_a_file(robot, lead, service):
    """A file is a person's choice, made where they see it: the API shows files, and takes none."""
    client = robot if service else lead
    make_waiting()

    assert (
        client.post(
            DRAFTS, {"conversation_id": 7, "body": "Hi", "attachments": upload()}, format="multipart"
        ).status_code
        == 415
    )
    propose(client, attachments=[{"name": "x.pdf", "content": "JVBERi0="}])
    assert not Attachment.objects.exists()


FILTERS = {
    "source": ({"source": "acme"}, 1),
    "another source": ({"source": "other"}, 0),
    "status": ({"status": "proposed"}, 1),
    "another status": ({"status": "SENT"}, 0),
    "conversation": ({"conversation_id": "7"}, 1),
    "another conversation": ({"conversation_id": "8"}, 0),
}


@pytest.mark.parametrize("case", FILTERS)
@pytest.mark.every_row
def test_filters_narrow_the_list(lead, case):
    asked, count = FILTERS[case]
    make_draft()

    assert len(lead.get(DRAFTS, asked).json()["results"]) == count


@pytest.mark.parametrize(
    "asked", [{"status": "GONE"}, {"conversation_id": "²"}, {"conversation_id": "9" * 30}, {"source": "a\0"}],
    ids=["status", "superscript", "huge", "NUL"],
)  # fmt: skip
@pytest.mark.every_row
def test_a_bad_filter_is_400_with_a_code(lead, asked):
    assert refused(lead.get(DRAFTS, asked)) == (400, "invalid")


def test_pages_follow_next(lead):
    message = make_waiting()
    made = [make_draft(message, author=f"agent {n}").pk for n in range(3)]

    page = lead.get(DRAFTS, {"page_size": 2}).json()

    assert [row["id"] for row in page["results"] + lead.get(page["next"]).json()["results"]] == made[::-1]


def test_a_proposal_is_201_and_its_author_is_the_token(robot):
    make_waiting()

    answer = propose(robot, author="somebody else", evidence=[{"article": "reset-password"}], confidence=0.5)

    assert answer.status_code == 201
    assert (answer.json()["author"], answer.json()["confidence"]) == ("robot", 0.5)
    assert Draft.objects.get().author_kind == "service"


def test_the_same_proposal_again_is_200_and_the_same(robot):
    make_waiting()

    first, again = propose(robot), propose(robot)

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])


def test_another_text_replaces_the_first(robot):
    make_waiting()
    first = propose(robot)

    second = propose(robot, body="A better text.")

    assert second.status_code == 201
    assert Draft.objects.get(pk=first.json()["id"]).status == "WITHDRAWN"


def test_a_proposal_for_a_message_that_waits_no_more_is_409(robot):
    make_waiting()
    deliver(message_event(101, at=later(60)))

    assert refused(propose(robot, in_reply_to_message_id=100)) == (409, "stale")


def test_a_proposal_where_nobody_waits_is_409(robot):
    make_waiting(status="resolved")

    assert refused(propose(robot)) == (409, "stale")


@pytest.mark.parametrize(
    "changed", [{"conversation_id": 8}, {"in_reply_to_message_id": 999}, {"source": "other"}]
)
def test_a_proposal_for_what_is_not_known_is_404(robot, changed):
    make_waiting()

    assert refused(propose(robot, **changed)) == (404, "not_found")


def test_where_two_sources_have_the_conversation_one_must_be_named(robot):
    make_waiting()
    deliver(message_event(), source=make_source("other"))

    assert refused(propose(robot)) == (400, "invalid")
    assert propose(robot, source="other").status_code == 201


WRONG = {
    "no text": {"body": ""},
    "a text of NUL": {"body": "a\0"},
    "a text too long": {"body": "x" * 150_001},
    "no number": {"conversation_id": "seven"},
    "a huge number": {"conversation_id": 10**30},
    "a negative number": {"conversation_id": -1},
    "surer than sure": {"confidence": 1.5},
    "evidence not a list": {"evidence": "reset-password"},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
def test_a_wrong_proposal_is_400(robot, changed):
    make_waiting()

    answer = propose(robot, **changed)

    assert (answer.status_code, Draft.objects.count()) == (400, 0)


@pytest.mark.parametrize("body", [[1], "x", None], ids=["a list", "a text", "nothing"])
def test_what_is_no_object_is_400(robot, body):
    assert robot.post(DRAFTS, body, format="json").status_code == 400


def test_evidence_with_a_NUL_is_kept_without_it(robot):
    make_waiting()

    assert propose(robot, evidence=[{"why\0": ["a\0b"]}]).json()["evidence"] == [{"why": ["ab"]}]


@pytest.mark.parametrize("path", [DRAFTS, "/api/v1/queue/", "/api/v1/articles/"])
@pytest.mark.parametrize(
    ("group", "status"), [("Agent", 200), ("Lead", 200), ("Manager", 200), ("Operator", 403), ("", 403)]
)
def test_who_may_look(path, group, status):
    assert make_client(make_user("bob", *filter(None, [group]))).get(path).status_code == status


@pytest.mark.parametrize("path", [DRAFTS, "/api/v1/queue/", "/api/v1/articles/"])
def test_without_a_token_nobody_may(client, path):
    assert client.get(path).status_code == 401


def test_another_inboxs_drafts_are_not_there():
    make_draft()
    charlie = make_client(make_user("charlie", "Lead", inboxes=[make_inbox(inbox_id=3)]))

    assert charlie.get(DRAFTS).json()["results"] == []
    assert propose(charlie).status_code == 404
    assert charlie.get("/api/v1/queue/").json()["results"] == []


def test_ones_own_inboxs_drafts_are_there():
    draft = make_draft()
    bob = make_client(make_user("bob", "Lead", inboxes=[Inbox.objects.get(inbox_id=2)]))

    assert [row["id"] for row in bob.get(DRAFTS).json()["results"]] == [draft.pk]
    assert approve(bob, draft).status_code == 200


def test_the_queue_has_the_promised_fields(lead):
    draft = make_draft()
    decisions.claim(draft, by=make_lead("bob"), now=timezone.now())

    (row,) = lead.get("/api/v1/queue/").json()["results"]

    assert set(row) == {
        "source",
        "conversation_id",
        "waiting_since",
        "reply_due_at",
        "window_closes_at",
        "review_due_at",
        "draft",
        "no_draft",
        "may_fit",
        "language",
        "claimed_by",
        "conversation_status",
        "looks_automatic",
    }
    assert (row["conversation_id"], row["draft"], row["claimed_by"]) == (7, draft.pk, "bob")
    assert (row["conversation_status"], row["looks_automatic"]) == ("open", False)


def test_the_queue_shows_who_waits_without_a_draft(lead):
    deliver(message_event(conversation=conversation_object()), now=timezone.now() - timedelta(minutes=1))
    make_inbox()

    (row,) = lead.get("/api/v1/queue/").json()["results"]

    assert (row["draft"], row["claimed_by"], row["window_closes_at"], row["review_due_at"]) == (None,) * 4


def test_articles_are_found_by_their_words(lead, seeded):
    found = lead.get("/api/v1/articles/search/", {"q": "forgot my password"}).json()["results"]

    assert found[0]["slug"] == "reset-password"
    assert 0 < found[0]["confidence"] <= 1
    assert found[0]["language"] == "en"


def test_a_search_for_nothing_is_400(lead):
    assert refused(lead.get("/api/v1/articles/search/", {"q": " "})) == (400, "invalid")


def test_the_schema_describes_every_path(client, db):
    described = client.get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json").json()["paths"]

    assert {"/api/v1/drafts/{id}/approve/", "/api/v1/queue/", "/api/v1/deliveries/{id}/replay/"} <= set(
        described
    )
