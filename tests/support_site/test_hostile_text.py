"""Text by customers is shown and never run: in pages, emails and files, whatever field it came from."""

import codecs
import csv
import io
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from reports import weekly
from reports.clocks import breach_digest, clocks
from reports.weekly import export
from tests.factories import later, make_client, make_lead, make_user, run_due
from tests.support_site.hostile_desk import CODE, FORMULA, MARK, Reader, make_desk
from webhooks.models import Conversation

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EACH = 1  # page of one kind: a list, filtered and not, is one kind
SLOWLY = 3600 * 72


@pytest.fixture
def desk(seeded) -> None:
    make_desk()


@pytest.fixture
def root() -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(make_user("root", is_superuser=True, email="root@example.com"))
    return browser


def test_the_reader_finds_code_that_would_run():
    for text in (CODE, f"<a href=' JavaScript:{MARK}'>", f"<p @click='{MARK}'>", f"<script>{MARK}</script>"):
        assert Reader(text).found


def test_no_page_that_can_be_reached_runs_what_customers_wrote(desk, root, settings):
    seen: dict[str, int] = {}
    shown, wrong, ahead = set(), {}, ["/admin/"]
    while ahead:
        address = ahead.pop()
        kind = re.sub(r"\d+", "N", urlsplit(address).path)
        if seen.get(kind, 0) >= EACH or "logout" in address:
            continue
        seen[kind] = seen.get(kind, 0) + 1
        answer = root.get(address)
        if answer.status_code >= 500:
            wrong[address] = [str(answer.status_code)]
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        text = answer.content.decode()
        page = Reader(text)
        if page.found:
            wrong[address] = page.found[:3]
        if MARK in text:
            shown.add(kind)
        ahead += [
            urljoin(address, link) for link in page.links if urljoin(address, link).startswith("/admin/")
        ]
        # Its links are known from the first page, and a third of every page is it.
        settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}

    assert wrong == {}
    # The crawl went where customers' words are.
    assert {
        "/admin/knowledge/draft/queue/",
        "/admin/knowledge/draft/N/change/",
        "/admin/webhooks/conversation/N/change/",
    } <= shown
    assert len(shown) > 10, sorted(shown)


def test_a_search_for_code_shows_it_as_words(root, seeded):
    paths = (
        "/admin/webhooks/incoming/",
        "/admin/knowledge/article/",
        "/admin/knowledge/draft/queue/",
        "/admin/auth/user/",
    )

    pages = [Reader(root.get(path, {"q": CODE, "search": CODE}).content.decode()) for path in paths]

    assert [page.found for page in pages] == [[]] * len(paths)


def test_no_mail_runs_what_customers_wrote(desk, mailoutbox):
    make_lead("mo", email="mo@example.com")

    clocks.sweep(now=later(SLOWLY))
    breach_digest.notice(now=later(SLOWLY))
    breach_digest.tell(now=later(SLOWLY))
    run_due("slow", now=later(SLOWLY))

    assert mailoutbox
    for mail in mailoutbox:
        assert "\n" not in mail.subject
        assert mail.content_subtype == "plain" or not Reader(mail.body).found
        assert not getattr(mail, "alternatives", [])


def test_the_api_answers_words_as_json_that_no_browser_takes_for_a_page(desk):
    answer = make_client(make_user("", is_superuser=True)).get("/api/v1/drafts/")

    assert MARK in answer.content.decode()
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/json", "nosniff")


def is_run(cell: str) -> bool:
    return bool(re.match(r"[=+@\t\r]|-(?!\d)", cell))


def test_no_cell_of_the_sla_reports_file_is_run_by_a_spreadsheet(desk, root):
    Conversation.objects.update(team=FORMULA, assignee=FORMULA, priority="@SUM(1)")

    answer = root.get("/admin/reports/clock/report/export.csv?from=2026-11-16&to=2026-11-29")

    cells = cells_of(b"".join(answer).decode("utf-8-sig"))
    assert any(FORMULA in cell for cell in cells)
    assert [cell for cell in cells if is_run(cell)] == []
    assert answer["Content-Disposition"].startswith("attachment")


def test_files_for_spreadsheets_say_that_they_are_utf_8(desk, root, weekly_report):
    answer = root.get("/admin/reports/clock/report/export.csv?from=2026-11-16&to=2026-11-29")

    assert b"".join(answer).startswith(codecs.BOM_UTF8)
    assert export.rendered(weekly_report, "csv").encode().startswith(codecs.BOM_UTF8)


def test_no_cell_of_the_weekly_reports_file_is_run_by_a_spreadsheet(weekly_report):
    cells = cells_of(export.as_csv(weekly_report))

    assert len(cells) > 50
    assert [cell for cell in cells if is_run(cell)] == []


def test_the_weekly_report_as_text_holds_no_markup_of_customers(weekly_report):
    assert "<xss-7>" not in export.markdown(weekly_report)


@pytest.fixture
def weekly_report(desk) -> dict[str, Any]:
    Conversation.objects.update(labels=[FORMULA, CODE], team=FORMULA)
    return weekly.read(weekly.parse("2026-W48"), now=later(9 * 24 * 3600))


def cells_of(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]
