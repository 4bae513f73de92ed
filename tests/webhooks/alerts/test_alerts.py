"""One open alert a trouble; its beginning and its end are mailed once to those who mend things."""

import smtplib
import threading
from unittest.mock import Mock

import pytest
from django.core import mail
from django.db import connection

from tests.factories import NOW, later, make_source, make_user, make_waiting, run_due
from webhooks.accounts import access
from webhooks.alerts import alerts, notifications
from webhooks.models import Alert, Delivery, alert_kinds

pytestmark = pytest.mark.django_db


def open_alert(key: str = "k", text: str = "It is broken", **facts) -> bool:
    return alerts.open_("credentials", key=key, text=text, **{"now": NOW, **facts})


def told() -> list[str]:
    return [letter.subject for letter in mail.outbox]


def test_the_same_trouble_again_is_counted_not_opened():
    assert open_alert()
    assert not open_alert(text="It is still broken", now=later(60))

    alert = Alert.objects.get()
    assert (alert.count, alert.text, alert.opened_at, alert.last_seen_at) == (
        2,
        "It is still broken",
        NOW,
        later(60),
    )


def test_after_its_end_the_same_trouble_is_a_new_alert():
    open_alert()
    alerts.close("k", now=later(60))

    assert open_alert(now=later(120))


def test_closing_what_is_not_open_does_nothing():
    assert not alerts.close("k", now=NOW)


def test_a_new_alert_is_mailed_once_to_those_who_mend_things():
    source = make_source()
    make_user("o", access.OPERATOR, email="o@example.com")
    make_user("m", access.MANAGER, email="m@example.com")
    make_user("agent", access.AGENT, email="agent@example.com")
    make_user("gone", access.OPERATOR, email="gone@example.com", is_active=False)
    make_user("both", access.OPERATOR, access.MANAGER, email="both@example.com", is_superuser=True)

    open_alert(source=source)
    open_alert(source=source)
    run_due("slow", now=NOW)

    (letter,) = mail.outbox
    assert letter.to == ["both@example.com", "m@example.com", "o@example.com"]
    assert letter.subject == "Alert: Token refused (acme)"


def test_its_end_is_mailed_too():
    make_source()
    make_user("o", access.OPERATOR, email="o@example.com")
    open_alert()
    run_due("slow", now=NOW)

    alerts.close("k", now=later(60))
    run_due("slow", now=later(60))

    assert told() == ["Alert: Token refused", "Resolved: Token refused"]


def test_what_is_over_before_it_was_told_is_not_mailed_at_all():
    make_source()
    make_user("o", access.OPERATOR, email="o@example.com")
    open_alert()

    alerts.close("k", now=later(1))
    run_due("slow", now=later(60))

    assert told() == []


def test_where_nobody_has_an_address_it_is_done_with_a_note():
    make_source()
    open_alert()

    (row,) = run_due("slow", now=NOW)

    assert row.status == "DONE"
    assert "dashboard" in row.attempt_log.get().message


def test_a_mail_server_that_fails_is_tried_again(monkeypatch):
    make_source()
    make_user("o", access.OPERATOR, email="o@example.com")
    open_alert()
    with monkeypatch.context() as failing:
        refusal = smtplib.SMTPException("o@example.com")
        failing.setattr(mail.EmailMessage, "send", Mock(side_effect=refusal))
        (row,) = run_due("slow", now=NOW)
    assert (row.status, row.attempts) == ("PENDING", 1)
    assert "@" not in row.last_error

    run_due("slow", now=later(3600))

    assert told() == ["Alert: Token refused"]


def test_without_any_source_an_alert_is_shown_and_not_posted():
    open_alert()

    assert Alert.objects.filter(closed_at=None).exists()
    assert not Delivery.objects.exists()


def test_the_alert_of_a_paused_source_goes_out_by_way_of_another():
    paused = make_source(mode="paused")
    active = make_source("other")

    open_alert(source=paused)

    assert Delivery.objects.get().source == active


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_who_meet_it_at_once_open_one():
    make_source()
    barrier = threading.Barrier(8)

    def meet() -> None:
        barrier.wait()
        open_alert()
        connection.close()

    threads = [threading.Thread(target=meet) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Alert.objects.get().count == 8
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("kind", alert_kinds.KINDS)
@pytest.mark.parametrize("over", [False, True])
def test_a_subject_fits_a_phone(kind, over):
    source = make_source("a-slug-that-is-as-long-as-slugs-may-be-in-this-table"[:50])
    alert = Alert(kind=kind, source=source, text="x" * 500)

    assert len(notifications.subject(alert, over=over)) < 60


def test_an_alert_says_how_many_customers_wait():
    make_waiting()
    make_user("o", access.OPERATOR, email="o@example.com")
    open_alert()

    run_due("slow", now=NOW)

    assert told() == ["Alert: Token refused, 1 customer waits"]
    assert "1 customer waits for an answer; 0 approved replies are not sent yet." in mail.outbox[0].body
