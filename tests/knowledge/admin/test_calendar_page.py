"""Calendars as people edit and read them: the form, the list, the preview, the history."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from knowledge.business_time import hours
from knowledge.calendars import inbox_calendars
from knowledge.models import BusinessCalendar, InboxHours
from tests.factories import make_inbox
from tests.webhooks.people import sign_in

LIST = "/admin/knowledge/businesscalendar/"


OFFICE = {day: [["09:00", "17:00"]] for day in hours.DAYS[:5]}


def page(calendar: BusinessCalendar, name: str = "change") -> str:
    return reverse(f"admin:knowledge_businesscalendar_{name}", args=[calendar.pk])


def fields(**facts: Any) -> dict[str, Any]:
    week = {f"weekly_{day}": "9-12, 13:00-17:00" if day in hours.DAYS[:5] else "" for day in hours.DAYS}
    return {
        "name": "Support hours", "zone": "Europe/Berlin", **week, "holidays_country": "", "holidays_subdivision": "",
        "closures": "", "openings": "",
    } | facts  # fmt: skip


@pytest.fixture
def calendar(seeded) -> BusinessCalendar:
    return BusinessCalendar.objects.get()


# The form


def test_a_calendar_is_made_from_what_is_typed(seeded):
    typed = fields(
        name="Munich", holidays_country="DE", holidays_subdivision="BY", closures="2026-12-24 Christmas Eve",
        openings="2026-12-27 10-14",
    )  # fmt: skip
    answer = sign_in("Manager").post(f"{LIST}add/", typed)

    made = BusinessCalendar.objects.get(name="Munich")
    assert answer.status_code == 302
    assert made.weekly == {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in hours.DAYS[:5]}
    assert made.closures == [{"date": "2026-12-24", "name": "Christmas Eve"}]
    assert made.openings == [{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}]
    assert (made.version, made.holidays_subdivision) == (1, "BY")


def test_saving_makes_a_version(calendar):
    sign_in("Manager").post(page(calendar), fields())

    calendar.refresh_from_db()
    assert (calendar.version, calendar.zone) == (2, "Europe/Berlin")


def test_saving_unchanged_makes_none(calendar):
    client = sign_in("Manager")
    client.post(page(calendar), fields())

    client.post(page(calendar), fields())

    calendar.refresh_from_db()
    assert calendar.version == 2


WRONG = [
    ("weekly_mon", "9am", "Monday: “9am” is not a time range"),
    ("weekly_tue", "9-12, 11-13", "Tuesday: 09:00-12:00 and 11:00-13:00 overlap"),
    ("weekly_wed", "9-9", "Wednesday: 09:00-09:00 has no length"),
    ("zone", "Mars/Olympus", "Select a valid choice"),
    ("closures", "tomorrow", "“tomorrow” is not a date"),
    ("openings", "2026-12-27", "2026-12-27 has no hours"),
    ("holidays_subdivision", "BY", "A region needs a country"),
]


@pytest.mark.parametrize(("field", "value", "words"), WRONG, ids=[row[0] for row in WRONG])
def test_a_form_that_makes_no_sense_is_shown_again_with_what_to_write(calendar, field, value, words):
    answer = sign_in("Manager").post(page(calendar), fields(**{field: value}))

    calendar.refresh_from_db()
    assert words in answer.content.decode()
    assert calendar.version == 1


def test_hours_that_cannot_be_read_are_not_called_missing_as_well(seeded):
    answer = sign_in("Manager").post(
        f"{LIST}add/", fields(name="New") | {f"weekly_{day}": "9am" for day in hours.DAYS}
    )

    assert "This calendar never opens" not in answer.content.decode()


def test_two_who_edit_at_once_do_not_overwrite_each_other(calendar):
    client = sign_in("Manager")
    seen = client.get(page(calendar)).context["adminform"].form.initial["seen_values"]
    client.post(page(calendar), fields(seen_values=seen))

    again = client.post(page(calendar), fields(seen_values=seen, zone="UTC"))

    calendar.refresh_from_db()
    assert (calendar.version, calendar.zone) == (2, "Europe/Berlin")
    assert "“Time zone” is now “Europe/Berlin”" in again.content.decode()


def test_choosing_inboxes_makes_no_version(calendar):
    client, inbox = sign_in("Manager"), make_inbox()
    client.post(page(calendar), fields())

    client.post(page(calendar), fields(inboxes=[inbox.pk]))

    calendar.refresh_from_db()
    assert (calendar.version, InboxHours.objects.get().inbox) == (2, inbox)


def test_an_inbox_that_the_editor_does_not_see_keeps_its_hours(calendar):
    client, hidden = sign_in("Manager"), make_inbox()
    membership = User.objects.get(username="Manager").membership
    membership.all_inboxes = False
    membership.save()
    inbox_calendars.keep(calendar, [hidden])

    client.post(page(calendar), fields())

    assert InboxHours.objects.get().inbox == hidden


# The pages


@pytest.mark.parametrize(
    ("who", "sees", "edits"),
    [
        ("Agent", 200, 403),
        ("Lead", 200, 403),
        ("Manager", 200, 302),
        ("Operator", 403, 403),
        ("nobody", 403, 403),
    ],
)
def test_the_desk_reads_and_managers_edit(calendar, who, sees, edits):
    client = sign_in(who)

    assert client.get(page(calendar)).status_code == sees
    assert client.post(page(calendar), fields()).status_code == edits


def test_a_lead_does_not_choose_the_default(calendar):
    assert sign_in("Lead").post(page(calendar, "make_default")).status_code == 403


def test_a_reader_sees_the_hours(calendar):
    shown = sign_in("Agent").get(page(calendar)).content.decode()

    assert "Mon-Fri 09:00-17:00" in shown
    assert "40 h in a regular week" in shown


def test_the_list_says_which_calendar_is_open_now(calendar):
    inbox_calendars.change(calendar, {"always_open": True})

    assert "Open around the clock" in sign_in("Agent").get(LIST).content.decode()


def test_the_preview_shows_the_holidays_of_a_form_that_is_not_saved(calendar):
    url = page(calendar, "preview_one")

    shown = (
        sign_in("Manager")
        .post(url, fields(holidays_country="DE", holidays_subdivision="BY"))
        .content.decode()
    )

    calendar.refresh_from_db()
    assert "Epiphany" in shown
    assert "35 h in a regular week" in shown
    assert calendar.version == 1


def test_the_preview_of_a_form_says_what_is_wrong(calendar):
    shown = sign_in("Manager").post(page(calendar, "preview_one"), fields(weekly_mon="9am")).content.decode()

    assert "Monday: “9am” is not a time range" in shown


def test_the_preview_of_a_new_calendar_needs_no_name(seeded):
    url = reverse("admin:knowledge_businesscalendar_preview")

    assert "35 h" in sign_in("Manager").post(url, fields(name="")).content.decode()


def test_the_history_says_what_each_version_changed(calendar):
    client = sign_in("Manager")
    client.post(page(calendar), fields(closures="2026-12-24 Upstream"))

    shown = client.get(page(calendar, "history")).content.decode()

    assert "Mon-Fri 09:00-12:00, 13:00-17:00" in shown
    assert "2026-12-24 Upstream" in shown


def test_another_calendar_becomes_the_default(calendar):
    other = BusinessCalendar.objects.create(name="Other", weekly=OFFICE)

    sign_in("Manager").post(page(other, "make_default"))

    assert BusinessCalendar.objects.get(is_default=True) == other


def test_the_default_has_no_way_to_be_deleted(calendar):
    assert sign_in("Manager").post(page(calendar, "delete"), {"post": "yes"}).status_code == 403
