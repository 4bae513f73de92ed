"""The report goes to each recipient once, with retries; an alert says what did not arrive."""

import json
import re
import smtplib
from datetime import UTC, datetime

import pytest

from reports import weekly
from reports.clocks import clocks
from reports.models import WeeklyRecipient
from reports.weekly import notifications
from tests.factories import make_inbox, run_due
from tests.reports.clocks.test_clocks import answered, hear, wrote
from tests.reports.weekly.week_48 import WEEK, asked, rated
from tests.webhooks.sources.moding import previous_handler
from webhooks.models import Alert, Delivery, Source

pytestmark = pytest.mark.django_db
SEVEN = datetime(2026, 11, 30, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


@pytest.fixture
def mia():
    return WeeklyRecipient.objects.create(name="Mia", address="mia@example.com")


@pytest.fixture
def chat(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.OUT_CALL_S = 2
    with previous_handler() as running:
        WeeklyRecipient.objects.create(name="Support channel", address=running.url)
        yield running


def monday() -> list[Delivery]:
    """The deliveries of the report, as they stand after their first try."""
    clocks.sweep(now=SEVEN)
    weekly.make_due(now=SEVEN)
    return [row for row in run_due("slow", now=SEVEN) if row.event == notifications.EVENT]


def test_those_chosen_get_a_mail_whose_subject_is_the_headline(mia, mailoutbox):
    hear(wrote())

    monday()

    assert [(letter.to, letter.subject) for letter in mailoutbox] == [
        (["mia@example.com"], "Week 48: first response 0 % met (n = 1), 0 escalations, 1 action item")
    ]
    html = mailoutbox[0].alternatives[0].content
    for told in (html, mailoutbox[0].body):
        assert f"http://127.0.0.1:8000/admin/reports/weeklyreport/{WEEK}/" in told
        assert "http://127.0.0.1:8000/admin/reports/clock/dashboard/" in told
        assert "1 customer is overdue for an answer" in told


def test_a_mail_has_three_charts_in_place_each_with_its_numbers_as_text_and_the_pdf(mia, mailoutbox):
    hear(wrote(), answered(), asked(), rated(5), at=3600)

    monday()

    message = mailoutbox[0].message()
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed", "multipart/related", "multipart/alternative", "text/plain", "text/html",
        "image/png", "image/png", "image/png", "application/pdf",
    ]  # fmt: skip
    html = mailoutbox[0].alternatives[0].content
    shown = re.findall(r'<img src="cid:([\w-]+)" alt="([^"]+)"', html)
    images = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert [f"<{name}>" for name, _ in shown] == [part["Content-ID"] for part in images]
    assert "First response: 100 % in W48." in shown[0][1]
    assert mailoutbox[0].attachments[0].filename == f"support-{WEEK}.pdf"


def test_no_customer_s_words_are_mailed_or_posted(mia, chat, mailoutbox):
    hear(wrote(), asked(), rated(1, "Terrible service"), at=3600)

    monday()

    told = f"{mailoutbox[0].message()} {chat.got[0][2].decode()}"
    assert "Terrible" not in told
    assert "Ada" not in told


def test_a_chat_gets_the_headline_and_its_parts_as_slack_lays_them_out(chat):
    monday()

    posted = json.loads(chat.got[0][2])
    assert posted["text"].startswith("Week 48: ")
    assert [block["type"] for block in posted["blocks"]] == ["header", *["section"] * 4]


def test_each_is_notified_once_however_often_the_chore_runs(mia, mailoutbox):
    monday()
    monday()

    assert len(mailoutbox) == 1


def test_an_inactive_recipient_gets_nothing(mia, mailoutbox):
    WeeklyRecipient.objects.update(active=False)

    assert monday() == []


def test_switched_off_before_it_went_it_does_not_go(mia, mailoutbox):
    weekly.make_due(now=SEVEN)
    WeeklyRecipient.objects.update(active=False)

    (row,) = run_due("slow", now=SEVEN)

    assert (row.status, mailoutbox) == ("CANCELLED", [])


def test_a_paused_source_holds_no_report(mia, mailoutbox):
    Source.objects.update(mode="paused")

    monday()

    assert len(mailoutbox) == 1


def test_a_week_saved_by_hand_is_sent_to_nobody(mia):
    weekly.make(weekly.parse(WEEK), now=SEVEN)

    assert not Delivery.objects.filter(event=notifications.EVENT).exists()


def test_one_that_fails_is_tried_again_and_the_others_go_once(mia, chat, mailoutbox):
    chat.answers = [500]

    rows = {row.payload()["recipient"]: row.status for row in monday()}

    assert rows[mia.pk] == "DONE"
    assert sorted(rows.values()) == ["DONE", "PENDING"]


def test_a_mail_server_that_is_away_is_tried_again(mia, monkeypatch):
    def away(self, messages):
        raise smtplib.SMTPServerDisconnected("mia@example.com")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)

    (row,) = monday()

    assert row.status == "PENDING"
    assert "mia" not in row.last_error


def test_what_is_given_up_raises_an_alert_that_ends_when_it_arrives(chat):
    chat.answers = [404]
    (row,) = monday()
    assert row.status == "DEAD"
    (alert,) = Alert.objects.filter(closed_at=None)
    assert (alert.kind, alert.text) == (
        "report", f"The report for week {WEEK} did not reach Support channel: 127.0.0.1 answered 404.",
    )  # fmt: skip

    Delivery.objects.filter(pk=row.pk).update(status="PENDING", next_attempt_at=SEVEN, finished_at=None)
    run_due("slow", now=SEVEN)

    assert not Alert.objects.filter(closed_at=None).exists()
