"""The weekly knowledge digest: on Mondays, once, to those who decide, by the customers that it would help; else nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from knowledge.learning import gap_rows, gap_writing, weekly_digest
from knowledge.models import Change, Gap
from tests.factories import make_article, make_inbox, make_lead, make_source, make_user, run_due
from tests.knowledge.learning.learnt import NOW as WEDNESDAY
from tests.knowledge.learning.test_gaps import topic
from webhooks.accounts import profiles
from webhooks.models import Notice, notice_kinds
from webhooks.notices import digest, preferences

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _words(settings) -> None:
    settings.EMBEDDER, settings.TIME_ZONE = "words", "UTC"
    make_source()


def change(title: str, customers: int) -> Change:
    article = make_article(title.lower(), title=title)
    return Change.objects.create(
        kind="EDIT", origin="LESSON", article=article, base_version=1, proposed={"body": "New"}, digest=title,
        created_at=WEDNESDAY, customers=customers,
    )  # fmt: skip


def lead(name: str = "lea", **facts):
    return make_lead(name, email=f"{name}@example.com", **facts)


def sent(now: datetime = MONDAY) -> list[str]:
    """The first lines of all emails, after the chore, the digest and the workers."""
    weekly_digest.write_due(now=now)
    digest.send_due(now=now + timedelta(seconds=61))
    run_due("slow", now=now + timedelta(seconds=61))
    return [letter.body.splitlines()[0] for letter in mail.outbox]


def test_open_changes_and_new_gaps_come_with_those_that_help_the_most_customers_first():
    lead()
    change("Shipping", 4), change("Refund", 9), change("Import", 0)
    topic()

    assert sent() == [
        "Knowledge this week: 3 open changes, 1 new gap. "
        "Most customers: Edit: Refund (9); Discount, student, get (6); Edit: Shipping (4)."
    ]
    assert "/admin/knowledge/change/review/" in mail.outbox[0].body


def test_nothing_is_sent_when_nothing_waits():
    lead()

    assert sent() == []
    assert not Notice.objects.exists()


@pytest.mark.parametrize("hours", [-24, -0.1, 24])
def test_it_comes_on_mondays_from_seven(hours):
    lead()
    change("Refund", 3)

    assert sent(MONDAY + timedelta(hours=hours)) == []


def test_it_comes_once_a_week_in_the_site_s_own_time_zone(settings):
    settings.TIME_ZONE = "America/Sao_Paulo"
    lead()
    change("Refund", 3)

    assert sent(MONDAY) == []
    assert len(sent(MONDAY + timedelta(hours=3))) == 1
    assert len(sent(MONDAY + timedelta(hours=5))) == 1
    assert len(sent(MONDAY + timedelta(days=7, hours=3))) == 2


def test_a_gap_is_new_for_a_week_and_again_when_it_comes_back():
    lead()
    topic()
    Gap.objects.update(found_at=MONDAY - timedelta(days=8))
    assert sent() == []

    Gap.objects.update(status="OVER")
    gap_rows.run(now=WEDNESDAY + timedelta(days=3))

    assert sent()[0].startswith("Knowledge this week: 1 new gap.")


def test_what_is_settled_by_then_is_not_sent():
    lead()
    gap = topic()
    weekly_digest.write_due(now=MONDAY)
    gap_writing.dismiss(gap, by=make_lead("ann"), reason="We never have one.", now=MONDAY)

    assert sent() == []


def test_only_those_who_decide_are_told_and_only_of_their_inboxes():
    lead("carl", inboxes=[make_inbox(inbox_id=9)])
    make_user("alex", "Agent", email="alex@example.com")
    topic()

    assert sent() == []


def test_a_person_who_does_not_want_it_gets_none():
    person = lead()
    change("Refund", 3)
    kinds = [kind for kind in notice_kinds.KINDS if kind != notice_kinds.KNOWLEDGE]
    preferences.choose(person, on=[(kind, "email") for kind in kinds], quiet_minutes=5)

    assert sent() == []


def test_it_is_written_in_the_reader_s_language():
    person = lead()
    change("Refund", 3)
    profiles.choose(person, zone="", leads_on=True, language="de")

    assert sent()[0].startswith("Wissen diese Woche: 1 offene Änderung.")
