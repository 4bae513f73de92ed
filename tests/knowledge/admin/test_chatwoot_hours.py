"""Chatwoot's opening hours become an inbox's calendar."""

from typing import Any

import pytest
import responses

from knowledge.business_time import hours
from knowledge.calendars import chatwoot_hours, inbox_calendars
from knowledge.models import BusinessCalendar, InboxHours
from tests.factories import make_inbox
from tests.webhooks.people import sign_in
from webhooks.models import Inbox

LIST = "/admin/knowledge/businesscalendar/"


OFFICE = {day: [["09:00", "17:00"]] for day in hours.DAYS[:5]}


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
