"""Calendars as people edit and read them: the form, the words, the history, Chatwoot's hours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import responses
from django.contrib.auth.models import User
from django.urls import reverse

from knowledge.business_time import hours
from knowledge.business_time.arithmetic import Calendar
from knowledge.calendars import chatwoot_hours, display, inbox_calendars
from knowledge.models import BusinessCalendar, InboxHours
from tests.factories import make_inbox
from tests.webhooks.people import sign_in
from webhooks.models import Inbox

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


# Typed hours


@pytest.mark.parametrize(
    ("text", "ranges"),
    [("09:00-17:00", [["09:00", "17:00"]]), ("9-12, 13-17", [["09:00", "12:00"], ["13:00", "17:00"]]),
     ("9:30 – 17.15", [["09:30", "17:15"]]), ("9 to 5", [["09:00", "05:00"]]), ("22:00-06:00", [["22:00", "06:00"]]),
     ("9-24", [["09:00", "24:00"]]), ("all day", [["00:00", "24:00"]]), ("closed", []), ("  ", [])],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(text, ranges):
    assert hours.read(text) == ranges


@pytest.mark.parametrize("text", ["9am", "9", "25-26", "9-12 13-17", "9-12, 11-13", "9-17:99"])
def test_hours_that_cannot_be_read_are_refused_with_what_to_write(text):
    with pytest.raises(hours.Unclear):
        hours.read(text)


def test_what_is_written_is_read_again():
    ranges = [["09:00", "12:00"], ["22:00", "24:00"]]

    assert hours.read(hours.written(ranges)) == ranges


# Words


def office(**facts: Any) -> Calendar:
    return Calendar(ZoneInfo("Europe/Berlin"), hours.week_of(OFFICE), **facts)


@pytest.mark.parametrize(
    ("now", "words"),
    [("2026-11-23 10:00", "open until 17:00"), ("2026-11-23 08:00", "opens today 09:00"),
     ("2026-11-23 17:00", "opens tomorrow 09:00"), ("2026-11-27 18:00", "opens Monday 09:00")],
)  # fmt: skip
def test_a_calendar_says_whether_it_is_open_and_until_when(now, words):
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/Berlin"))

    assert display.status(office(), now=at) == words


def test_an_opening_far_ahead_has_its_date():
    closed = {date(2026, 12, 21) + timedelta(days=day): () for day in range(14)}
    at = datetime(2026, 12, 18, 18, tzinfo=UTC)

    assert display.status(office(special=closed), now=at) == "opens Mon 4 Jan 2027, 09:00"


def test_a_calendar_without_hours_says_that_it_stays_closed():
    never = Calendar(ZoneInfo("UTC"), ((),) * 7)

    assert display.status(never, now=datetime(2026, 11, 23, tzinfo=UTC)) == "never opens again"


def test_a_desk_that_never_closes_says_so():
    always = inbox_calendars.ALWAYS

    assert display.status(always, now=datetime(2026, 11, 23, tzinfo=UTC)) == "open around the clock"


@pytest.mark.parametrize(
    ("always", "weekly", "words"),
    [(False, OFFICE, "Mon-Fri 09:00-17:00"), (True, {}, "day and night"), (False, {}, "special openings only"),
     (False, {"mon": [["09:00", "12:00"]], "wed": [["09:00", "12:00"]], "sun": [["10:00", "14:00"]]},
      "Mon 09:00-12:00; Wed 09:00-12:00; Sun 10:00-14:00")],
)  # fmt: skip
def test_a_week_in_a_line(always, weekly, words):
    assert display.week(always, weekly) == words


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


# Chatwoot's hours


def chatwoot_day(
    number: int, start: int = 9, end: int = 17, minutes: int = 0, **facts: Any
) -> dict[str, Any]:
    return {
        "day_of_week": number, "closed_all_day": False, "open_all_day": False, "open_hour": start, "open_minutes": 0,
        "close_hour": end, "close_minutes": minutes,
    } | facts  # fmt: skip


def chatwoot_inbox(days: list[dict[str, Any]] | None = None, **facts: Any) -> dict[str, Any]:
    closed = {"closed_all_day": True, "open_hour": None, "close_hour": None}
    week = [chatwoot_day(0, **closed), *map(chatwoot_day, range(1, 6)), chatwoot_day(6, **closed)]
    return {
        "id": 2, "working_hours_enabled": True, "timezone": "America/New_York", "working_hours": days or week,
    } | facts  # fmt: skip


def take_over(inbox: Inbox, answer: dict[str, Any]) -> BusinessCalendar:
    with responses.RequestsMock() as mock:
        mock.get("http://chatwoot.test/api/v1/accounts/1/inboxes", json={"payload": [answer]})
        return chatwoot_hours.take_over(inbox)


def test_chatwoot_s_hours_become_the_inbox_s_calendar(db):
    inbox = make_inbox()

    made = take_over(inbox, chatwoot_inbox())

    assert (made.zone, made.weekly, made.always_open) == ("America/New_York", OFFICE, False)
    assert InboxHours.objects.get(inbox=inbox).calendar == made


def test_taken_over_again_a_change_is_a_version(db):
    inbox = make_inbox()
    take_over(inbox, chatwoot_inbox())

    again = take_over(inbox, chatwoot_inbox([chatwoot_day(1, 10, 16)]))

    assert (again.version, again.weekly) == (2, {"mon": [["10:00", "16:00"]]})


def test_holidays_added_here_outlast_taking_over_again(db):
    inbox = make_inbox()
    inbox_calendars.change(take_over(inbox, chatwoot_inbox()), {"holidays_country": "US"})

    assert take_over(inbox, chatwoot_inbox([chatwoot_day(1)])).holidays_country == "US"


def test_an_inbox_that_was_given_the_same_hours_here_keeps_them(db):
    inbox, other = make_inbox(), make_inbox(inbox_id=3)
    inbox_calendars.keep(take_over(inbox, chatwoot_inbox()), [inbox, other])

    taken = take_over(inbox, chatwoot_inbox())

    assert set(taken.inbox_hours.values_list("inbox", flat=True)) == {inbox.pk, other.pk}


def test_what_chatwoot_makes_of_midnight_is_midnight():
    assert chatwoot_hours.read(chatwoot_inbox([chatwoot_day(1, 18, 23, 59)]))["weekly"] == {
        "mon": [["18:00", "24:00"]]
    }


def test_open_all_day_every_day_is_always_open():
    days = [chatwoot_day(day, open_all_day=True) for day in range(7)]

    assert chatwoot_hours.read(chatwoot_inbox(days))["always_open"] is True


@pytest.mark.parametrize(
    ("answer", "words"),
    [(chatwoot_inbox(working_hours_enabled=False), "Switch them on there"), (chatwoot_inbox(timezone="Mars"), "time zone"),
     (chatwoot_inbox([{"day_of_week": 1}]), "cannot be read"), (chatwoot_inbox([chatwoot_day(9)]), "cannot be read"),
     (chatwoot_inbox([chatwoot_day(1, 99)]), "cannot be read"),
     (chatwoot_inbox([chatwoot_day(1, closed_all_day=True)]), "closed all week")],
)  # fmt: skip
def test_hours_that_cannot_be_taken_over_say_why(answer, words):
    with pytest.raises(chatwoot_hours.CannotTakeOver, match=words):
        chatwoot_hours.read(answer)


def test_a_manager_takes_over_on_the_list(seeded):
    inbox, client = make_inbox(), sign_in("Manager")

    with responses.RequestsMock() as mock:
        mock.get("http://chatwoot.test/api/v1/accounts/1/inboxes", json={"payload": [chatwoot_inbox()]})
        client.post(f"{LIST}from-chatwoot/", {"inbox": inbox.pk})

    assert InboxHours.objects.get().inbox == inbox


def test_a_chatwoot_that_does_not_answer_is_said_on_the_page(seeded):
    inbox, client = make_inbox(), sign_in("Manager")

    with responses.RequestsMock() as mock:
        mock.get("http://chatwoot.test/api/v1/accounts/1/inboxes", status=502)
        answer = client.post(f"{LIST}from-chatwoot/", {"inbox": inbox.pk}, follow=True)

    assert "Chatwoot could not be reached" in answer.content.decode()


@pytest.mark.parametrize("inbox", ["", "x", "999", "9" * 40])
def test_an_inbox_that_is_none_is_asked_for(seeded, inbox):
    answer = sign_in("Manager").post(f"{LIST}from-chatwoot/", {"inbox": inbox}, follow=True)

    assert "Choose an inbox" in answer.content.decode()


def test_a_lead_takes_nothing_over(seeded):
    assert sign_in("Lead").post(f"{LIST}from-chatwoot/", {"inbox": make_inbox().pk}).status_code == 403
