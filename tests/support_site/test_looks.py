"""What every page keeps to, so that it can be shown to a customer: names, empty cells, tables on a phone, one word a thing."""

import re
from pathlib import Path

import pytest
from django.test import Client

from knowledge.models import Draft, Probe, RiskRule
from tests.factories import NOW, make_draft, make_user
from webhooks.accounts import names
from webhooks.display import formats

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for app in ("knowledge", "reports", "webhooks", "support_site")
    for path in (ROOT / app).rglob("templates/**/*.html")
)


def page(username: str, address: str, *groups: str, **facts) -> str:
    browser = Client()
    browser.force_login(make_user(username, *groups, **facts))
    return browser.get(address).content.decode()


def test_a_person_is_called_by_the_full_name_and_without_one_by_the_user_name():
    lena = make_user("lena", first_name="Lena", last_name="Novak")

    assert (str(lena), str(make_user("mark")), names.shown(lena)) == ("Lena Novak", "mark", "Lena Novak")


def test_a_list_shows_who_decided_by_the_full_name():
    lena = make_user("lena", "Lead", first_name="Lena", last_name="Novak")
    Draft.objects.filter(pk=make_draft().pk).update(status="REJECTED", decided_by=lena)

    assert "Lena Novak" in page("root", "/admin/knowledge/draft/", is_superuser=True)


def test_a_cell_without_a_value_is_marked_so_that_a_phone_leaves_it_out():
    make_draft()

    html = page("root", "/admin/knowledge/draft/", is_superuser=True)

    assert re.search(r'data-label="Decided by"><span class="s-nothing">–</span></td>', html)
    assert ":has(.s-nothing)" in (ROOT / "support_site/static/support/site.css").read_text()


def test_no_rule_of_the_stylesheet_rests_on_an_english_label():
    assert 'data-label="' not in (ROOT / "support_site/static/support/site.css").read_text().replace(
        "[data-label]", ""
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_table_with_a_head_becomes_cards_or_lines_on_a_phone(path):
    tables = re.findall(r'<table class="(s-table[^"]*)">\s*<thead>', path.read_text())

    assert [one for one in tables if not re.search(r"s-(carded|stacked|roles|choices|small)", one)] == []


def test_every_cell_of_a_card_but_its_title_names_its_column():
    for path in TEMPLATES:
        for table in re.findall(
            r'<table class="s-table[^"]*s-carded[^"]*">.*?</table>', path.read_text(), re.S
        ):
            for row in re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2], re.S):
                cells = re.findall(r"<(?:td|th)\b[^>]*", row)
                assert [
                    cell for cell in cells[1:] if "data-label" not in cell and "s-strong" not in cell
                ] == [], path


def test_the_sign_in_page_has_one_word_for_signing_in():
    html = Client().get("/admin/login/").content.decode()

    assert "Sign in" in html
    assert not re.search(r"log ?in<|Log in|Welcome back", re.sub(r"<[^>]*>", "<", html))


def test_signing_out_leads_to_the_sign_in_page():
    browser = Client()
    browser.force_login(make_user("root", is_superuser=True))

    assert "Log out" not in browser.get("/admin/").content.decode()
    assert browser.post("/admin/logout/").headers["Location"] == "/admin/login/"


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "US$ 0.00"),
        (0.00004, "under US$ 0.0001"),
        (0.0123, "US$ 0.0123"),
        (12.4, "US$ 12.40"),
        (1204, "US$ 1,204.00"),
    ],
)
def test_a_cost_has_a_currency_and_is_never_rounded_to_nothing(amount, said):
    assert formats.dollars(amount) == said


def test_who_may_not_change_a_risk_rule_reads_it_in_words():
    rule = RiskRule.objects.create(
        name="Refund", kind="refund", number=100, words=["rückzahl*", "credit", "a", "b", "c", "d"]
    )

    html = page("anna", f"/admin/knowledge/riskrule/{rule.pk}/change/", "Agent")

    assert "Money over an amount: 100; rückzahl*, credit, a, b, c, d" in html
    assert "u00fc" not in html


def test_who_may_not_change_a_risk_rule_opens_its_old_versions():
    rule = RiskRule.objects.create(name="Refund", kind="refund", number=100)
    version = rule.history.get()

    html = page("anna", f"/admin/knowledge/riskrule/{rule.pk}/history/{version.pk}/", "Agent")

    assert "Money over an amount: 100" in html


def test_a_probe_is_shown_as_its_list_shows_it():
    probe = Probe.objects.create(
        question="Where is it?",
        language="de",
        last_confidence=0.7718179925385271,
        last_rank=2,
        created_at=NOW,
    )

    html = page("root", f"/admin/knowledge/probe/{probe.pk}/change/", is_superuser=True)

    assert "77 %" in html
    assert "0.7718" not in html


def test_no_template_writes_a_date_in_english_order():
    """DATE_FORMAT and MONTH_DAY_FORMAT follow the reader's language."""
    found = [
        (path.name, one) for path in TEMPLATES for one in re.findall(r'date:"[^"]*j [^"]*"', path.read_text())
    ]

    assert found == []
