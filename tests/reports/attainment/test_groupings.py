"""Who is who in the figures: people and teams by account, type and number, whatever they are called."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from knowledge.models import ChatwootToken
from reports.attainment import attainment
from reports.models import Clock
from reports.periods import Period
from tests.factories import NOW, deliver, later, make_approved, make_draft, make_inbox, make_source, make_user
from tests.reports.clocks.test_clocks import answered, hear, wrote
from webhooks.models import Message

pytestmark = pytest.mark.django_db
DAYS = Period(date(2026, 11, 23), date(2026, 11, 27), ZoneInfo("UTC"))


@pytest.fixture(autouse=True)
def _seeded(seeded) -> None:
    make_inbox()


def first_responses(by: str) -> dict[str, int]:
    """The name of each group, and how many it kept; each opens as many rows."""
    found = attainment.attainment(DAYS, by=by, now=later(90_000), within=Q())
    counts = {}
    for (key, name), tallies in found.groups.items():
        met = tallies["first_response"].counts["met"]
        rows = attainment.matching(
            Clock.objects.filter(metric="first_response"),
            DAYS,
            now=later(90_000),
            outcome="met",
            by=by,
            group=key or "",
        )
        assert rows.count() == met
        if met:
            counts[name] = met
    return counts


def by(number: int, name: str, **facts) -> dict:
    return {"sender": {"id": number, "name": name, "type": "user"} | facts}


def one_answer(conversation: int, **sender) -> list[dict]:
    within = {"id": conversation}
    return [
        wrote(1000 + conversation, id=conversation),
        answered(2000 + conversation, within=within, **sender),
    ]


def test_two_annas_are_two_rows():
    hear(*one_answer(1, **by(3, "Anna")), *one_answer(2, **by(4, "Anna")), at=3600)

    assert first_responses("agent") == {"Anna (acme 3)": 1, "Anna (acme 4)": 1}


def test_a_renamed_eva_is_one_under_her_newest_name():
    hear(*one_answer(1, **by(3, "Eva Ost")), at=3600)
    moved = answered(2002, at=86_400 + 1800, within={"id": 2}, **by(3, "Eva West"))
    hear(wrote(1002, 86_400, id=2), moved, at=90_000)

    assert first_responses("agent") == {"Eva West": 2}


def test_annas_of_two_accounts_are_two_rows():
    other = make_source("other")
    make_inbox(other)
    hear(*one_answer(1, **by(3, "Anna")), at=3600)
    for event in one_answer(1, **by(3, "Anna")):
        deliver(event, source=other, now=later(3600))

    assert first_responses("agent") == {"Anna (acme 3)": 1, "Anna (other 3)": 1}


def approved_by(user) -> None:
    hear(wrote())
    draft = make_approved(make_draft(Message.objects.get(message_id=100)), by=user)
    draft.sent_message_id = 101
    draft.save()
    hear(
        answered(**by(1, "Support site")),
        *one_answer(2, **by(3, "Eva Ost", email="eva@acme.example")),
        at=3600,
    )


def test_an_approver_and_the_same_person_in_chatwoot_are_one_by_their_token():
    eva = make_user("eva", "Lead")
    ChatwootToken.objects.create(
        user=eva, source=make_source(), sender_id=3, sender_name="Eva Ost", checked_at=NOW
    )
    hear(*one_answer(9, **by(3, "Eva Ost")))
    approved_by(eva)

    assert first_responses("agent") == {"Eva Ost": 3}


def test_an_approver_and_the_same_person_in_chatwoot_are_one_by_their_address():
    hear(*one_answer(9, **by(3, "Eva Ost", email="eva@acme.example")), at=3600)
    approved_by(make_user("eva", "Lead", email="Eva@acme.example"))

    assert first_responses("agent") == {"Eva Ost": 3}


def test_an_approver_who_only_bears_the_name_is_another():
    approved_by(make_user("eva", "Lead", first_name="Eva", last_name="Ost", email="another@acme.example"))

    assert first_responses("agent") == {"Eva Ost": 1, "Eva Ost (desk)": 1}


def test_teams_are_told_apart_by_number_too():
    for conversation, number, name in ((1, 4, "billing"), (2, 5, "billing"), (3, 6, "orders")):
        team = {"team": {"id": number, "name": name}, "assignee": None}
        about = {"id": conversation, "meta": team}
        hear(wrote(1000 + conversation, **about), answered(2000 + conversation, within=about), at=3600)

    assert first_responses("team") == {"billing (acme 4)": 1, "billing (acme 5)": 1, "orders": 1}
