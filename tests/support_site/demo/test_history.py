"""The invented past of the demo: as real as the site's own rows, so that every page has figures."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.models import F

from knowledge.calendars import inbox_calendars
from knowledge.learning import effect
from knowledge.learning.effect_measures import Decided, Side, Verdict
from knowledge.learning.learning_signals import decisions_without_signal
from knowledge.models import Draft, DraftEvent, Escalation, LearningSignal
from knowledge.models.grades import GRADES, Decision
from reports.clocks import clocks
from reports.models import Clock, WeeklyReport
from support_site.demo import fill, health, people, start
from support_site.demo.decisions import Correction
from support_site.demo.history import Cast, History
from support_site.health import charts
from tests.factories import make_source
from webhooks.mirror.csat import answer_of
from webhooks.models import Conversation, Delivery, HealthSample, Message, Source
from webhooks.simulator.state import State

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 11, 29, 3, 15, tzinfo=UTC)  # a Sunday night
CONVERSATIONS = 60


@pytest.fixture
def past(monkeypatch) -> None:
    """Without reports, which take longer than all the rest."""
    monkeypatch.setattr(start, "CONVERSATIONS", CONVERSATIONS)
    monkeypatch.setattr(start, "MESSAGES", 4 * CONVERSATIONS)
    monkeypatch.setattr(start, "REPORTS", 0)
    inbox_calendars.seed(always_open=True)
    call_command("seed", samples=True, password="pw", verbosity=0)
    people.create()
    start.write_history(chatwoot="http://127.0.0.1:8900", now=NOW)


def history(seed: int = 1) -> list:
    cast = Cast(
        source=1, inboxes=((1, 1), (2, 2)), agents=((2, "Maria"),), teams=((1, "Support"),), reviewers=(7, 8)
    )
    return list(History(cast, until=NOW, days=56, conversations=40, messages=160, seed=seed).chunks())


@pytest.mark.once
def test_the_same_dice_give_the_same_history():
    assert history() == history()
    assert history() != history(seed=2)


CORRECTION = Correction(
    "refund", "We refund within five working days.", "five working days", "seven working days",
    since=NOW - start.APPROVED_AGO,
)  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> dict[str, list]:
    """As many conversations as the demo has, with the wrong fact and its correction."""
    cast = Cast(source=1, inboxes=((1, 1),), agents=start.AGENTS, teams=start.TEAMS, reviewers=(7, 8, 9, 10))
    past = History(
        cast, until=NOW, days=7 * start.WEEKS, conversations=start.CONVERSATIONS, messages=start.MESSAGES,
        correction=CORRECTION,
    )  # fmt: skip
    rows = defaultdict(list)
    for chunk in past.chunks():
        for table, own in chunk.items():
            rows[table] += own
    return rows


def side(rows: list[dict]) -> Side:
    return Side.of(
        Decided(row["decision"], row["ratio"], None if row["tone"] is None else tuple(row[name] for name in GRADES))
        for row in rows
    )  # fmt: skip


@pytest.mark.once
def test_the_correction_of_the_wrong_fact_has_an_effect_on_acceptance_and_grades(whole):
    """More than chance, and more than the other articles, which improve too."""
    version = {row["signal_id"]: (row["article"], row["version"]) for row in whole["Citation"]}
    decided = [row for row in whole["LearningSignal"] if row["decision"] != Decision.OVERTAKEN]
    own, others = ([row for row in decided if (version[row["id"]][0] == "refund") is is_own]
                   for is_own in (True, False))  # fmt: skip
    sides = [side([row for row in own if version[row["id"]][1] == number]) for number in (1, 2)]
    besides = [
        side([row for row in others if (row["at"] >= CORRECTION.since) is after]) for after in (False, True)
    ]

    found = effect.effect(*sides, others_before=besides[0], others_after=besides[1], passed=0.5)

    assert [line.verdict for line in found.lines[:2]] == [Verdict.BETTER] * 2


@pytest.mark.once
def test_no_reply_of_a_person_states_the_wrong_fact_except_an_approval_by_mistake(whole):
    said = [
        row["content"]
        for row in whole["Message"]
        if row.get("is_person_answer") and "within five working days" in row["content"]
    ]
    approved = {row["approved_text"] for row in whole["Draft"] if row.get("approved_text")}

    assert 0 < len(said) < 20
    assert set(said) <= approved


@pytest.mark.once
def test_nothing_happens_in_the_future():
    rows = [row for chunk in history() for table in chunk.values() for row in table]
    times = [value for row in rows for value in row.values() if isinstance(value, datetime)]

    assert max(times) <= NOW + timedelta(hours=2)  # the time by which an escalation is due
    assert all(row["created_at"] < NOW for chunk in history() for row in chunk["Message"])


def test_every_report_has_figures(past):
    assert Conversation.objects.count() == CONVERSATIONS
    assert {metric for (metric,) in Clock.objects.filter(state="met").values_list("metric")} == {
        "first_response", "next_response", "resolution",
    }  # fmt: skip
    assert Clock.objects.filter(state="missed").exists()
    assert set(Draft.objects.values_list("status", flat=True)) == {"SENT", "REJECTED", "STALE"}
    assert Escalation.objects.exists()
    assert any(answer_of(row.content_attributes) for row in Message.objects.filter(content_type="input_csat"))


def test_the_health_page_has_a_week_of_charts(past):
    for chart in charts.charts(charts.SPANS["7d"], now=NOW):
        assert all(bar.known for bar in chart.bars)
        assert any(bar.height > 2 for bar in chart.bars), chart.title


def test_health_counts_the_webhooks_that_are_there_and_calms_down_after_the_outage(past):
    week = Delivery.objects.filter(received_at__gt=NOW - health.WEEK, received_at__lt=NOW)

    assert sum(HealthSample.objects.values_list("arrived", flat=True)) == week.count()
    last = HealthSample.objects.latest("at")
    assert (last.backlog, last.late_s) == (0, 0)


def test_several_people_decided(past):
    decided = Counter(
        LearningSignal.objects.exclude(reviewer=None).values_list("reviewer__username", flat=True)
    )

    assert set(decided) == {"lead", "manager", "nina", "samuel"}


def test_past_weeks_have_their_report(past, monkeypatch):
    monkeypatch.undo()

    start.report_past_weeks(now=NOW)

    assert list(WeeklyReport.objects.order_by("week").values_list("week", flat=True)) == [
        f"2026-W{number}" for number in range(41, 48)
    ]
    assert all(WeeklyReport.objects.values_list("is_complete", flat=True))


def test_clocks_are_those_that_the_sweep_would_write(past):
    """Recalculating them changes nothing."""
    before = list(Clock.objects.order_by("pk").values())
    Conversation.objects.update(clocks_look_at=NOW)

    while clocks.sweep(now=NOW):
        pass

    assert list(Clock.objects.order_by("pk").values()) == before


def test_every_decision_has_its_signal_and_every_sent_reply_its_message(past):
    sent = Draft.objects.filter(status="SENT").annotate(said=F("conversation__messages__message_id"))

    assert not decisions_without_signal().exists()
    assert sent.filter(said=F("sent_message_id")).count() == Draft.objects.filter(status="SENT").count()


def test_a_sent_reply_is_what_was_approved(past):
    for draft in Draft.objects.filter(status="SENT"):
        message = Message.objects.get(message_id=draft.sent_message_id)
        assert (message.content, message.content_attributes) == (
            draft.approved_text, {"support_reply": draft.marker},
        )  # fmt: skip


def test_an_edited_reply_differs_and_says_who_edited_it(past):
    edited = Draft.objects.filter(status="SENT", revision=2)

    assert edited.exists()
    assert not edited.filter(approved_text=F("proposed_text")).exists()
    assert not DraftEvent.objects.filter(action="edited", by=None).exists()


def test_nobody_of_the_past_waits(past):
    """Who waits in the demo is there in its simulated Chatwoot, and can be answered."""
    assert not Conversation.objects.filter(waiting_since__isnull=False).exists()
    assert not Conversation.objects.exclude(status="resolved").exists()


def test_the_clocks_run_at_whatever_hour_the_demo_is_shown(past):
    assert Clock.objects.filter(state="met", business_seconds=0).count() < Clock.objects.count() / 20


def test_new_rows_get_new_numbers(past):
    highest = Conversation.objects.order_by("-pk").values_list("pk", flat=True)[0]

    assert Conversation.objects.create(source=Source.objects.get(), display_id=10**6).pk == highest + 1


def test_the_newest_webhooks_are_kept_as_deliveries(past):
    oldest = Delivery.objects.order_by("received_at").values_list("received_at", flat=True)[0]

    assert NOW - fill.KEPT < oldest < NOW
    assert set(Delivery.objects.values_list("status", flat=True)) == {"DONE"}


@pytest.mark.once
def test_people_of_the_past_exist_in_the_simulated_chatwoot():
    assert {(user.id, user.name) for user in State().users.values()} >= set(start.AGENTS)


@pytest.mark.once
def test_a_real_site_is_never_filled():
    make_source("acme")

    with pytest.raises(start.RealSite, match="acme"):
        start.refuse_real_site()


@pytest.mark.once
def test_a_demo_is_started_again():
    make_source("demo")

    start.refuse_real_site()
