"""A comment stays among colleagues: kept here, one private note in Chatwoot if wanted, and a notice for who is mentioned."""

import pytest
import responses
from django.urls import reverse

from knowledge.models import Comment, Draft
from knowledge.replies import comments
from knowledge.replies.states import Refused
from tests.factories import NOW, later, make_draft, make_inbox, make_lead, make_user, make_waiting, run_due
from tests.knowledge.admin.pressing import page_of, signed_in
from webhooks.accounts import access
from webhooks.models import Delivery, Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(seeded):
    return make_lead("maria")


@pytest.fixture
def about(seeded):
    make_inbox()
    return make_waiting().conversation


def add(about, by, text="Please check the invoice.", in_chatwoot=False):
    return comments.add(about, by=by, text=text, in_chatwoot=in_chatwoot, now=NOW)


def notes():
    return Delivery.objects.filter(event="note.create", delivery_key__startswith="note.create:comment:")


@pytest.mark.parametrize("wanted", [True, False])
def test_a_comment_goes_to_chatwoot_only_if_the_person_wants_that(maria, about, wanted):
    add(about, maria, in_chatwoot=wanted)

    assert notes().count() == wanted


def posts(url: str) -> list:
    return [
        call.request for call in responses.calls if call.request.method == "POST" and url in call.request.url
    ]


@responses.activate
def test_a_comment_becomes_one_private_note_looked_up_before_a_second_call(maria, about):
    add(about, maria, in_chatwoot=True)
    where = f"{about.source.base_url}/api/v1/accounts/{about.source.account_id}/conversations/{about.display_id}/messages"
    key = notes().get().delivery_key
    there = {
        "id": 900,
        "content_attributes": {"support_note": key},
        "message_type": 1,
        "private": True,
        "created_at": 1,
    }
    responses.get(where, json={"payload": [], "meta": {}})
    responses.post(where, status=502)

    run_due("send", now=later(120))
    responses.replace(responses.GET, where, json={"payload": [there], "meta": {}})
    run_due("send", now=later(4000))

    sent = posts(where)
    assert len(sent) == 1
    assert notes().get().status == "DONE"


def test_a_mention_notifies_the_person_and_nobody_else(maria, about):
    bob, _ = make_lead("bob"), make_lead("paul")

    _, people, unknown = add(about, maria, "@bob, can you look? Write to a@paul.example. @maria")

    assert ([person.username for person in people], unknown) == (["bob", "maria"], [])
    assert [(row.user, row.kind) for row in Notice.objects.all()] == [(bob, "mention")]


def test_who_may_not_see_the_conversation_is_not_notified_and_named(maria, about):
    make_user("charlie", access.LEAD, inboxes=[make_inbox(inbox_id=99)])

    _, people, unknown = add(about, maria, "@charlie and @nobody: please.")

    assert (people, unknown) == ([], ["charlie", "nobody"])
    assert not Notice.objects.exists()


@pytest.mark.parametrize("text", ["", "  \r\n ", "x" * 1001])
def test_an_empty_or_endless_comment_is_refused(maria, about, text):
    with pytest.raises(Refused):
        add(about, maria, text)
    assert not Comment.objects.exists()


def test_a_notice_names_no_customer(maria, about):
    make_lead("bob")
    add(about, maria, "@bob call Jane Doe")

    assert "Jane" not in Notice.objects.get().text


def test_a_comment_beside_a_draft_is_shown_there_and_leads_back(maria, about):
    draft = make_draft(about.waiting_message)
    client = signed_in(maria)
    where = reverse("admin:webhooks_conversation_comment", args=[about.pk])

    answer = client.post(f"{where}?pane=", {"text": "Known <b>customer</b>.", "draft": draft.pk})

    assert answer.headers["Location"].endswith(f"/queue/?draft={draft.pk}")
    assert "Known &lt;b&gt;customer&lt;/b&gt;." in client.get(page_of(draft)).content.decode()
    assert (Comment.objects.get().in_chatwoot, Draft.objects.get().claimed_by) == (False, None)
