"""A forgotten holiday: a recalculation is previewed, needs a reason, is recorded, and alerts nobody."""

from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from knowledge.calendars import inbox_calendars
from knowledge.models import BusinessCalendar, EscalationRule
from reports import sla
from reports.clocks import breach_digest, clocks, recalculation
from reports.models import Clock, Recalculation, SLAAlert, SLAPolicy
from reports.policies import versions
from tests.factories import NOW, later, make_inbox, make_user
from tests.reports.clocks.test_clocks import answered, changed, hear, rows, wrote
from tests.webhooks.people import PEOPLE, sign_in
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db
HOUR = 3600
THEN = NOW + timedelta(days=1)
SINCE = NOW - timedelta(hours=9)
NEW, DONE = "admin:reports_recalculation_new", "admin:reports_recalculation_changelist"


@pytest.fixture
def calendar(seeded) -> BusinessCalendar:
    """Monday the 23rd was a holiday, and nobody had entered it: it is by now."""
    make_inbox()
    return BusinessCalendar.objects.get()


def forgotten(calendar: BusinessCalendar, **facts) -> BusinessCalendar:
    facts = facts or {"closures": [{"date": "2026-11-23", "name": "Forgotten"}]}
    return inbox_calendars.change(calendar, facts)


def missed_on_the_holiday() -> None:
    hear(wrote(), answered(at=2 * HOUR), at=2 * HOUR)


def recalculate(calendar: BusinessCalendar, **facts) -> Recalculation:
    asked = {"since": SINCE, "version": calendar.version, "reason": "Forgotten", "now": THEN} | facts
    return recalculation.apply(calendar, by=asked.pop("by", None) or make_user("mia", "Manager"), **asked)


def first() -> tuple:
    return rows("state", "due_at", "calendar_version")[0]


def test_a_holiday_entered_later_moves_nothing_by_itself(calendar):
    missed_on_the_holiday()

    forgotten(calendar)
    clocks.keep_up(Conversation.objects.get(), versions.all_versions(), now=THEN)

    assert first() == ("missed", later(HOUR), 1)


def test_the_changes_are_previewed_before_anything_changes(calendar):
    missed_on_the_holiday()

    found = recalculation.difference(forgotten(calendar), since=SINCE, now=THEN)

    assert ("first_response", "missed", "met", 1) in found.transitions
    assert first()[0] == "missed"


def test_a_recalculated_clock_has_the_newest_hours(calendar):
    missed_on_the_holiday()

    kept = recalculate(forgotten(calendar))

    assert first() == ("met", NOW + timedelta(days=1, hours=1), 2)
    assert (kept.reason, kept.by.username, kept.clocks) == ("Forgotten", "mia", 2)


def test_a_clock_calculated_from_scratch_later_is_the_same(calendar):
    missed_on_the_holiday()
    recalculate(forgotten(calendar))
    known = rows(*clocks.SAME)

    Clock.objects.all().delete()
    clocks.keep_up(Conversation.objects.get(), versions.all_versions(), now=THEN)

    assert rows(*clocks.SAME) == known


def test_clocks_that_started_earlier_keep_what_they_had(calendar):
    missed_on_the_holiday()

    found = recalculation.difference(forgotten(calendar), since=later(1), now=THEN)

    assert found.changes == []


def test_a_version_that_is_newer_still_keeps_its_time(calendar):
    missed_on_the_holiday()
    recalculate(forgotten(calendar))
    newest = forgotten(calendar, zone="Europe/Berlin")

    (policy,) = versions.all_versions()

    assert policy.hours.at(2, NOW)[0] == 2
    assert policy.hours.at(2, datetime.now(NOW.tzinfo) + timedelta(seconds=1))[0] == newest.version


def test_only_the_clocks_of_an_inbox_with_its_own_hours_are_recalculated(calendar):
    own = BusinessCalendar.objects.create(name="Shop", zone="UTC", weekly=calendar.weekly)
    inbox_calendars.keep(own, [make_inbox(inbox_id=9)])
    missed_on_the_holiday()
    hear(wrote(200, id=9, inbox_id=9))

    found = recalculation.difference(forgotten(own), since=SINCE, now=THEN)

    assert {one.conversation.display_id for one in found.changes} == {9}


def test_a_clock_that_another_policy_took_over_is_recalculated_by_the_hours_it_began_in(calendar):
    """Its last policy counts every hour; half an hour of it was counted in the calendar that is wrong."""
    SLAPolicy.objects.create(
        name="VIP", order=1, conditions={"labels": ["vip"]}, first_response_s=600, next_response_s=600,
        resolution_s=HOUR, valid_from=NOW - timedelta(days=1),
    )  # fmt: skip
    hear(wrote(), changed(HOUR / 2, changes={"label_list": ([], ["vip"])}, labels=["vip"]), at=HOUR / 2)

    found = recalculation.difference(forgotten(calendar), since=SINCE, now=THEN)

    assert ("first_response", later(HOUR / 2)) in {
        (one.before.metric, one.before.due_at) for one in found.changes
    }


def test_an_inbox_that_kept_the_calendar_once_is_recalculated(calendar):
    own = BusinessCalendar.objects.create(name="Shop", zone="UTC", weekly=calendar.weekly)
    inbox_calendars.keep(own, [make_inbox(inbox_id=9)])
    hear(wrote(200, id=9, inbox_id=9))
    inbox_calendars.keep(own, [])

    found = recalculation.difference(forgotten(own), since=SINCE, now=THEN)

    assert {one.conversation.display_id for one in found.changes} == {9}


def test_what_it_makes_late_alerts_nobody_and_is_escalated_by_no_rule(calendar):
    """Hours that were longer than entered: what seemed to have time is late."""
    EscalationRule.objects.filter(on=EscalationRule.On.BREACH).update(enabled=True)
    hear(wrote(at=-2 * HOUR), at=HOUR - 60)
    longer = forgotten(calendar, weekly=calendar.weekly | {"mon": [["06:00", "17:00"]]})

    recalculate(longer, now=later(HOUR - 60))

    assert first()[:2] == ("missed", later(-HOUR))
    assert breach_digest.notice(now=later(HOUR)) == 0
    assert not SLAAlert.objects.filter(notified_at=None).exists()


REFUSED = [
    ({"version": 1}, "changed since the preview"),
    ({"since": THEN}, "today or an earlier day"),
    ({"since": later(1)}, "no clock"),
]


@pytest.mark.parametrize(("facts", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_is_refused_with_what_to_do(calendar, facts, said):
    missed_on_the_holiday()

    with pytest.raises(recalculation.CannotRecalculate, match=said):
        recalculate(forgotten(calendar), **facts)

    assert first()[0] == "missed"
    assert not Recalculation.objects.exists()


def test_too_many_to_wait_for_are_refused(calendar, monkeypatch):
    monkeypatch.setattr(recalculation, "MOST", 0)
    missed_on_the_holiday()

    with pytest.raises(recalculation.CannotRecalculate, match="Choose a later day"):
        recalculation.difference(calendar, since=SINCE, now=THEN)


# The page


def asked(calendar: BusinessCalendar, **facts) -> dict:
    return {"calendar": calendar.pk, "since": "2026-11-23", "version": calendar.version} | facts


def test_a_manager_sees_the_difference_says_why_and_it_is_done(calendar):
    missed_on_the_holiday()
    calendar, client = forgotten(calendar), sign_in("Manager")

    shown = client.get(reverse(NEW), asked(calendar)).content.decode()
    done = client.post(reverse(NEW), asked(calendar, reason="St. Forgotten"), follow=True).content.decode()

    assert "Recalculate 2 clocks" in shown
    assert "2 clocks recalculated. No alerts were sent." in done
    assert "St. Forgotten" in done
    assert "St. Forgotten" in LogEntry.objects.get().change_message


def test_without_a_reason_nothing_is_done(calendar):
    missed_on_the_holiday()

    answer = sign_in("Manager").post(reverse(NEW), asked(forgotten(calendar), reason=""))

    assert (answer.status_code, first()[0]) == (400, "missed")
    assert "Enter a reason" in answer.content.decode()


@pytest.mark.parametrize("person", PEOPLE)
def test_only_managers_recalculate(calendar, person):
    missed_on_the_holiday()

    sign_in(person).post(reverse(NEW), asked(forgotten(calendar), reason="Because"))

    assert Recalculation.objects.exists() is (person in ("Manager", "superuser"))


def test_people_who_see_some_inboxes_cannot_recalculate(calendar, client):
    client.force_login(make_user("pat", "Manager", inboxes=[]))

    assert client.get(reverse(NEW)).status_code == 403
    assert client.get(reverse(DONE)).status_code == 403


def test_metrics_are_shown_by_their_names(calendar):
    missed_on_the_holiday()
    recalculate(forgotten(calendar))

    page = sign_in("Manager").get(reverse(DONE)).content.decode()

    assert "first response" in page
    assert sla.FIRST_RESPONSE not in page
