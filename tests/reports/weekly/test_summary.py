"""The week in sentences: only what is unusual, links for action items, no formula or markup run from files."""

import csv
import io

import pytest
from django.urls import resolve

from knowledge.models import Draft
from reports.templatetags import reports
from reports.weekly import action_items, export, summary, trends
from tests.factories import NOW, make_draft, make_inbox
from tests.reports.clocks.test_clocks import hear, wrote
from tests.reports.weekly.week_48 import LATER, WEEK, asked, kept, rated
from webhooks.models import Alert, Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def week(**values) -> dict:
    """The figures that sentences are made from: each resting on enough, and usual unless said otherwise."""
    found: dict = {"adherence": {metric: {"n": 40, "attainment": 0.85} for metric in export.NAMES}}
    for one in trends.TRENDS:
        if not one.metric:
            found.setdefault(one.section, {}).update({one.value: 0.5} | ({one.n: 40} if one.n else {}))
    for name, (value, n) in values.items():
        one = trends.BY_NAME[name]
        section = found[one.section][one.metric] if one.metric else found[one.section]
        section |= {one.value: value} | ({one.n: n} if one.n else {})
    return found


USUAL = trends.ranges([week(first_response=(share, 40)) for share in (0.8, 0.82, 0.85, 0.9)])


@pytest.mark.once
def test_only_what_lies_outside_the_usual_range_is_said():
    low = week(first_response=(0.79, 40), satisfied=(0.6, 40))

    said = summary.text(low | {"usual": USUAL, "why_missed": {"unassigned": 3}})

    assert said == [
        "First response met: 79 % (n = 40), below the range of the last eight weeks (80 % to 90 %).",
        "Satisfied customers: 60 % (n = 40), above the range of the last eight weeks (50 %).",
        "Most frequent cause of missed targets: unassigned (3 of 3).",
    ]


CLOSE = {
    0.796: ["First response met: 79.6 % (n = 40), below the range of the last eight weeks (80 % to 90 %)."],
    0.7999: ["First response met: 79.9 % (n = 40), below the range of the last eight weeks (80 % to 90 %)."],
    0.9004: ["All figures are within the range of the last eight weeks."],
}


@pytest.mark.once
@pytest.mark.parametrize("share", CLOSE)
def test_no_sentence_says_that_a_figure_lies_outside_of_what_reads_the_same(share):
    found = week(first_response=(share, 40)) | {"usual": USUAL, "why_missed": {}}

    assert summary.text(found) == CLOSE[share]


@pytest.mark.once
def test_of_few_nothing_is_said():
    assert summary.text(week(first_response=(0.1, 19)) | {"usual": USUAL, "why_missed": {}}) == [
        "All figures are within the range of the last eight weeks."
    ]


@pytest.mark.once
def test_of_three_weeks_nobody_knows_what_is_usual():
    assert trends.ranges([week()] * 3) == {}
    assert "at least 4" in summary.text(week() | {"usual": {}, "why_missed": {}})[0]


@pytest.mark.once
def test_five_sentences_are_the_most():
    odd = {one.name: (9, 40) for one in trends.TRENDS}

    said = summary.text(week(**odd) | {"usual": USUAL, "why_missed": {"unassigned": 3}})

    assert len(said) == summary.MOST_SENTENCES
    assert said[-1].startswith("Most frequent cause of missed targets")


@pytest.mark.once
@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({}, "100 % of 40 processed, 12 retried, data complete."),
        ({"given_up": 2, "share": 0.95}, "95 % of 40 processed, 12 retried, 2 failed, data complete."),
        (
            {"gaps": [{}], "complete": False},
            "100 % of 40 processed, 12 retried, 1 gap not recovered, data incomplete.",
        ),
        ({"n": 0}, "No webhooks were received."),
    ],
)
def test_one_line_says_of_the_webhooks_that_all_is_there_or_what_is_missing(facts, line):
    found = {"n": 40, "share": 1, "retried": 12, "given_up": 0, "recovered": 0, "gaps": [], "complete": True}

    assert summary.webhooks(found | facts) == line


def test_at_most_five_decisions_each_leads_somewhere():
    hear(wrote())
    draft = make_draft()
    Draft.objects.filter(pk=draft.pk).update(status="SECOND_LOOK")
    Conversation.objects.update(reply_due_at=NOW)
    Alert.objects.create(
        kind="spool", key="spool", text="DatabaseUnavailable", opened_at=NOW, last_seen_at=NOW
    )
    found = {
        "webhooks": {"given_up": 2},
        "csat": {"low": 1}, "drafts": {"tone": 4, "accuracy": 5, "policy": None, "without_signal": 1},
    }  # fmt: skip

    listed = action_items.listed(WEEK, found, now=LATER)

    assert [one["what"] for one in listed] == [
        "1 customer is overdue for an answer: who replies?",
        "1 reply waits for a second person: who reviews it?",
        "2 events failed and are not counted: replay or leave them?",
        "1 customer gave 1 or 2 stars: who gets in touch?",
        "1 draft grade is below its target: which articles need work?",
    ]
    for item in action_items.ACTION_ITEMS:
        assert (
            resolve(action_items._where(item, WEEK).partition("?")[0].partition("#")[0]).func.__name__
            != "catch_all_view"
        )


def test_a_label_that_looks_like_a_formula_is_a_text_in_the_csv():
    hear(wrote())
    Conversation.objects.update(labels=["=1+1"], created_at=NOW)

    rows = list(csv.reader(io.StringIO(export.as_csv(kept()))))

    assert [WEEK, "reasons", "'=1+1", "1", "1"] in rows


def test_what_customers_wrote_is_no_markup_in_the_markdown():
    hear(wrote(), asked(), rated(1, "<b>bad</b>\n# [x](http://evil.example)"), at=3600)

    text = export.markdown(kept())

    assert "\\<b\\>bad\\</b\\> \\# \\[x\\](http://evil.example)" in text
    assert "bad" not in export.markdown(kept(), comments=False)


def test_the_markdown_has_a_heading_for_each_part_of_the_report():
    headings = [line[3:] for line in export.markdown(kept()).splitlines() if line.startswith("## ")]

    assert headings == [
        "Action items", "SLA attainment", "In time and right", "Causes of missed targets", "Reopened within 72 h", "Volume",
        "Escalations", "Customer ratings",
        "Drafts", "1 or 2 stars", "Longest waiting", "Contact reasons", "Webhooks",
    ]  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize(
    ("share", "shown"), [(97 / 122, "79.5 %"), (0.9996, "99.9 %"), (1, "100 %"), (None, "no data")]
)
def test_the_headline_and_the_tables_show_a_share_as_the_page_does(share, shown):
    found = {
        "adherence": {"first_response": {"attainment": share, "n": 122, "last_week": None}},
        "escalations": {"raised": 1},
    }

    assert f"first response {shown}" in summary.headline("2026-W48", found, 2)
    assert trends.percent(share) == reports.share(share) == shown
