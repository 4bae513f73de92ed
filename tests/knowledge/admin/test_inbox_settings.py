"""What a Manager decides for an inbox: greeting, signature, grading, notes, where escalations go."""

import re
from datetime import date

import pytest
from django.db import IntegrityError

from knowledge import inbox_settings
from knowledge.drafting import draft_request
from knowledge.learning import edits
from knowledge.models import DeskInbox, Draft, LearningSignal
from knowledge.models.grades import Kind
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
    make_draft,
    make_inbox,
    make_lead,
    make_source,
    make_user,
    make_waiting,
)
from tests.knowledge.replies.deciding import approve, flagged, refusal
from webhooks.models import KnownName

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NONE: dict = {}
LIST = "/admin/knowledge/deskinbox/"


@pytest.fixture
def inbox():
    return make_inbox()


def test_an_inbox_without_settings_has_the_defaults(inbox):
    desk = inbox_settings.of(inbox.pk)

    assert (desk.greeting, desk.signature, desk.mirror_notes, desk.grading) == ("", "", False, "all")


def test_no_inbox_at_all_has_them_too():
    assert inbox_settings.of(None).grading == "all"


# Greeting and signature


def drafted(question: str = "How do I reset my password?") -> str:
    found, _ = draft_request.draft_for(make_waiting(text=question), now=NOW)
    assert found
    return found[0]


def test_the_built_in_drafter_begins_and_ends_as_the_inbox_does(seeded, inbox):
    inbox_settings.keep(inbox, greeting="Ahoy {name}!", signature="The crew\nAcme {Ltd}")

    text = drafted()

    assert text.startswith("Ahoy Ada!\n\n")
    assert text.endswith("\n\nThe crew\nAcme {Ltd}")


def test_without_them_it_greets_by_language(seeded, inbox):
    text = drafted()

    assert text.startswith("Hi Ada,\n\nThanks for writing to us.\n\n")
    assert text.endswith("\n\nBest regards,\nYour support team")


@pytest.mark.parametrize(
    ("question", "greeting", "begins"),
    [
        ("How do I reset my password?", "Hey {name},", "Hey Ada,\n\nYou can set a new password"),
        (
            "Bitte, wann kommt das Paket an?",
            "Moin {name},",
            "Moin Ada,\n\nBestellungen verlassen unser Lager",
        ),
        ("Mein Artikel ist beschädigt, bitte helfen", "Moin {name},", "Moin Ada,\n\ndas tut uns leid"),
        ("Mein Artikel ist beschädigt, bitte helfen", "Moin {name}!", "Moin Ada!\n\nDas tut uns leid"),
    ],
)
def test_an_article_goes_on_after_the_inboxs_greeting_as_its_language_wants_it(
    seeded, inbox, question, greeting, begins
):
    inbox_settings.keep(inbox, greeting=greeting)

    assert drafted(question).startswith(begins)


def test_they_are_part_of_what_is_approved(seeded, inbox):
    inbox_settings.keep(inbox, greeting="Ahoy {name}!", signature="The crew")

    draft = approve(make_draft(make_waiting(), text=drafted()))

    assert draft.approved_text.startswith("Ahoy Ada!")
    assert draft.approved_text.endswith("The crew")


def test_they_are_no_part_of_how_far_it_was_edited(inbox):
    inbox_settings.keep(inbox, greeting="Ahoy {name}!", signature="The crew\nBerth 12")
    draft = make_draft(text="Ahoy Ada!\n\nChoose Forgot password.\n\nThe crew\nBerth 12")

    approve(draft, text="Choose Forgot password.")

    signal = LearningSignal.objects.get()
    assert (signal.distance, signal.ratio, signal.kind) == (0, 0.0, Kind.NEW_PATTERN)


# Grading


def sampled(inbox, *, drawn: bool) -> Draft:
    """A draft that the sample leaves out, or takes."""
    inbox_settings.keep(inbox, grading="sample")
    message = make_waiting()
    pk = next(number for number in range(1000, 9999) if edits.drawn("grade", number, edits.SAMPLED) == drawn)
    draft = make_draft(message)
    draft.events.all().delete()
    Draft.objects.filter(pk=draft.pk).delete()
    draft.pk = pk
    draft.save(force_insert=True)
    return draft


def test_where_a_sample_is_graded_most_approvals_need_no_grades(inbox):
    draft = approve(sampled(inbox, drawn=False), grades=NONE)

    assert (draft.status, draft.tone) == ("APPROVED", None)


def test_a_draft_that_was_drawn_needs_them(inbox):
    draft = sampled(inbox, drawn=True)

    assert refusal(decisions.approve, draft, by=make_lead(), revision=1, grades=NONE) == "grades_required"


def test_an_edited_one_needs_them(inbox):
    draft = sampled(inbox, drawn=False)

    code = refusal(decisions.approve, draft, by=make_lead(), revision=1, grades=NONE, text="Other words.")

    assert code == "grades_required"


def test_a_flagged_one_needs_them(inbox):
    draft = flagged(sampled(inbox, drawn=False))

    assert refusal(decisions.approve, draft, by=make_lead(), revision=1, grades=NONE) == "grades_required"


def test_a_rejected_one_needs_them(inbox):
    draft = sampled(inbox, drawn=False)

    assert (
        refusal(decisions.reject, draft, by=make_lead(), revision=1, grades=NONE, reason="no")
        == "grades_required"
    )


def test_grades_that_are_given_are_given_whole(inbox):
    draft = sampled(inbox, drawn=False)

    assert (
        refusal(decisions.approve, draft, by=make_lead(), revision=1, grades={"tone": 5}) == "grades_required"
    )
    assert approve(draft, grades=GRADES).tone == 5


def test_where_everything_is_graded_none_goes_without(inbox):
    assert (
        refusal(decisions.approve, make_draft(), by=make_lead(), revision=1, grades=NONE) == "grades_required"
    )


# Its pages


@pytest.mark.parametrize(
    ("group", "status"), [("Agent", 403), ("Lead", 403), ("Manager", 200), ("Operator", 403)]
)
def test_managers_change_them(client, inbox, group, status):
    client.force_login(make_user("someone", group))

    assert client.get(LIST).status_code == status
    assert client.get(f"{LIST}{inbox.pk}/change/").status_code == status


def test_an_inbox_without_a_row_has_a_page_and_saving_makes_one(client, inbox):
    client.force_login(make_user("meg", "Manager"))

    form = {
        "greeting": "Ahoy {name}!",
        "signature": "",
        "grading": "sample",
        "mirror_notes": "on",
        "escalation_team": "4",
    }
    assert client.post(f"{LIST}{inbox.pk}/change/", form).status_code == 302

    desk = DeskInbox.objects.get()
    assert (desk.inbox, desk.greeting, desk.grading, desk.mirror_notes, desk.escalation_team) == (
        inbox, "Ahoy {name}!", "sample", True, 4,
    )  # fmt: skip


def test_what_was_changed_and_by_whom_stands_in_its_history(client, inbox):
    client.force_login(make_user("meg", "Manager"))
    client.post(f"{LIST}{inbox.pk}/change/", {"greeting": "Ahoy", "grading": "all"})

    assert "meg" in client.get(f"{LIST}{inbox.pk}/history/").content.decode()


@pytest.fixture
def named(inbox) -> None:
    for kind, number, name in (
        ("user", 2, "Maria"),
        ("user", 3, "Tom"),
        ("user", 4, "Tom"),
        ("team", 9, "Billing"),
    ):
        KnownName.objects.create(
            source=inbox.source, kind=kind, number=number, name=name, day=date(2026, 11, 1)
        )
    KnownName.objects.create(
        source=inbox.source, kind="team", number=9, name="Payments", day=date(2026, 11, 2)
    )


def test_teams_and_people_are_chosen_by_their_names(client, inbox, named):
    client.force_login(make_user("meg", "Manager"))

    page = client.get(f"{LIST}{inbox.pk}/change/").content.decode()

    offered = re.findall(r'<option value="(\d+)"[^>]*>([^<]+)<', page)
    assert offered == [("9", "Payments"), ("2", "Maria"), ("3", "Tom (3)"), ("4", "Tom (4)")]


def test_a_chosen_team_is_saved_as_its_number(client, inbox, named):
    client.force_login(make_user("meg", "Manager"))

    client.post(f"{LIST}{inbox.pk}/change/", {"grading": "all", "escalation_team": "9"})

    assert DeskInbox.objects.get().escalation_team == 9


def test_a_number_that_nobody_has_named_stays_when_the_form_is_saved(client, inbox, named):
    inbox_settings.keep(inbox, escalation_assignee=77)
    client.force_login(make_user("meg", "Manager"))

    client.post(f"{LIST}{inbox.pk}/change/", {"grading": "sample", "escalation_assignee": "77"})

    assert (DeskInbox.objects.get().escalation_assignee, DeskInbox.objects.get().grading) == (77, "sample")


def test_a_team_of_another_account_is_no_choice(client, inbox, named):
    KnownName.objects.create(
        source=make_source("other"), kind="team", number=5, name="Theirs", day=date(2026, 11, 1)
    )
    client.force_login(make_user("meg", "Manager"))

    page = client.post(
        f"{LIST}{inbox.pk}/change/", {"grading": "all", "escalation_team": "5"}
    ).content.decode()

    assert "Theirs" not in page
    assert not DeskInbox.objects.exists()


def test_escalations_go_to_a_team_or_a_person(client, inbox):
    client.force_login(make_user("meg", "Manager"))

    answer = client.post(
        f"{LIST}{inbox.pk}/change/", {"grading": "all", "escalation_team": "4", "escalation_assignee": "2"}
    )

    assert "Choose a team or an agent, not both" in answer.content.decode()
    assert not DeskInbox.objects.exists()


def test_the_database_keeps_to_that_too(inbox):
    with pytest.raises(IntegrityError):
        inbox_settings.keep(inbox, escalation_team=4, escalation_assignee=2)


def test_a_manager_does_not_see_the_settings_of_others_inboxes(client, inbox):
    other = make_inbox(inbox_id=9)
    client.force_login(make_user("meg", "Manager", inboxes=[other]))

    assert "Inbox 2" not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{inbox.pk}/change/").status_code == 302  # as for one that is not there


def test_without_an_inbox_the_list_says_where_they_come_from(client):
    client.force_login(make_user("meg", "Manager"))

    assert "appear when a Chatwoot account is connected" in client.get(LIST).content.decode()
