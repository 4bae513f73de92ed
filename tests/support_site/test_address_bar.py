"""URLs that a person edits by hand: a list answers only what it declares, and no page breaks."""

import html
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from knowledge.models import Article, BusinessCalendar, RiskRule, SavedReply
from reports.models import SLAPolicy
from tests.factories import deliver, make_inbox, make_source, make_user, message_event
from tests.support_site.hostile_desk import Reader, make_desk
from tests.support_site.url_table import addresses
from tests.thorough import some
from webhooks.models import Delivery, RetentionRule, RetryPolicy

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NUL, HUGE = "\0", "9" * 40
# Apart where the one would keep the other from being tried.
ASKED: list[dict[str, str]] = [
    {"pk__regex": "(", "id__in": f"1,{HUGE}", "body__contains": "{", "status": NUL, "nothing\0of": "kind", "q": NUL},
    {"status__exact": NUL, "source__isnull": "²", "conversation_id": "²", "event": "²", "state": "²", "language": "("},
    {"source__id__exact": HUGE, "inbox__id__exact": "-", "conversation__inbox__id__exact": "-", "owner__id__exact": HUGE},
    {"received_at__gte": "yesterday", "at__gte": "0001-01-01T00:00:00+23:59", "attempts__gt": HUGE, "approval__gt": "²"},
    {"o": f"{HUGE}.-1.--2.²", "p": HUGE, "search": HUGE, "received_at_from": HUGE, "within": "("},
    {"p": "-1", "all": "", "_to_field": "password", "_popup": "1", "_facets": "1"},
    {"from": NUL, "to": HUGE, "of": NUL, "page": HUGE, "weeks": "²", "since": NUL, "until": "9999-12-31", "seen": NUL},
]  # fmt: skip
IDS = ["abc", "%00", HUGE, "²"]
INITIAL = dict.fromkeys(
    ("weekly", "zone", "closures", "valid_from", "inboxes", "calendar", "kind", "level", "owner", "delays"), "²\0"
)  # fmt: skip


@pytest.fixture
def root(seeded) -> Client:
    make_desk()
    browser = Client(raise_request_exception=False)
    browser.force_login(make_user("root", is_superuser=True))
    return browser


def lists() -> list[str]:
    return [path for path in addresses() if re.fullmatch(r"/admin/\w+/\w+/(rows/|turns/)?", path)]


def versioned() -> list[Any]:
    """One row of each kind that keeps its versions."""
    kinds = (Article, BusinessCalendar, RiskRule, SLAPolicy, RetryPolicy, RetentionRule)
    return [kind._default_manager.order_by("pk").first() for kind in kinds]


def broken(browser: Client, asked: list[tuple[str, dict[str, str]]]) -> dict[str, int]:
    answers = {f"{path} {query}": browser.get(path, query).status_code for path, query in asked}
    return {address: status for address, status in answers.items() if status >= 500}


def test_no_list_breaks_whatever_its_address_asks(root):
    assert len(lists()) > 30

    assert broken(root, [(path, query) for path in lists() for query in ASKED]) == {}


def test_every_list_understands_the_links_that_it_offers_itself(root):
    ignored = []
    for path in lists():
        links = {
            html.unescape(link) for link in re.findall(r'href="(\?[^"#]*)"', root.get(path).content.decode())
        }
        for link in {re.sub(r"=[^&]*", "", link): link for link in sorted(links)}.values():
            said = root.get(path + link, follow=True).content.decode()
            if "so it was ignored" in said or "is not valid, so" in said:
                ignored.append(path + link)

    assert ignored == []


def test_no_page_of_a_row_breaks_whatever_its_address_names(root):
    pages = [path for path in addresses() if re.match(r"/admin/\w+/\w+/1/", path)]
    asked = [(path.replace("/1/", f"/{number}/", 1), {}) for path in pages for number in IDS]

    assert len(pages) > 60
    assert broken(root, asked) == {}


def test_no_page_of_a_version_breaks_whatever_its_address_names(root):
    rows = versioned()
    heads = [
        reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_history", args=[row.pk]) for row in rows
    ]

    assert None not in rows
    assert broken(root, [(f"{head}{number}/", {}) for head in heads for number in IDS]) == {}


def test_no_page_to_add_a_row_is_filled_in_from_its_address(root):
    pages = [path for path in addresses() if re.fullmatch(r"/admin/\w+/\w+/add/", path)]

    assert len(pages) > 5
    assert broken(root, [(path, INITIAL) for path in pages]) == {}
    assert (
        b"A forged rule" not in root.get("/admin/knowledge/riskrule/add/", {"name": "A forged rule"}).content
    )


@pytest.mark.parametrize(
    "where",
    ["reports/clock/report/", "reports/clock/report/clocks/", "reports/clock/dashboard/", "reports/weeklyreport/2026-W48/rows/",
     "reports/recalculation/add/", "knowledge/draft/queue/", "knowledge/draft/next/", "webhooks/retrypolicy/which/",
     "webhooks/replayrun/add/", "webhooks/reconcilerun/add/", "webhooks/source/connect/"],
)  # fmt: skip
def test_no_page_of_our_own_breaks_whatever_its_address_asks(root, where):
    names = (
        "from", "to", "by", "group", "metric", "kind", "page", "of", "source", "inbox", "status", "q", "search", "event",
        "direction", "calendar", "policy", "slug", "ids", "since", "until", "conversation_id", "fingerprint", "after", "first",
        "last", "most", "draft", "whose",
    )  # fmt: skip
    said = [NUL, "²", HUGE, "-1", "2026-13-45", "9999-12-31", "("]

    assert broken(root, [(f"/admin/{where}", dict.fromkeys(names, one)) for one in said]) == {}


LOOKUPS = {
    "/admin/webhooks/incoming/": "body__contains",
    "/admin/webhooks/delivery/": "body__startswith",
    "/admin/webhooks/rejection/": "source__secrets__secret__startswith",
    "/admin/webhooks/alert/": "text__contains",
    "/admin/webhooks/source/": "slug__startswith",
    "/admin/webhooks/contact/": "name__startswith",
    "/admin/knowledge/draft/": "body__contains",
    "/admin/knowledge/article/": "body__contains",
    "/admin/knowledge/escalation/": "conversation__contact__email__contains",
    "/admin/webhooks/conversation/": "contact__phone_number__contains",
    "/admin/knowledge/learningsignal/rows/": "question__contains",
    "/admin/auth/user/": "email__contains",
}


@pytest.mark.parametrize("path", LOOKUPS)
def test_a_list_answers_no_lookup_that_it_does_not_declare(root, path):
    answer = root.get(path, {LOOKUPS[path]: "a", "q": "b"})

    assert (answer.status_code, answer["Location"]) == (302, f"{path}?q=b")


def test_without_the_right_to_read_text_a_filter_reveals_none_of_it(db):
    make_inbox()
    deliver(message_event(100, content="The secret word is swordfish"))
    browser = Client()
    browser.force_login(make_user("olaf", "Operator"))

    answers = [
        browser.get("/admin/webhooks/incoming/", {"body__contains": word}, follow=True)
        for word in ("swordfish", "xyz")
    ]

    counts = {len(answer.context_data["cl"].result_list) for answer in answers}
    assert counts == {1}
    assert "has no filter “body__contains”" in answers[0].content.decode()


def test_what_a_list_declares_is_kept_when_the_rest_is_dropped(root):
    answer = root.get(
        "/admin/webhooks/incoming/", {"status__exact": "DEAD", "event": "x", "body__gt": "a", "e": "1"}
    )

    assert dict(parse_qsl(urlsplit(answer["Location"]).query)) == {"status__exact": "DEAD", "event": "x"}


def test_a_value_that_a_filter_cannot_read_leads_back_to_the_whole_list(root):
    make_source("globex", account_id=2)
    answer = root.get("/admin/webhooks/incoming/", {"source__id__exact": "abc"})

    assert (answer.status_code, answer["Location"]) == (302, "/admin/webhooks/incoming/")


def test_every_link_to_a_list_uses_declared_filters(root):
    pages = [
        "/admin/",
        "/admin/knowledge/learningsignal/",
        "/admin/reports/clock/dashboard/",
        "/admin/webhooks/failurenote/",
    ]
    pages += [f"/admin/knowledge/draft/{draft}/change/" for draft in (1, 2)]
    pages += [
        f"/admin/webhooks/delivery/{Delivery.objects.latest('pk').pk}/change/",
        "/admin/webhooks/incoming/",
    ]
    links = {link for page in pages for link in Reader(root.get(page).content.decode()).links if "?" in link}
    to_lists = {link for link in links if urlsplit(link).path in lists()}

    answers = {link: root.get(link).status_code for link in to_lists}

    assert len(to_lists) > 20
    assert {link: status for link, status in answers.items() if status != 200} == {}


def test_every_page_of_the_admin_keeps_to_what_it_declares():
    from webhooks.admin.declared import DeclaredLists

    assert [
        type(one).__name__ for one in admin.site._registry.values() if not isinstance(one, DeclaredLists)
    ] == []


@pytest.fixture
def agent(seeded) -> User:
    make_desk()
    make_inbox(inbox_id=3, name="Board of directors")
    return make_user("ada", "Agent", inboxes=[make_inbox()])


@pytest.mark.parametrize(
    "path",
    ["knowledge/draft/", "webhooks/conversation/", "knowledge/learningsignal/rows/", "reports/slapolicy/"],
)
def test_a_filter_lists_no_inbox_that_its_rows_hide(agent, path):
    browser = Client()
    browser.force_login(agent)
    SLAPolicy.objects.update(conditions={"inbox_ids": [2, 3], "labels": [], "priorities": [], "teams": []})

    page = browser.get(f"/admin/{path}").content.decode()

    assert "Board of directors" not in page


def test_a_filter_names_nobody_whom_its_rows_hide(agent):
    make_user("zoe-elsewhere", "Lead", inboxes=[make_inbox(inbox_id=9)])
    browser = Client()
    browser.force_login(agent)

    assert "zoe-elsewhere" not in browser.get("/admin/knowledge/escalation/").content.decode()


def test_a_lead_of_one_inbox_keeps_the_others_of_a_saved_reply(seeded):
    mine, board = make_inbox(name="Chat"), make_inbox(inbox_id=3, name="Board of directors")
    reply = SavedReply.objects.create(code="hi", text="Hello.")
    reply.inboxes.set([mine, board])
    browser = Client()
    browser.force_login(make_user("lea", "Lead", inboxes=[mine]))
    page = f"/admin/knowledge/savedreply/{reply.pk}/change/"

    shown = browser.get(page).content.decode()
    browser.post(page, {"code": "hi", "text": "Hello there.", "inboxes": [mine.pk]})

    reply.refresh_from_db()
    assert "Board of directors" not in shown
    assert (reply.text, {*reply.inboxes.all()}) == ("Hello there.", {mine, board})


def test_a_manager_of_one_inbox_keeps_the_others_of_a_policy(seeded):
    make_inbox(name="Chat")
    make_inbox(inbox_id=3, name="Board of directors")
    policy = SLAPolicy.objects.order_by("pk").first()
    policy.conditions = {"inbox_ids": [3], "labels": [], "priorities": [], "teams": []}
    policy.save()
    browser = Client()
    browser.force_login(make_user("mia", "Manager", inboxes=[make_inbox()]))
    page = f"/admin/reports/slapolicy/{policy.pk}/change/"
    shown = browser.get(page)
    form = shown.context["adminform"].form
    sent = {"name": "Renamed", "inboxes": ["2"]}
    for name in ("order", "calendar", "at_risk_share"):
        sent[name] = form.initial[name]
    sent |= dict.fromkeys(("first_response_s", "next_response_s", "resolution_s"), "4 h")

    browser.post(page, sent)

    policy.refresh_from_db()
    assert "Board of directors" not in shown.content.decode()
    assert (policy.name, policy.conditions["inbox_ids"]) == ("Renamed", [2, 3])


VERBS = ("get", "post", "put", "patch", "delete", "options", "head")
SUFFIXES = (".json", ".api", ".xml", ".json/", "/.json", ";x", "%00", "%0a", "%ff", "/..", "%2f", "//")


def test_whatever_is_asked_below_api_is_answered_in_json(root):
    """A suffix, a line break, another method: no page of Django's, and no error of ours. Each suffix meets each method."""
    places = [path.rstrip("/") for path in addresses() if path.startswith("/api/v1/")]
    asked = [
        (verb, path + suffix)
        for number, path in enumerate(places)
        for place, suffix in enumerate(SUFFIXES)
        for verb in some(VERBS, [VERBS[(number + place) % len(VERBS)]])
    ]
    asked += [
        (verb, f"/api/v1/docs/{query}") for verb in VERBS for query in ("", "?format=json", "?format=x")
    ]

    answers = ((verb, path, getattr(root, verb)(path)) for verb, path in asked)

    wrong = {
        f"{verb} {path}": (answer.status_code, answer.get("Content-Type"))
        for verb, path, answer in answers
        if answer.status_code >= 500
        or (answer.status_code >= 400 and verb != "head" and answer.get("Content-Type") != "application/json")
    }
    assert wrong == {}
