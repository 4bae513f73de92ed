"""Email says that it is automatic, and each attempt sends the same message."""

import re
from unittest.mock import Mock

import pytest
from django.core import mail as outbox

from reports import weekly
from reports.clocks import breach_digest, clocks
from reports.models import WeeklyRecipient
from reports.weekly import notifications
from tests.factories import NOW, later, make_lead, make_source, make_user, make_waiting, run_due
from tests.webhooks.sources.moding import switch
from webhooks.alerts import alerts
from webhooks.models import Delivery

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LATE = later(9 * 24 * 3600)


def send_an_alert() -> None:
    make_user("root", is_superuser=True, email="root@example.com")
    alerts.open_("dead", key="dead", text="Something", now=NOW, source=make_source())


def send_a_mode_notice() -> None:
    make_source()
    make_lead("mo", email="mo@example.com")
    switch("paused", reason="Maintenance", by=make_user("boss", "Manager"))


def send_a_digest() -> None:
    make_lead("mo", email="mo@example.com")
    make_waiting()
    clocks.sweep(now=later(3600 * 72))
    breach_digest.notice(now=later(3600 * 72))
    breach_digest.tell(now=later(3600 * 72))


def send_a_weekly_report() -> None:
    make_source()
    WeeklyRecipient.objects.create(name="Board", address="board@example.com")
    report = weekly.make(weekly.parse("2026-W48"), now=LATE)
    notifications.notify(report, now=LATE)


SENDERS = [send_an_alert, send_a_mode_notice, send_a_digest, send_a_weekly_report]


@pytest.fixture(params=SENDERS, ids=lambda sender: sender.__name__)
def sent(request, seeded, mailoutbox):
    request.param()
    run_due("slow", now=LATE)
    assert mailoutbox
    return mailoutbox[0].message()


def test_every_email_says_that_it_is_automatic(sent):
    assert (sent["Auto-Submitted"], sent["X-Auto-Response-Suppress"]) == ("auto-generated", "All")


def test_every_email_says_how_to_filter_or_stop_it(sent):
    assert sent["List-Unsubscribe"] or sent["List-Id"]


@pytest.mark.parametrize("sender", [send_an_alert, send_a_weekly_report])
def test_an_email_that_a_page_stops_links_to_that_page(sender, seeded, mailoutbox):
    sender()
    run_due("slow", now=LATE)

    assert re.fullmatch(
        r"<https?://[^>]+/admin/\w+/\w+/\d+/change/>", mailoutbox[0].message()["List-Unsubscribe"]
    )


def test_a_retry_sends_the_same_message_again(seeded, mailoutbox, monkeypatch):
    send_an_alert()
    row = Delivery.objects.get(event="alert.notify")
    tried = []
    with monkeypatch.context() as failing:
        failing.setattr(
            outbox.EmailMultiAlternatives,
            "send",
            lambda message: tried.append(message) or Mock(side_effect=OSError)(),
        )
        run_due("slow", now=NOW)

    row.refresh_from_db()
    run_due("slow", now=row.next_attempt_at)

    assert tried[0].message()["Message-ID"] == mailoutbox[0].message()["Message-ID"]


def test_two_emails_have_two_message_ids(seeded, mailoutbox):
    send_an_alert()
    alerts.open_("dead", key="another", text="Something else", now=NOW, source=make_source())

    run_due("slow", now=NOW)

    assert len({email.message()["Message-ID"] for email in mailoutbox}) == len(mailoutbox) == 2
