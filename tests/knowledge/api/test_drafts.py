"""GET /api/v1/drafts/: fields, filters and files; who may look there, at the queue and at articles (design, section 7)."""

import pytest
from django.utils import timezone

from knowledge.models import Attachment
from knowledge.replies import attachments
from tests.factories import (  # fmt: skip
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
)
from tests.knowledge.api.asking import DRAFTS, approve, propose, refused
from tests.knowledge.files.making import PDF, upload
from webhooks.models import Inbox

pytestmark = pytest.mark.django_db
FIELDS = (
    "id source conversation_id in_reply_to_message_id status revision body approved_text approved_recipients author confidence"
    " evidence risk grades created_at decided_at decided_by sent_message_id"
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


def test_the_schema_describes_every_path(client, db):
    described = client.get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json").json()["paths"]

    assert {"/api/v1/drafts/{id}/approve/", "/api/v1/queue/", "/api/v1/deliveries/{id}/replay/"} <= set(
        described
    )
