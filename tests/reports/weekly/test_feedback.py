"""A day's feedback: figures from the rows, refreshed; what a person wrote stays."""

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.factories import NOW, make_inbox
from tests.reports.clocks.test_clocks import answered, hear, wrote

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_a_folder(settings, tmp_path, seeded, monkeypatch) -> None:
    make_inbox()
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=5))


def written(day: str = "2026-11-23") -> str:
    out = io.StringIO()
    call_command("write_feedback", "--date", day, stdout=out)
    return (settings.BASE_DIR / out.getvalue().strip()).read_text()


def test_the_day_s_figures_come_from_the_rows():
    hear(wrote(), answered())

    text = written()

    assert "First response: 100 % met (1 met, 0 missed, 0 running)" in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Status", "## Evidence", "## Blockers", "## Next steps",
    ]  # fmt: skip


def test_what_a_person_wrote_stays_while_figures_are_refreshed(settings):
    assert "First response: no data" in written()
    path = settings.BASE_DIR / "feedback/support/2026-11-23.md"
    path.write_text(
        path.read_text().replace("Next steps: write here; this text is preserved.", "Call Ann.\n\nThen \\1.")
    )
    hear(wrote(), answered())

    text = written()

    assert "Call Ann.\n\nThen \\1.\n<!-- end next -->" in text
    assert "First response: 100 %" in text


def test_broken_marks_are_reported_and_nothing_is_lost(settings):
    written()
    path = settings.BASE_DIR / "feedback/support/2026-11-23.md"
    path.write_text(path.read_text().replace("<!-- end next -->", "") + "Call Ann.")

    with pytest.raises(CommandError, match="marks are broken"):
        written()

    assert "Call Ann." in path.read_text()


def test_what_waits_for_a_decision_stands_among_the_next_steps():
    hear(wrote())

    assert "- 1 customer is overdue for an answer: who replies?" in written().partition("## Next steps")[2]


@pytest.mark.parametrize("day", ["yesterday", "2026-11-24", "0001-01-01", ""])
def test_what_is_no_day_up_to_today_is_refused_in_one_line(day):
    with pytest.raises(CommandError) as refused:
        written(day)

    assert "\n" not in str(refused.value)
