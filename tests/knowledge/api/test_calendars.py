"""/api/v1/calendars/: read by the desk, written by Managers, versioned, validated."""

import pytest

from knowledge.models import BusinessCalendar
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
CALENDARS = "/api/v1/calendars/"
WEEKLY = {"mon": [["09:00", "12:00"], ["13:00", "17:00"]], "sat": [["22:00", "24:00"]]}
WHOLE = {
    "name": "Bavaria", "zone": "Europe/Berlin", "always_open": False, "weekly": WEEKLY, "holidays_country": "DE",
    "holidays_subdivision": "BY", "closures": [{"date": "2026-12-24", "name": "Christmas Eve"}],
    "openings": [{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}],
}  # fmt: skip


@pytest.fixture
def manager(seeded):
    return make_client(make_user("mia", "Manager"))


@pytest.fixture
def calendar(manager) -> BusinessCalendar:
    return BusinessCalendar.objects.get()


def patch(client, calendar: BusinessCalendar, body) -> object:
    return client.patch(f"{CALENDARS}{calendar.pk}/", body, format="json")


def test_a_calendar_is_made_and_answered_as_it_was_sent(manager):
    answer = manager.post(CALENDARS, WHOLE, format="json")

    made = BusinessCalendar.objects.get(name="Bavaria")
    assert answer.status_code == 201
    assert answer.json() == WHOLE | {"id": made.pk, "version": 1}


def test_a_calendar_needs_a_name_and_its_hours(manager):
    answer = manager.post(CALENDARS, {"name": "Office", "weekly": WEEKLY}, format="json").json()

    assert (answer["zone"], answer["closures"], answer["holidays_country"]) == ("UTC", [], "")


def test_calendars_are_listed(manager, calendar):
    rows = manager.get(CALENDARS).json()["results"]

    assert [row["id"] for row in rows] == [calendar.pk]


def test_one_calendar_is_read(manager, calendar):
    assert manager.get(f"{CALENDARS}{calendar.pk}/").json()["name"] == "Support hours"


def test_an_edit_takes_the_version_on(manager, calendar):
    answer = patch(manager, calendar, {"weekly": WEEKLY, "version": 1})

    assert (answer.status_code, answer.json()["weekly"], answer.json()["version"]) == (200, WEEKLY, 2)


def test_an_edit_names_who_made_it_in_the_history(manager, calendar):
    patch(manager, calendar, {"weekly": WEEKLY})

    assert calendar.history.latest().history_user.username == "mia"


def test_an_edit_that_changes_nothing_keeps_the_version(manager, calendar):
    assert patch(manager, calendar, {"zone": calendar.zone}).json()["version"] == 1


def test_an_edit_of_an_older_version_is_refused(manager, calendar):
    patch(manager, calendar, {"weekly": WEEKLY})

    answer = patch(manager, calendar, {"name": "Late", "version": 1})

    calendar.refresh_from_db()
    assert (answer.status_code, answer.json()["code"]) == (409, "version_changed")
    assert calendar.name == "Support hours"


REFUSED = [
    {"zone": "Mars/Olympus"},
    {"weekly": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}},
    {"weekly": {"mon": [["9am", "5pm"]]}},
    {"weekly": None},
    {"holidays_country": "XX"},
    {"holidays_country": "DE", "holidays_subdivision": "XX"},
    {"closures": [{"date": "tomorrow"}]},
    {"openings": [{"date": "2026-12-27"}]},
    {"name": ""},
    {"hours": WEEKLY},
    {"is_default": True},
]


@pytest.mark.parametrize("facts", REFUSED, ids=str)
def test_what_makes_no_sense_is_refused_naming_the_field(manager, calendar, facts):
    answer = patch(manager, calendar, facts)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [list(facts)[-1]]
    assert answer.json()["detail"]


@pytest.mark.parametrize("body", [[], "x", [1], None], ids=str)
def test_what_is_no_object_is_refused(manager, calendar, body):
    assert patch(manager, calendar, body).status_code in (200, 400)


def test_a_version_that_is_no_number_is_refused(manager, calendar):
    assert patch(manager, calendar, {"name": "x", "version": "new"}).status_code == 400


def test_a_name_that_is_taken_is_refused(manager, calendar):
    assert manager.post(CALENDARS, WHOLE | {"name": calendar.name}, format="json").status_code == 400


def test_closing_a_day_that_is_opened_specially_is_refused(manager, calendar):
    patch(manager, calendar, {"openings": [{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}]})

    answer = patch(manager, calendar, {"closures": [{"date": "2026-12-27", "name": ""}]})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("group", "reads", "writes"),
    [("Agent", 200, 403), ("Lead", 200, 403), ("Manager", 200, 200), ("Operator", 403, 403)],
)
def test_the_desk_reads_and_managers_write(seeded, group, reads, writes):
    calendar, client = BusinessCalendar.objects.get(), make_client(make_user("pat", group))

    assert client.get(f"{CALENDARS}{calendar.pk}/").status_code == reads
    assert patch(client, calendar, {"name": "Ours"}).status_code == writes


def test_no_calendar_is_deleted_by_a_program(manager, calendar):
    assert manager.delete(f"{CALENDARS}{calendar.pk}/").status_code == 405


def test_without_a_token_nothing_is_read(client, seeded):
    assert client.get(CALENDARS).status_code == 401


def test_of_two_who_take_a_name_at_once_one_is_refused(manager, calendar, monkeypatch):
    monkeypatch.setattr(
        "rest_framework.validators.qs_exists", lambda rows: False
    )  # both looked before either wrote

    made = manager.post(CALENDARS, WHOLE | {"name": calendar.name}, format="json")
    other = manager.post(CALENDARS, WHOLE, format="json").json()["id"]
    renamed = manager.patch(f"{CALENDARS}{other}/", {"name": calendar.name}, format="json")

    assert [(one.status_code, one.json()["code"]) for one in (made, renamed)] == [(400, "unique")] * 2
