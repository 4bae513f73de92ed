"""The PDF of a week: what a reader must find in it, what must not be in it, and that it does not change."""

import io
from types import SimpleNamespace

import pypdfium2
import pytest
from django.core.management import CommandError, call_command

from reports.weekly import pdf
from tests.factories import make_inbox
from tests.reports.clocks.test_clocks import answered, hear, wrote
from tests.reports.weekly.week_48 import LATER, WEEK, asked, kept, rated
from webhooks.models import Conversation

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def text_of(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return " ".join(" ".join(pages).split())


def test_it_has_the_headline_the_decisions_and_each_part():
    hear(wrote())
    report = kept()

    text = text_of(pdf.rendered(report))

    assert report["headline"] in text
    assert report["needs_you"][0]["what"] in text
    for part in (
        "Weekly support report",
        "Action items",
        "What changed",
        "Why we missed",
        "SLA attainment",
        "Page 1 of",
    ):
        assert part in text


def test_it_names_no_customer_and_quotes_none():
    hear(wrote(), asked(), rated(1, "Terrible service"), at=3600)

    text = text_of(pdf.rendered(kept()))

    assert "Ada" not in text
    assert "Terrible" not in text


def test_a_saved_week_gives_the_same_file_each_time():
    hear(wrote(), answered())
    report = kept()

    assert pdf.rendered(report) == pdf.rendered(report)


def test_a_label_of_any_script_breaks_nothing():
    names = ["Łódź", "возврат", "ελλάδα", "返金", "‮abc", "**bold** <b>"]
    hear(wrote(), answered())
    Conversation.objects.update(labels=names)
    report = kept()
    report["text"] = [f"{name}: 3{place}" for place, name in enumerate(names)]

    text = text_of(pdf.rendered(report))

    assert [place for place, _ in enumerate(names) if f": 3{place}" not in text] == []


@pytest.fixture
def printed(monkeypatch):
    """What the command writes to this kind of output."""
    monkeypatch.setattr("reports.management.commands.weekly_report.clock", SimpleNamespace(now=lambda: LATER))

    def run(*, terminal: bool) -> bytes:
        out = io.TextIOWrapper(io.BytesIO())
        out.isatty = lambda: terminal
        call_command("weekly_report", "--week", WEEK, "--as", "pdf", stdout=out)
        return out.buffer.getvalue()

    return run


def test_the_command_writes_the_file(printed):
    assert printed(terminal=False) == pdf.rendered(kept())


def test_the_command_does_not_fill_a_terminal_with_bytes(printed):
    with pytest.raises(CommandError, match="Send it to a file"):
        printed(terminal=True)
