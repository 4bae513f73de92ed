"""Whom an alert is told by its rule, each way by a delivery of its own, and at what hours."""

import json
import smtplib
from datetime import time
from unittest.mock import Mock

import pytest
from django.core import mail

from tests.factories import NOW, later, make_source, make_user, run_due
from tests.webhooks.sources.moding import previous_handler
from webhooks.accounts import access
from webhooks.alerts import alerts, rules
from webhooks.models import AlertRule, Delivery, alert_kinds

pytestmark = pytest.mark.django_db
EIGHT, TEN = NOW.replace(hour=8), NOW.replace(hour=10)


@pytest.fixture
def chat(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.OUT_CALL_S = 2
    with previous_handler() as running:
        yield running


@pytest.fixture(autouse=True)
def _operator(db):
    make_source()
    make_user("o", access.OPERATOR, email="o@example.com")


def make_rule(kind: str = "dead", **facts) -> AlertRule:
    return AlertRule.objects.create(kind=kind, **{"quiet_zone": "UTC"} | facts)


def in_quiet_hours(**facts) -> AlertRule:
    """It is nine o'clock: quiet from eight to ten."""
    return make_rule(quiet_from=EIGHT.time(), quiet_to=TEN.time(), **facts)


def open_alert(kind: str = "dead", now=NOW) -> None:
    alerts.open_(kind, key="k", text="11 <deliveries> were given up.", now=now)


def subjects() -> list[str]:
    return [letter.subject.partition(":")[0] for letter in mail.outbox]


def test_every_kind_has_a_rule_after_the_seed(seeded):
    assert set(AlertRule.objects.values_list("kind", flat=True)) == set(alert_kinds.KINDS)


def test_the_seed_leaves_what_people_decided(seeded):
    AlertRule.objects.filter(kind="dead").update(threshold=3)

    rules.seed()

    assert rules.threshold("dead") == 3


def test_without_a_row_what_is_seeded_holds():
    assert rules.threshold("dead") == alert_kinds.KINDS["dead"].threshold


def told(**facts) -> list[str]:
    rule = make_rule(addresses=facts.get("addresses", ""))
    rule.users.set(facts.get("users", []))
    rule.groups.set(facts.get("groups", []))
    return rules.recipients(rule)


def test_a_rule_that_names_nobody_tells_superusers_operators_and_managers():
    make_user("root", is_superuser=True, email="root@example.com")
    make_user("l", access.LEAD, email="l@example.com")

    assert told() == ["o@example.com", "root@example.com"]


def test_a_rule_tells_its_people_groups_and_addresses_and_nobody_else():
    lead = make_user("l", access.LEAD, email="l@example.com")
    ada = make_user("ada", email="ada@example.com")

    found = told(users=[ada], groups=[lead.groups.get()], addresses="oncall@example.com\nada@example.com")

    assert found == ["ada@example.com", "l@example.com", "oncall@example.com"]


def test_who_has_left_is_not_told():
    gone = make_user("gone", email="gone@example.com", is_active=False)

    assert told(users=[gone]) == []


def test_a_chat_is_posted_to_once(chat):
    make_rule(chat_url=chat.url, email=False)

    open_alert()
    open_alert()
    run_due("slow", now=NOW)

    (text,) = [json.loads(body)["text"] for _, _, body in chat.got]
    assert text.startswith("*Alert: Deliveries failed*\n11 &lt;deliveries&gt; were given up.\n")
    assert mail.outbox == []


def test_a_mail_that_fails_does_not_post_twice(chat, monkeypatch):
    make_rule(chat_url=chat.url)
    open_alert()
    with monkeypatch.context() as failing:
        failing.setattr(mail.EmailMessage, "send", Mock(side_effect=smtplib.SMTPException()))
        run_due("slow", now=NOW)

    run_due("slow", now=later(3600))

    assert (len(chat.got), subjects()) == (1, ["Alert"])


def test_each_way_hears_of_the_end_that_heard_of_the_beginning(chat):
    chat.answers = [500, 500, 500]
    make_rule(chat_url=chat.url)
    open_alert()
    run_due("slow", now=NOW)

    alerts.close("k", now=later(1))
    run_due("slow", now=later(3600))

    assert (subjects(), len(chat.got)) == (["Alert", "Resolved"], 1)


def test_a_rule_that_is_switched_off_tells_nobody():
    make_rule(enabled=False)

    open_alert()

    assert not Delivery.objects.exists()


def test_one_switched_off_before_it_was_told_is_not_told():
    rule = make_rule()
    open_alert()
    AlertRule.objects.filter(pk=rule.pk).update(enabled=False)

    (row,) = run_due("slow", now=NOW)

    assert (row.status, mail.outbox) == ("CANCELLED", [])


def test_in_quiet_hours_nothing_is_told_and_what_is_still_wrong_is_told_when_they_end():
    in_quiet_hours()
    open_alert()
    run_due("slow", now=NOW)
    assert mail.outbox == []

    run_due("slow", now=TEN)

    assert subjects() == ["Alert"]


def test_what_is_over_before_quiet_hours_end_is_not_told():
    in_quiet_hours()
    open_alert()

    alerts.close("k", now=later(60))
    run_due("slow", now=TEN)

    assert mail.outbox == []


def test_an_end_in_quiet_hours_is_told_after_them():
    in_quiet_hours()
    open_alert(now=EIGHT.replace(hour=7))
    run_due("slow", now=EIGHT.replace(hour=7))

    alerts.close("k", now=NOW)
    run_due("slow", now=NOW)
    assert subjects() == ["Alert"]
    run_due("slow", now=TEN)

    assert subjects() == ["Alert", "Resolved"]


def test_a_try_that_falls_into_quiet_hours_waits_without_losing_an_attempt():
    rule = make_rule()
    open_alert()
    AlertRule.objects.filter(pk=rule.pk).update(quiet_from=time(8), quiet_to=time(10))

    (row,) = run_due("slow", now=NOW)

    assert (row.attempts, row.next_attempt_at, mail.outbox) == (0, TEN, [])


def test_an_urgent_one_is_told_at_any_hour():
    in_quiet_hours(severity=AlertRule.Severity.URGENT)

    open_alert()
    run_due("slow", now=NOW)

    assert subjects() == ["Alert"]


def test_a_letter_says_what_to_do_and_where():
    make_rule()

    open_alert()
    run_due("slow", now=NOW)

    assert str(alert_kinds.KINDS["dead"].todo) in mail.outbox[0].body
    assert "/docs/runbooks/a-delivery-was-dead-lettered.md" in mail.outbox[0].body


def test_seeing_a_trouble_again_is_no_new_meeting():
    for number in range(3):
        alerts.update("dead", key="k", text=f"{number} were given up.", now=later(number))

    alert = alerts.Alert.objects.get()
    assert (alert.count, alert.text, alert.last_seen_at) == (1, "2 were given up.", later(2))


def test_what_a_watch_no_longer_finds_is_over():
    alerts.sync("dead", {"one": "1", "two": "2"}, now=NOW)

    alerts.sync("dead", {"two": "2"}, now=later(60))

    assert list(alerts.Alert.objects.filter(closed_at=None).values_list("key", flat=True)) == ["two"]


def test_a_watch_leaves_other_kinds_alone():
    open_alert("late")

    alerts.sync("dead", {}, now=later(60))

    assert alerts.Alert.objects.filter(closed_at=None).exists()
