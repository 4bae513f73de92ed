"""The weekly report pages: the weeks, one week, its rows and files, *Send now*, recipients; a Lead's own inboxes."""

import json
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from reports.clocks import clocks
from reports.models import WeeklyNote, WeeklyRecipient, WeeklyReport
from reports.weekly import notifications
from tests.factories import make_inbox, make_user, run_due
from tests.knowledge.admin.pressing import signed_in as signed_in_as
from tests.reports.clocks.test_clocks import answered, hear, resolved, wrote
from tests.reports.weekly.week_48 import LATER, WEEK, asked, kept, rated
from webhooks.models import Delivery, Membership

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def _a_week_later(monkeypatch, seeded) -> None:
    make_inbox()
    told = SimpleNamespace(now=lambda: LATER, localdate=lambda timezone: LATER.astimezone(timezone).date())
    monkeypatch.setattr("reports.admin.weekly_report.clock", told)


def signed_in(group: str = "Manager", *, all_inboxes: bool = True) -> Client:
    user = make_user("mo", group)
    Membership.objects.update_or_create(user=user, defaults={"all_inboxes": all_inboxes})
    client = Client()
    client.force_login(user)
    return client


def address(page: str = "changelist", *args: str) -> str:
    return reverse(f"admin:reports_weeklyreport_{page}", args=args)


@pytest.mark.parametrize("seen", [True, False])
def test_a_lead_s_week_counts_shows_and_opens_their_own_inboxes_alone(seen):
    hear(wrote(), asked(), rated(1, "Terrible"), at=3600)
    clocks.sweep(now=LATER)
    kept()
    lena = make_user("lena", "Lead", inboxes=[make_inbox(inbox_id=2 if seen else 9), make_inbox(inbox_id=8)])
    make_inbox(inbox_id=7)
    client = signed_in_as(lena)

    answer = client.get(address("week", WEEK))
    report, page = answer.context["report"], answer.content.decode()
    counted = {
        of: report[section][of]
        for section, of in (("flow", "opened"), ("flow", "backlog_end"), ("csat", "asked"), ("csat", "rated"))
    }

    assert report["kept"] is False
    assert counted == dict.fromkeys(counted, int(seen))
    assert (bool(report["missed"]), bool(report["oldest_waiting"]), bool(report["needs_you"])) == (seen,) * 3
    assert ("Ada Park" in page, "Terrible" in page) == (seen, seen)
    assert client.get(address("rows", WEEK), {"of": "opened"}).context["page"].paginator.count == int(seen)
    assert "/admin/webhooks/alert/" not in page


def test_an_empty_list_leads_to_the_last_week():
    page = signed_in().get(address()).content.decode()

    assert "No reports yet" in page
    assert address("week", WEEK) in page


def test_the_list_shows_the_saved_weeks_with_their_headlines_and_notes():
    report = kept()
    WeeklyNote.objects.create(week=WEEK, text="Black Friday", at=LATER)

    page = signed_in().get(address()).content.decode()

    assert report["headline"] in page
    assert "Black Friday" in page
    assert address("week", WEEK) in page


def test_a_week_s_page_shows_it_and_keeps_nothing():
    hear(wrote(), answered(), resolved(3600))

    page = signed_in().get(address("week", WEEK)).content.decode()

    assert "Not saved" in page
    assert "100 %" in page
    assert "No targets were missed" in page
    assert not WeeklyReport.objects.exists()


def test_the_button_keeps_the_week():
    client = signed_in()

    page = client.post(address("save", WEEK), follow=True).content.decode()

    assert WeeklyReport.objects.get().snapshot["headline"] in page
    assert "Not saved" not in page


def test_a_running_week_cannot_be_saved():
    answer = signed_in().post(address("save", "2026-W49"), follow=True)

    assert "is not over" in answer.content.decode()
    assert not WeeklyReport.objects.exists()


def test_data_that_came_later_is_shown_beside_the_saved_report():
    kept()
    hear(wrote(), answered())

    page = signed_in().get(address("week", WEEK)).content.decode()

    assert "First response met: 0 then, 1 now" in page


def test_a_note_is_written_shown_changed_and_taken_away_and_its_history_stays():
    client = signed_in()

    client.post(address("note", WEEK), {"text": "Black  Friday"})
    assert (
        'Note by mo: <b class="s-strong">Black Friday</b>'
        in client.get(address("week", WEEK)).content.decode()
    )
    client.post(address("note", WEEK), {"text": "Cyber Week"})
    client.post(address("note", WEEK), {"text": " "})

    assert not WeeklyNote.objects.exists()
    changes = WeeklyNote.history.order_by("pk").values_list("text", "history_type", "history_user__username")
    assert list(changes) == [
        ("Black Friday", "+", "mo"),
        ("Cyber Week", "~", "mo"),
        ("Cyber Week", "-", "mo"),
    ]


def test_what_unhappy_customers_wrote_is_shown_masked():
    hear(wrote(), asked(), rated(1, "Ada Park <b>here</b>"), at=3600)

    page = signed_in().get(address("week", WEEK)).content.decode()

    assert "[name] &lt;b&gt;here&lt;/b&gt;" in page


def test_a_figure_opens_its_conversations():
    hear(wrote())
    client = signed_in()
    rows = f"{address('rows', WEEK)}?of=opened"
    assert rows in client.get(address("week", WEEK)).content.decode()

    assert "Ada Park #7" in client.get(rows).content.decode()


@pytest.mark.parametrize("of", ["", "secrets", "opened/", "missed/nothing", "raised/refund"])
def test_rows_of_what_is_no_figure_are_not_found_and_of_none_are_none(of):
    answer = signed_in().get(address("rows", WEEK), {"of": of})

    assert answer.status_code == (404 if of in ("", "secrets") else 200)


def test_every_figure_of_an_empty_week_says_that_there_is_no_data():
    page = signed_in().get(address("week", "2026-W40")).content.decode()

    assert "no data" in page
    assert "None" not in page.partition("s-headline")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("form", "within"),
    [
        ("md", "## Action items"),
        ("csv", "adherence,first_response.n,0,0"),
        ("json", '"headline"'),
        ("pdf", "%PDF"),
    ],
)
def test_a_week_can_be_taken_along_as_a_file(form, within):
    answer = signed_in().get(address("file", WEEK, form))

    assert within.encode() in answer.content
    assert answer["Content-Disposition"] == f'attachment; filename="support-{WEEK}.{form}"'


def test_page_and_file_of_an_unsaved_week_agree_for_a_minute_and_saving_ends_that():
    client, opened = signed_in(), lambda report: report["flow"]["opened"]
    client.get(address("week", WEEK))
    hear(wrote())

    assert opened(client.get(address("file", WEEK, "json")).json()) == 0
    client.post(address("save", WEEK))
    assert opened(client.get(address("file", WEEK, "json")).json()) == 1


def test_the_json_file_is_the_snapshot():
    report = kept()

    answer = signed_in().get(address("file", WEEK, "json"))

    assert json.loads(answer.content) == report


def test_a_running_week_is_shown_so_far_and_nothing_of_it_is_saved_or_sent():
    page = signed_in().get(address("week", "2026-W49")).content.decode()

    assert "Week 49 so far" in page
    assert "This week is not over" in page
    assert address("send", "2026-W49") not in page
    assert not WeeklyReport.objects.exists()


def test_the_newest_report_leads_to_the_week_so_far_and_that_to_no_week():
    client = signed_in()

    assert address("week", "2026-W49") in client.get(address("week", WEEK)).content.decode()
    assert address("week", "2026-W50") not in client.get(address("week", "2026-W49")).content.decode()


def test_send_now_saves_the_week_and_sends_it_to_each_recipient_even_again(mailoutbox):
    WeeklyRecipient.objects.create(name="Board", address="board@example.com")
    client = signed_in()

    for _ in range(2):
        page = client.post(address("send", WEEK), follow=True).content.decode()
    run_due("slow", now=LATER)

    assert "on its way to 1 recipient." in page
    assert WeeklyReport.objects.get().week == WEEK
    assert [one.to for one in mailoutbox] == [["board@example.com"]]  # twice in a minute is a double click


def test_send_now_sends_what_monday_sent_already(mailoutbox):
    WeeklyRecipient.objects.create(name="Board", address="board@example.com")
    kept()
    notifications.notify(WeeklyReport.objects.get(), now=LATER)

    signed_in().post(address("send", WEEK))
    run_due("slow", now=LATER)

    assert len(mailoutbox) == 2


@pytest.mark.parametrize("week", [WEEK, "2026-W49"])
def test_send_now_says_why_nothing_was_sent(week):
    page = signed_in().post(address("send", week), follow=True).content.decode()

    assert ("Nobody receives the report yet" if week == WEEK else "is not over yet") in page
    assert not Delivery.objects.filter(event=notifications.EVENT).exists()


def test_customers_are_named_on_the_page_and_not_in_the_saved_report():
    hear(wrote())

    report = kept()
    page = signed_in().get(address("week", WEEK)).content.decode()

    assert "Ada Park" in page
    assert "Ada" not in json.dumps(report)


@pytest.mark.parametrize(
    "page",
    [
        ("week", "2026-W99"),
        ("week", "last"),
        ("week", "2026-W50"),
        ("file", WEEK, "doc"),
        ("file", "2026-W50", "md"),
    ],
)
def test_what_is_no_week_is_not_found(page):
    assert signed_in().get(address(*page)).status_code == 404


@pytest.mark.parametrize(
    ("group", "all_inboxes", "looks"),
    [
        ("Lead", True, 200),
        ("Lead", False, 200),
        ("Manager", False, 200),
        ("Agent", True, 403),
        ("Operator", True, 403),
    ],
)
def test_leads_and_managers_of_some_inboxes_look_and_change_nothing(group, all_inboxes, looks):
    client = signed_in(group, all_inboxes=all_inboxes)

    for page in (("changelist",), ("week", WEEK), ("rows", WEEK)):
        assert client.get(address(*page), {"of": "opened"}).status_code == looks
    assert client.get(address("file", WEEK, "md")).status_code == 403
    for page in ("save", "send", "note"):
        assert client.post(address(page, WEEK)).status_code == 403
    assert client.get(reverse("admin:reports_weeklyrecipient_changelist")).status_code == 403


def save_recipient(client: Client, recipient: WeeklyRecipient | None = None, **facts: str) -> str:
    """What the page says; nothing where it was saved."""
    page, args = ("change", [recipient.pk]) if recipient else ("add", [])
    answer = client.post(
        reverse(f"admin:reports_weeklyrecipient_{page}", args=args), {"name": "Mia", "active": "on"} | facts
    )
    return "" if answer.status_code == 302 else answer.content.decode()


@pytest.mark.parametrize("wanted", ["mia@example.com", "https://93.184.216.34/services/T/B/secret"])
def test_a_recipient_is_a_mail_address_or_the_url_of_a_chat(wanted):
    assert save_recipient(signed_in(), address=wanted) == ""
    assert WeeklyRecipient.objects.get().address == wanted


@pytest.mark.parametrize(
    "wanted", ["mia", "", "https://127.0.0.1/hook", "http://93.184.216.34/", "ftp://93.184.216.34/"]
)
def test_any_other_recipient_is_refused(wanted):
    assert "errorlist" in save_recipient(signed_in(), address=wanted)
    assert not WeeklyRecipient.objects.exists()


def test_a_chat_s_url_is_not_shown_again_and_stays_where_none_is_pasted():
    client, url = signed_in(), "https://93.184.216.34/services/T/B/secret"
    chat = WeeklyRecipient.objects.create(name="Chat", address=url)
    shown = client.get(reverse("admin:reports_weeklyrecipient_change", args=[chat.pk])).content.decode()
    listed = client.get(reverse("admin:reports_weeklyrecipient_changelist")).content.decode()

    assert save_recipient(client, chat, name="Chat room", address="") == ""

    chat.refresh_from_db()
    assert (chat.name, chat.address) == ("Chat room", url)
    assert "secret" not in shown + listed
    assert "93.184.216.34" in shown
