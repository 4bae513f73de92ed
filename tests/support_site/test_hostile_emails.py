"""What customers write runs in no email, chat message or file either: every place that sends one, or lets one be downloaded."""

import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client

from knowledge.replies import escalations
from reports import weekly
from reports.models import WeeklyRecipient
from reports.periods import Period
from reports.weekly import feedback, notifications
from tests.factories import later, make_client, make_lead, make_source, make_user, run_due
from tests.support_site.hostile_desk import CODE, FORMULA, MARK, Reader, make_desk
from tests.webhooks.sources.moding import previous_handler, switch
from webhooks.alerts import alerts, rules
from webhooks.models import AlertRule, Contact, Conversation, Delivery, Inbox
from webhooks.notices import digest, preferences
from webhooks.sources import silence

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow]
ROOMS = ("webhooks", "knowledge", "reports", "support_site")
SENDS = re.compile(
    r"\b(Email|EmailMessage|EmailMultiAlternatives|send_mail|mail_admins|mail_managers|mail\.compose|(slack|http_post)\.post)\("
)
# Where each is tried: here, unless it is said.
TRIED = {
    "webhooks/alerts/notifications.py", "webhooks/sources/mode_notices.py", "reports/weekly/notifications.py",
    "webhooks/notices/digest.py",
    "reports/clocks/breach_digest.py",  # test_hostile_text.py
}  # fmt: skip
NO_WORDS = {
    "webhooks/admin/alert_rules.py",  # a test to the chat: one sentence of ours
    "webhooks/admin/notifications.py",  # the same
    "webhooks/accounts/invitations.py",  # who invites, and a link
    "webhooks/outbound/mail.py",  # how it is built
    "webhooks/outbound/slack.py",  # how it is posted
    "webhooks/sources/forwarding.py",  # the body as it came, to the handler that got it before
}
LATE = later(9 * 24 * 3600)


@pytest.fixture
def desk(seeded) -> None:
    make_desk()
    Conversation.objects.update(labels=[FORMULA, CODE], team=FORMULA + CODE[:150], assignee=CODE[:100])
    make_user("root", is_superuser=True, email="root@example.com")


@pytest.fixture
def chat(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.OUT_CALL_S = 2
    with previous_handler() as running:
        yield running


def source_files() -> dict[str, str]:
    found = [file for room in ROOMS for file in (Path(site.BASE_DIR) / room).rglob("*.py")]
    return {str(file.relative_to(site.BASE_DIR)): file.read_text() for file in found}


def is_harmless(mail: Any) -> bool:
    """One line of subject; as text, or as HTML in which nothing runs."""
    html = [content for content, kind in getattr(mail, "alternatives", []) if kind == "text/html"]
    html += [mail.body] if mail.content_subtype == "html" else []
    return "\n" not in mail.subject and not any(Reader(one).found for one in html)


def is_harmless_in_a_chat(body: bytes) -> bool:
    """Slack's own form: what stands in < > links, mentions or calls everybody. Only our own addresses do."""
    links = re.findall(r"<([^>]*)>", json.dumps(json.loads(body), ensure_ascii=False))
    return all(link.startswith(site.PUBLIC_URL) for link in links)


def test_every_place_that_sends_an_email_or_chat_message_is_tried():
    sending = {name for name, text in source_files().items() if SENDS.search(text)}

    assert sending == TRIED | NO_WORDS


def test_the_weekly_email_runs_nothing_and_contains_no_customer_text(desk):
    message = notifications.email(
        weekly.read(weekly.parse("2026-W48"), now=LATE), WeeklyRecipient(address="mia@example.com")
    )

    assert message.alternatives
    assert is_harmless(message)
    assert "<xss-7>" not in message.body


def test_the_weekly_post_links_to_nothing_of_theirs(desk, chat):
    kept = weekly.read(weekly.parse("2026-W48"), now=LATE)

    notifications.slack.post(chat.url, kept["headline"], notifications.blocks(kept))

    assert is_harmless_in_a_chat(chat.got[0][2])


def test_a_chat_message_with_customer_code_is_noticed():
    assert not is_harmless_in_a_chat(json.dumps({"text": f"<javascript:{MARK}|here>"}).encode())
    assert not is_harmless_in_a_chat(b'{"text": "<!channel>"}')


@pytest.fixture
def alerted(desk, chat, mailoutbox) -> list[bytes]:
    """Every alert whose words can come from Chatwoot, told by mail and in a chat, and that it is over."""
    rules.seed()
    AlertRule.objects.update(chat_url="", addresses="oncall@example.com", threshold=1)
    for rule in AlertRule.objects.all():
        rule.chat_url = chat.url
        rule.save()
    Inbox.objects.update(silence_minutes=1, name=CODE[:100])
    silence.check(now=LATE)
    for kind in ("circuit_open", "credentials", "subscription", "dead", "report"):
        alerts.open_(kind, key=kind, text=f"{CODE} <!channel> {FORMULA}", now=LATE, source=make_source())
    run_due("slow", now=LATE)
    Inbox.objects.update(silence_minutes=None)
    silence.check(now=LATE)
    run_due("slow", now=LATE)
    return [body for _, _, body in chat.got]


def test_alerts_run_nothing_in_emails(alerted, mailoutbox):
    told = [mail for mail in mailoutbox if MARK in mail.body]

    assert {mail.subject.split(":")[0] for mail in told} == {"Alert", "Resolved"}
    assert all(map(is_harmless, mailoutbox))


def test_alerts_link_to_nothing_of_theirs_in_a_chat(alerted):
    assert len([body for body in alerted if MARK in body.decode()]) > 5
    assert [body for body in alerted if not is_harmless_in_a_chat(body)] == []


def test_an_email_about_a_mode_runs_nothing(desk, mailoutbox):
    make_lead("mo", email="mo@example.com")

    switch("paused", reason=f"{CODE}\nBcc: all@example.com", by=make_user("boss", "Manager"))
    run_due("slow", now=later(60))

    assert mailoutbox
    assert all(map(is_harmless, mailoutbox))


def test_a_digest_of_notices_runs_nothing_and_links_to_nothing_of_theirs(desk, chat, mailoutbox):
    owner = make_lead("mo", email="mo@example.com")
    preferences.choose(
        owner, on=[("escalation", "email"), ("escalation", "chat")], quiet_minutes=10, chat_url=chat.url
    )
    facts = {"kind": "legal", "reason": CODE, "level": 2, "owner": owner}
    escalations.of_conversation(Conversation.objects.first(), by=make_lead("eve"), now=later(0), **facts)

    digest.send_due(now=later(100))
    run_due("slow", now=later(100))

    assert [message for message in mailoutbox if message.to == ["mo@example.com"]]
    assert all(map(is_harmless, mailoutbox))
    assert [body for _, _, body in chat.got if not is_harmless_in_a_chat(body)] == []
    assert chat.got


def test_a_days_feedback_holds_no_markup_of_theirs(desk):
    day = Period(date(2026, 11, 23), date(2026, 11, 23), ZoneInfo("UTC"))

    assert "<xss-7>" not in feedback.rendered(day, {}, now=LATE)


@pytest.fixture
def kept(desk) -> None:
    weekly.make(weekly.parse("2026-W48"), now=LATE)


FILES = (
    "/admin/webhooks/incoming/{delivery}/raw/",
    "/admin/webhooks/contact/{contact}/export/",
    *(f"/admin/reports/weeklyreport/2026-W48/{form}/" for form in ("csv", "md", "json", "pdf")),
    "/admin/reports/clock/report/export.csv?from=2026-11-16&to=2026-11-29",
)
GIVES_FILES = {
    "knowledge/admin/articles.py", "webhooks/admin/delivery_page.py", "webhooks/admin/privacy.py",
    "knowledge/admin/draft_attachments.py",  # tests/knowledge/admin/test_attachments_page.py
    "reports/admin/weekly_report.py", "reports/admin/sla_report.py",
}  # fmt: skip


def test_every_place_that_gives_a_file_is_tried():
    giving = {name for name, text in source_files().items() if "Content-Disposition" in text}

    assert giving == GIVES_FILES


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_saved_and_never_taken_for_a_page(kept, path):
    browser, row = Client(), Delivery.objects.filter(direction="IN", message_id=700).get()
    browser.force_login(User.objects.get(username="root"))
    call = browser.post if "export/" in path else browser.get

    answer = call(path.format(delivery=row.pk, contact=Contact.objects.get(contact_id=5).pk))

    body = answer.getvalue().decode("utf-8-sig", "replace")
    assert (answer.status_code, answer["X-Content-Type-Options"]) == (200, "nosniff")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "html" not in answer["Content-Type"]
    if "csv" in path:
        cells = [cell for line in csv.reader(io.StringIO(body)) for cell in line]
        assert [cell for cell in cells if re.match(r"[=+@\t\r]|-(?!\d)", cell)] == []


@pytest.mark.parametrize("form", ["csv", "md", "json"])
def test_the_api_gives_the_weekly_report_as_no_page(kept, form):
    answer = make_client(User.objects.get(username="root")).get(f"/api/v1/reports/weekly/2026-W48/?as={form}")

    assert (answer.status_code, answer["X-Content-Type-Options"]) == (200, "nosniff")
    assert "html" not in answer["Content-Type"]
    assert form != "md" or "<xss-7>" not in answer.content.decode()  # the others quote it as a text
