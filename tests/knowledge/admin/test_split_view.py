"""The queue with the chosen reply beside it: the same reply as on its own page, and every button leads back to the list."""

import re
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Draft
from knowledge.queue import assignments
from knowledge.replies import decisions
from tests.factories import GRADES, make_inbox, make_lead, make_user
from tests.knowledge.admin.pressing import at, page_of, reread, signed_in
from tests.knowledge.admin.test_queue_page import drafted, key_of, url, wrote
from webhooks.accounts import profiles
from webhooks.models import Conversation, Delivery

pytestmark = pytest.mark.django_db
GERMAN = {"text": "Wo ist meine Bestellung? Ich bitte um eine Antwort."}


@pytest.fixture
def maria(seeded):
    return make_lead("maria")


def beside(shown: str, query: str = "") -> str:
    return f"{url()}?{query}{'&' if query else ''}{shown}"


def opened(user, address: str, **headers) -> str:
    return signed_in(user).get(address, headers=headers).content.decode()


def pressed(user, draft: Draft, verb: str, query: str = "", **fields):
    """A button of the pane: its form's address says which filter the list beside it has."""
    typed = {"revision": draft.revision, "text": draft.body} | fields
    return signed_in(user).post(f"{at(draft, verb)}?pane={query}", typed)


def without_draft(number: int) -> Conversation:
    wrote(number)
    Delivery.objects.filter(event="draft.request").update(status="DONE", next_attempt_at=None)
    return Conversation.objects.get(display_id=number)


def test_the_list_and_the_reply_are_one_page(maria):
    draft = drafted(7)

    page = opened(maria, beside(f"draft={draft.pk}"))

    assert 'id="row-' in page
    assert 'id="decision"' in page
    assert f'data-here="{beside(f"draft={draft.pk}")}"' in page


def test_an_open_queue_gets_the_pane_alone(maria):
    draft = drafted(7)

    pane = opened(maria, beside(f"draft={draft.pk}"), **{"X-Fragment": "pane"})

    assert ('id="decision"' in pane, "<html" in pane, 'id="row-' in pane) == (True, False, False)


def test_the_pane_and_the_page_show_the_same_reply(maria):
    draft, client = drafted(7), signed_in(maria)

    def reply(address: str) -> str:
        found = client.get(address).content.decode()
        found = found[found.index('<div class="s-desk"') : found.index('<dialog class="s-panel s-insert"')]
        found = re.sub(r'value="[\w]{64}"', "", found)
        found = re.sub(r'\?(pane=)?(?=["&])', "", found)  # where a form leads back to
        return re.sub(r"\d+ s ago|just now", "", found)

    assert reply(page_of(draft)) == reply(beside(f"draft={draft.pk}"))


def test_a_row_leads_to_its_page_and_names_its_pane_with_the_filter(maria):
    draft = drafted(7)

    page = opened(maria, url() + "?state=ready")

    assert f'href="{page_of(draft)}" data-pane="{url()}?state=ready&amp;draft={draft.pk}"' in page


def test_a_customer_without_a_draft_is_answered_in_the_pane(maria):
    about = without_draft(7)

    pane = opened(maria, beside(f"conversation={about.pk}"), **{"X-Fragment": "pane"})

    assert all(
        words in pane for words in ("Draft now", "No reply needed", "Resolve without a reply", "Your reply")
    )


def test_nobody_sees_the_reply_of_an_inbox_that_is_not_theirs(maria):
    draft, about = drafted(7), without_draft(8)
    charlie = signed_in(make_user("charlie", "Lead", inboxes=[make_inbox(inbox_id=3)]))

    answers = [charlie.get(beside(f"draft={draft.pk}")), charlie.get(beside(f"conversation={about.pk}"))]

    assert [answer.status_code for answer in answers] == [404, 404]


VERBS = {
    "save": ({}, "draft"),
    "take-over": ({"reason": "She asked me."}, "draft"),
    "undo": ({}, "draft"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_button_of_the_pane_leads_back_to_the_pane_and_its_filter(maria, verb):
    draft = drafted(7)
    if verb == "undo":
        decisions.approve(draft, by=maria, revision=draft.revision, grades=GRADES, now=timezone.now())

    answer = pressed(maria, draft, verb, "state%3Dready", **VERBS[verb][0])

    assert answer.headers["Location"] == beside(f"draft={draft.pk}", "state=ready")


def test_a_refused_button_shows_the_list_too_and_loses_nothing(maria):
    draft = drafted(7)

    answer = pressed(maria, draft, "approve", text="Typed with care.")

    page = answer.content.decode()
    assert (answer.status_code, 'id="row-' in page, "Typed with care." in page) == (400, True, True)


@pytest.mark.parametrize(
    ("verb", "fields"),
    [("approve", GRADES), ("reject", GRADES | {"note": "Wrong."}), ("escalate", {"reason": "May I?"})],
)
def test_a_decision_opens_the_next_customer_of_the_filter_beside(maria, verb, fields):
    draft, _, after = drafted(7, age=300), drafted(8, age=200, **GERMAN), drafted(9, age=100)

    answer = pressed(maria, draft, verb, "language%3Den", **fields)

    assert answer.headers["Location"] == beside(f"draft={after.pk}", "language=en")
    assert reread(after).claimed_by == maria


def test_a_decision_never_opens_what_another_person_has(maria):
    draft, theirs, free = drafted(7, age=300), drafted(8, age=200), drafted(9, age=100)
    decisions.claim(theirs, by=make_lead("bob"), now=timezone.now())

    answer = pressed(maria, draft, "approve", **GRADES)

    assert answer.headers["Location"] == beside(f"draft={free.pk}")


def test_after_the_last_one_the_list_stays_with_its_filter(maria):
    answer = pressed(maria, drafted(7), "approve", "state%3Dready", **GRADES)

    assert answer.headers["Location"] == f"{url()}?state=ready"


def test_a_person_may_stay_at_the_reply_that_they_approved(maria):
    profiles.choose(maria, zone="", leads_on=False)
    draft, _ = drafted(7, age=300), drafted(8)

    assert pressed(maria, draft, "approve", **GRADES).headers["Location"] == beside(f"draft={draft.pk}")


@pytest.mark.parametrize("chosen", [True, False])
def test_the_profile_keeps_whether_the_next_customer_is_opened(maria, chosen):
    sent = {"time_zone": ""} | ({"leads_on": "on"} if chosen else {})

    signed_in(maria).post(reverse("admin:webhooks_profile_save"), sent)

    assert profiles.leads_on(type(maria).objects.get(pk=maria.pk)) is chosen


def test_undo_stays_within_reach_on_the_next_customers_page(maria, settings):
    settings.UNDO_SECONDS = 60
    draft, _ = drafted(7, age=300), drafted(8)
    client = signed_in(maria)

    page = client.post(
        f"{at(draft, 'approve')}?pane=",
        {"revision": draft.revision, "text": draft.body, **GRADES},
        follow=True,
    ).content.decode()
    offered = client.get(reverse("admin:knowledge_draft_undoable") + "?pane=").content.decode()

    assert f'data-undo-until="{reread(draft).send_after.isoformat()}"' in page
    assert f'action="{at(draft, "undo")}?pane="' in offered


@pytest.mark.parametrize("verb", ["no-reply", "resolve"])
def test_a_dismissal_in_the_pane_opens_the_next_customer_there(maria, verb):
    about, after = without_draft(7), drafted(8)

    answer = signed_in(maria).post(reverse(f"admin:webhooks_conversation_{verb}", args=[about.pk]) + "?pane=")

    assert answer.headers["Location"] == beside(f"draft={after.pk}")


def test_a_reply_written_in_the_pane_becomes_its_draft_there(maria):
    about = without_draft(7)

    where = reverse("admin:webhooks_conversation_propose", args=[about.pk]) + "?pane="
    answer = signed_in(maria).post(where, {"text": "Dear customer, we look into it."})

    assert answer.headers["Location"] == beside(f"draft={Draft.objects.get().pk}")


def test_taking_the_next_from_the_list_opens_it_in_the_pane(maria):
    draft = drafted(7)

    answer = signed_in(maria).post(url("next") + "?pane=state%3Dready")

    assert answer.headers["Location"] == beside(f"draft={draft.pk}", "state=ready")


# Two people


def test_opening_in_the_pane_claims_nothing_and_assigns_nothing(maria):
    draft, about = drafted(7), without_draft(8)

    for shown in (f"draft={draft.pk}", f"conversation={about.pk}"):
        opened(maria, beside(shown), **{"X-Fragment": "pane"})

    assert reread(draft).claimed_by is None
    assert not about.assignments.exists()


def test_the_row_and_the_pane_say_who_else_views_a_reply(maria):
    draft, bob = drafted(7), make_lead("bob")
    opened(maria, beside(f"draft={draft.pk}"), **{"X-Fragment": "pane"})

    page = opened(bob, beside(f"draft={draft.pk}"))

    assert ("maria is viewing</span>" in page, "maria is viewing this draft." in page) == (True, True)
    assert "bob is viewing" not in page


def test_an_open_page_learns_who_came_later(maria):
    draft, bob = drafted(7), make_lead("bob")
    opened(bob, page_of(draft))

    answer = signed_in(maria).get(f"{at(draft, 'state')}?&status=PROPOSED&revision={draft.revision}&mine=1")

    assert (answer.status_code, "bob is viewing this draft." in answer.headers["HX-Trigger"]) == (204, True)


def types(person, draft: Draft) -> str:
    """Who has the claim, as the page of this person says; "" for themselves."""
    sent = {"text": f"From {person}", "revision": draft.revision}
    return signed_in(person).post(at(draft, "autosave"), sent).json()["holder"]


def test_of_two_who_opened_it_the_first_to_type_claims_it_and_the_other_is_told(maria):
    draft, bob = drafted(7), make_lead("bob")
    for person in (maria, bob):
        opened(person, page_of(draft))

    assert (types(bob, draft), types(maria, draft)) == ("", "bob")
    assert reread(draft).claimed_by == bob


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_type_at_once_one_has_the_claim(maria):
    draft, people, holders, barrier = drafted(7), [maria, make_lead("bob")], {}, Barrier(2)

    def type_at_once(person) -> None:
        barrier.wait(10)
        try:
            holders[person.username] = types(person, draft)
        finally:
            connection.close()

    threads = [Thread(target=type_at_once, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    has = reread(draft).claimed_by.username
    assert holders == {person.username: "" if person.username == has else has for person in people}


def test_the_window_title_counts_the_rows_of_the_filter(maria):
    drafted(7)
    without_draft(8)

    assert "(1) Queue" in re.sub(r"\s+", " ", opened(maria, url() + "?state=ready"))


def test_selected_rows_are_assigned_without_leaving_the_filter(maria):
    drafted(7)
    sent = {"verb": "assign", "id": [key_of(7)], "owner": maria.pk, "query": "state=ready&draft=1"}

    assert signed_in(maria).post(url("selected"), sent).headers["Location"] == f"{url()}?state=ready"
    assert assignments.people().filter(pk=maria.pk).exists()
