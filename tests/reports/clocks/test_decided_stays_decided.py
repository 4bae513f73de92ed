"""What was decided stays decided: no late event, assignment, rename or deletion decides a past clock again."""

from datetime import timedelta

import pytest

from knowledge.calendars import inbox_calendars
from knowledge.models import BusinessCalendar
from reports.clocks import clocks
from reports.models import Clock, SLAPolicy
from reports.policies import versions
from tests.factories import NOW, later, make_inbox, make_source, message_event
from tests.reports.clocks.test_clocks import about, answered, changed, hear, resolved, rows, wrote
from webhooks.models import Conversation, Inbox

pytestmark = pytest.mark.django_db
HOUR, DAY = 3600, 86_400
WEEK = 7 * DAY
DECIDED = (
    "metric",
    "number",
    "state",
    "started_at",
    "due_at",
    "stopped_at",
    "business_seconds",
    "policy_id",
    "person",
    "team",
)


@pytest.fixture(autouse=True)
def _seeded(seeded) -> None:
    make_inbox()


def decided() -> list[tuple]:
    found = Clock.objects.filter(started_at__lt=NOW + timedelta(days=3), metric="first_response")
    return list(found.order_by("started_at", "metric").values_list(*DECIDED))


def nights() -> BusinessCalendar:
    """Open when nobody of the first week answered: what was missed would be met."""
    return BusinessCalendar.objects.create(
        name="Nights",
        zone="UTC",
        weekly={day: [["20:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    )


def missed() -> list[tuple]:
    hear(wrote(), answered(at=2 * HOUR), at=2 * HOUR)
    known = decided()
    assert known[0][2] == "missed"
    return known


def thanks(number: int = 300, at: float = 4 * WEEK, **facts) -> dict:
    return wrote(number, at, **facts)


def test_another_calendar_of_the_inbox_decides_nothing_again():
    known = missed()

    inbox_calendars.keep(nights(), [make_inbox()])
    hear(thanks(), at=4 * WEEK)

    assert decided() == known


def test_nor_does_one_that_is_taken_away():
    own = nights()
    inbox_calendars.keep(own, [make_inbox()])
    hear(wrote(), answered(at=2 * HOUR), at=2 * HOUR)
    known = decided()
    assert known[0][2] == "met"

    inbox_calendars.keep(own, [])
    hear(thanks(), at=4 * WEEK)

    assert decided() == known


def test_nor_does_another_default_calendar():
    """Its inbox kept its own hours as long as the policy's calendar was the default."""
    hours = BusinessCalendar.objects.get(is_default=True)
    inbox_calendars.keep(nights(), [make_inbox()])
    hear(wrote(), answered(at=2 * HOUR), at=2 * HOUR)
    known = decided()
    assert known[0][2] == "met"

    inbox_calendars.make_default(
        BusinessCalendar.objects.create(name="Other", zone="UTC", weekly=hours.weekly)
    )
    hear(thanks(), at=4 * WEEK)

    assert decided() == known


def test_the_calendar_an_inbox_was_first_given_serves_what_the_site_hears_of_later():
    inbox_calendars.keep(nights(), [make_inbox()])

    hear(wrote(), answered(at=2 * HOUR), at=2 * HOUR)

    assert decided()[0][2] == "met"


def test_a_calendar_that_is_kept_as_it_was_is_no_new_assignment():
    own = nights()
    for _ in range(3):
        inbox_calendars.keep(own, [make_inbox()])

    assert own.inbox_hours.model.history.count() == 1


def test_an_answer_deleted_weeks_later_changes_no_clock_and_queues_nobody():
    hear(wrote(), answered(at=HOUR), at=HOUR)
    known = decided()
    assert known[0][2] == "met"
    gone = answered(
        at=HOUR,
        event="message_updated",
        content="This message was deleted",
        content_attributes={"deleted": True},
    )
    gone["conversation"]["messages"][0]["updated_at"] = later(4 * WEEK).timestamp()

    hear(gone, at=4 * WEEK)

    assert decided() == known
    assert Conversation.objects.get().waiting_since is None


def deleted(number: int, at: float, **facts) -> dict:
    event = message_event(
        number,
        event="message_updated",
        content="",
        content_attributes={"deleted": True},
        conversation=about(at),
        **facts,
    )
    event["conversation"]["messages"][0]["updated_at"] = later(at).timestamp()
    return event


def test_a_question_deleted_weeks_later_takes_no_decided_clock_away():
    known = missed()

    hear(deleted(100, 4 * WEEK), at=4 * WEEK)

    assert decided() == known


def test_a_question_deleted_before_it_was_answered_is_cancelled_then():
    hear(wrote(), deleted(100, 600), at=HOUR)

    assert rows("metric", "state", "stopped_at", "closed_unanswered") == [
        ("first_response", "cancelled", later(600), False), ("resolution", "cancelled", later(600), False),
    ]  # fmt: skip


def test_one_of_two_questions_deleted_leaves_the_other_waiting():
    hear(wrote(), wrote(101, 300), deleted(100, 600), at=900)

    assert rows("metric", "state")[0] == ("first_response", "running")


def test_a_question_deleted_and_asked_again_waits_from_the_second():
    hear(wrote(), deleted(100, 600), wrote(101, 900), at=1000)

    assert rows("metric", "state", "started_at")[2:] == [
        ("first_response", "running", later(900)), ("resolution", "running", later(900)),
    ]  # fmt: skip


def policy(name: str, **conditions) -> SLAPolicy:
    return SLAPolicy.objects.create(
        name=name, order=1, conditions=conditions, first_response_s=5 * HOUR, next_response_s=HOUR, resolution_s=DAY,
        valid_from=NOW - timedelta(days=1),
    )  # fmt: skip


def test_a_label_whose_setting_was_not_heard_of_decides_nothing_before_it_was_seen():
    policy("VIP", labels=["vip"])
    known = missed()

    hear(thanks(labels=["vip"]), at=4 * WEEK)

    assert decided() == known


def test_a_team_that_is_renamed_stays_with_the_policy_that_named_it():
    policy("Billing", teams=["billing"])
    team = {"team": {"id": 4, "name": "Billing"}, "assignee": None}
    named = changed(-60, changes={"team_id": (None, 4)}, meta=team)
    hear(named, wrote(meta=team), answered(at=2 * HOUR, within={"meta": team}), at=2 * HOUR)
    known = decided()
    assert known[0][2] == "met"

    hear(thanks(meta={"team": {"id": 4, "name": "Money"}, "assignee": None}), at=4 * WEEK)

    assert decided() == known


def test_a_conversation_that_moves_to_another_inbox_takes_nothing_back():
    policy("Chat", inbox_ids=[2])
    make_inbox(inbox_id=9)
    hear(wrote(), answered(at=2 * HOUR), at=2 * HOUR)
    known = decided()
    assert known[0][2] == "met"

    hear(thanks(inbox_id=9) | {"inbox": {"id": 9, "name": "Mail"}}, at=4 * WEEK)

    assert decided() == known
    assert Conversation.objects.get().inbox == Inbox.objects.get(inbox_id=9)


def test_a_resolve_that_was_not_heard_of_is_dated_when_it_was_first_seen_and_stays_there():
    hear(wrote(), answered(), at=HOUR)
    seen = about(2 * HOUR, status="resolved") | {"event": "conversation_updated"}
    hear(seen, at=2 * HOUR)
    assert rows("metric", "state", "stopped_at")[1] == ("resolution", "met", later(2 * HOUR))

    hear(about(4 * WEEK, status="resolved", labels=["x"]) | {"event": "conversation_updated"}, at=4 * WEEK)

    assert rows("metric", "state", "stopped_at")[1] == ("resolution", "met", later(2 * HOUR))


def test_the_resolve_s_late_payload_makes_no_phantom_of_the_customer_who_came_back():
    """Chatwoot's queue lags: the event is built after the customer wrote again and a label was set."""

    def itself(at: float, changes: dict, **facts) -> dict:
        return changed(at, changes=changes | {"updated_at": (None, later(at).isoformat())}, **facts)

    resolve = itself(HOUR, {"status": ("open", "resolved")}, status="resolved")
    again = wrote(102, HOUR + 10, status="open")
    reopened = itself(HOUR + 10, {"status": ("resolved", "open")}, status="open")
    label = itself(HOUR + 12, {"label_list": ([], ["x"])}, labels=["x"])
    late = changed(
        HOUR + 12,
        event="conversation_status_changed",
        changes={"status": ("open", "resolved")},
        status="open",
        labels=["x"],
    )

    hear(wrote(), answered(), resolve, again, reopened, label, late, at=HOUR + 20)

    assert rows("metric", "state", "started_at") == [
        ("first_response", "met", NOW), ("resolution", "met", NOW), ("next_response", "running", later(HOUR + 10)),
        ("resolution", "running", later(HOUR + 10)),
    ]  # fmt: skip


def test_resolved_and_asked_again_within_a_second_waits_with_a_clock():
    hear(
        wrote(), answered(), resolved(HOUR + 0.3),
        message_event(102, at=later(HOUR + 0.8), conversation=about(HOUR + 0.9)), at=HOUR + 1,
    )  # fmt: skip

    assert Conversation.objects.get().waiting_since is not None
    assert rows("metric", "state", "started_at")[2:] == [
        ("next_response", "running", later(HOUR)), ("resolution", "running", later(HOUR)),
    ]  # fmt: skip


def test_asked_and_resolved_within_a_second_is_closed_unanswered():
    hear(wrote(at=0.1), resolved(0.3), at=1)

    assert rows("metric", "state", "closed_unanswered")[0] == ("first_response", "cancelled", True)


def test_an_assignment_in_the_second_of_the_resolve_is_whose_it_is():
    """A macro assigns and resolves at once."""
    meta = {"assignee": {"id": 3, "name": "Maria"}}
    mine = changed(HOUR + 0.2, changes={"assignee_id": (None, 3)}, meta=meta)
    hear(wrote(), answered(), mine, resolved(HOUR + 0.5) | {"meta": mine["meta"]}, at=HOUR + 1)

    assert rows("metric", "attributed_to")[1] == ("resolution", "Maria")


def test_chatwoot_s_clock_ahead_of_ours_makes_no_miss_of_a_pause_that_has_just_ended():
    """Paused for six days; the customer's message is dated three seconds after we have it."""
    hear(wrote(), answered(at=600), at=600)
    hear(wrote(102, 6 * DAY + 3), at=6 * DAY)

    resolution = Clock.objects.get(metric="resolution")

    assert (resolution.state, resolution.business_seconds) == ("running", 600)
    assert resolution.due_at > later(6 * DAY)


def test_the_kept_rows_are_what_is_calculated_from_scratch_after_all_of_that():
    test_another_calendar_of_the_inbox_decides_nothing_again()

    found, _, _ = clocks.calculated(Conversation.objects.get(), versions.all_versions(), now=later(4 * WEEK))

    assert [(one.metric, one.state, one.due_at) for one in found] == rows("metric", "state", "due_at")


# Whose it is


def test_bots_and_assistants_of_a_user_s_number_are_not_that_user():
    """User 1, bot 1 and Captain 1 are three."""
    hear(
        changed(-60, changes={"assignee_id": (None, 1)}, meta={"assignee": {"id": 1, "name": "Maria", "type": "user"}}),
        wrote(meta={"assignee": {"id": 1, "name": "Maria", "type": "user"}}),
        changed(2 * HOUR, changes={"priority": (None, "low")}, meta={
            "assignee": {"id": 1, "name": "Captain", "type": "captain_assistant"}, "assignee_type": "Captain::Assistant"}),
        at=2 * HOUR,
    )  # fmt: skip

    source = make_source().pk
    assert rows("state", "attributed_to", "person")[0] == ("missed", "Maria", f"{source}/user/1")


def test_an_account_s_inbox_of_the_same_number_has_its_own_hours_and_policy():
    other = make_inbox(make_source("other"))
    inbox_calendars.keep(nights(), [other])
    hear(wrote())

    assert rows("state", "due_at")[0] == ("running", later(HOUR))


def test_a_policy_for_an_inbox_serves_no_other_account():
    from tests.factories import deliver

    theirs = make_source("other")
    make_inbox(theirs)
    mine = policy("Mine", inbox_ids=[2])
    other = policy("Theirs", inbox_ids=["other/2"])
    hear(wrote())
    deliver(wrote(500), source=theirs)

    found = dict(
        Clock.objects.filter(metric="first_response").values_list("conversation__source__slug", "policy")
    )
    assert found == {"acme": mine.pk, "other": other.pk}


def test_labels_and_teams_are_compared_as_chatwoot_keeps_them():
    chosen = policy("VIP", labels=["VIP"], teams=["Billing"])
    team = {"team": {"id": 4, "name": "billing"}, "assignee": None}
    hear(wrote(labels=["vip"], meta=team))

    assert rows("policy_id")[0] == (chosen.pk,)
