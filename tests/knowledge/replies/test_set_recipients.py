"""Whom a reply by e-mail goes to: changed before approval, frozen with it, and sent to nobody else."""

import pytest

from knowledge.models import Draft
from knowledge.replies import decisions
from tests.factories import (  # fmt: skip
    GRADES,
    NOW,
    conversation_object,
    deliver,
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    message_event,
)
from tests.knowledge.replies.deciding import approve, refusal
from webhooks.models import Message

pytestmark = pytest.mark.django_db
OURS, ADA, BOB, EVE = "help@acme.example", "ada@example.com", "bob@example.com", "eve@example.com"


@pytest.fixture
def draft(db) -> Draft:
    make_inbox(channel="Channel::Email", email=OURS)
    mail = {"from": [ADA], "to": [OURS], "cc": [BOB]}
    about = conversation_object(channel="Channel::Email")
    deliver(message_event(100, conversation=about, content_attributes={"email": mail}))
    return make_draft(Message.objects.get(message_id=100))


def change(draft: Draft, *, to=(ADA,), cc=(), revision: int | None = None, by=None) -> Draft:
    decisions.set_recipients(
        draft, to=to, cc=cc, by=by or make_lead(), revision=revision or draft.revision, now=NOW
    )
    return draft


def refused(draft: Draft, **asked) -> str:
    with pytest.raises(decisions.Refused) as caught:
        change(draft, **asked)
    assert caught.value.code == "recipients"
    return caught.value.detail


def test_it_is_prefilled_with_everybody_but_ourselves(draft):
    assert (draft.recipients["to"], draft.recipients["cc"]) == ([ADA], [BOB])


def test_a_person_changes_whom_it_goes_to(draft):
    change(draft, to=[BOB], cc=[EVE])

    assert draft.recipients == {"contact_id": 5, "to": [BOB], "cc": [EVE]}


def test_a_change_moves_the_revision_on_and_is_audited(draft):
    lead = make_lead()

    change(draft, cc=[EVE], by=lead)

    event = draft.events.get(action="recipients")
    assert (draft.revision, event.by, event.detail) == (2, lead, f"To {ADA}; CC {EVE}")


def test_setting_what_is_set_already_changes_nothing(draft):
    change(draft, to=[ADA], cc=[BOB])

    assert (draft.revision, draft.events.filter(action="recipients").exists()) == (1, False)


def test_who_approves_without_having_seen_the_change_is_refused(draft):
    change(draft, cc=[])

    assert refusal(decisions.approve, draft, by=make_lead(), revision=1, grades=GRADES) == "revision_changed"


def test_of_two_changes_at_once_one_holds(draft):
    stale = Draft.objects.get(pk=draft.pk)
    change(draft, cc=[EVE])

    assert (
        refusal(decisions.set_recipients, stale, to=[BOB], cc=[], by=make_lead(), revision=1)
        == "revision_changed"
    )
    assert Draft.objects.get().recipients["to"] == [ADA]


def test_the_approval_freezes_them(draft):
    approve(change(draft, to=[BOB], cc=[]))
    Draft.objects.update(recipients={"to": [EVE]})

    draft.refresh_from_db()
    assert draft.approved_recipients == {"contact_id": 5, "to": [BOB], "cc": []}


def test_after_the_decision_they_stay(draft):
    approve(draft)

    assert (
        refusal(decisions.set_recipients, draft, to=[EVE], cc=[], by=make_lead(), revision=1)
        == "already_decided"
    )


def test_an_address_is_named_once(draft):
    change(draft, to=[ADA, " ADA@example.com "], cc=[BOB, ADA, BOB, ""])

    assert (draft.recipients["to"], draft.recipients["cc"]) == ([ADA], [BOB])


@pytest.mark.parametrize(
    "address",
    ["bob", "bob@", "@example.com", "Bob <bob@example.com>", "bob@example.com, eve@example.com", '"a,b"@example.com',
     "bob@example.com\nBcc: eve@example.com", "bob@exa mple.com", "bob@example.com;", "x" * 250 + "@example.com", "bob@host"],
)  # fmt: skip
def test_what_is_no_address_is_named_and_refused(draft, address):
    detail = refused(draft, cc=[address])

    assert address[:20].strip() in detail
    assert Draft.objects.get().recipients["cc"] == [BOB]


def test_somebody_must_get_it(draft):
    assert "To" in refused(draft, to=[" "], cc=[BOB])


def test_it_does_not_go_to_ourselves(draft):
    assert "own address" in refused(draft, cc=["HELP@acme.example"])


def test_a_reply_has_not_hundreds_of_readers(draft):
    assert "The limit is 50" in refused(draft, cc=[f"p{number}@example.com" for number in range(50)])


def test_a_chat_has_no_recipients():
    assert "Only email replies" in refused(make_draft())


def test_an_approval_by_the_api_carries_no_recipients(draft):
    client = make_client(make_user("lena", "Lead"))

    asked = GRADES | {
        "revision": 1,
        "to": [EVE],
        "approved_recipients": {"to": [EVE]},
    }
    answer = client.post(f"/api/v1/drafts/{draft.pk}/approve/", asked, format="json")

    assert answer.json()["approved_recipients"]["to"] == [ADA]
