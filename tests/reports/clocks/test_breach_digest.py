"""At risk and breached: told once each, in a digest at most every ten minutes, to the assignee and the inbox's Leads."""

from datetime import timedelta

import pytest

from knowledge.models import ChatwootToken, Escalation, EscalationRule
from reports.clocks import breach_digest, clocks
from reports.models import SLAAlert
from tests.factories import NOW, later, make_inbox, make_lead, make_source, make_user, run_due
from tests.reports.clocks.test_clocks import answered, hear, wrote
from webhooks.models import Conversation, Delivery

pytestmark = pytest.mark.django_db
MINUTE = 60


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


@pytest.fixture
def lea():
    return make_lead("lea", email="lea@example.com")


def look(minutes: float) -> None:
    """As the chores do, at that time."""
    now = later(minutes * MINUTE)
    clocks.sweep(now=now)
    breach_digest.notice(now=now)
    breach_digest.tell(now=now)
    run_due("slow", now=now)


def kinds() -> list[str]:
    return [str(kind) for kind in SLAAlert.objects.order_by("pk").values_list("kind", flat=True)]


@pytest.mark.parametrize(
    ("minutes", "expected"), [(47, []), (48, ["at_risk"]), (60, ["at_risk"]), (61, ["breach"])]
)
def test_a_clock_is_noticed_when_it_comes_to_be_at_risk_and_when_it_is_late(minutes, expected):
    hear(wrote())

    breach_digest.notice(now=later(minutes * MINUTE))

    assert kinds() == expected


def test_each_is_told_once(lea, mailoutbox):
    hear(wrote())

    for minutes in (48, 49, 59, 61, 75, 120):
        look(minutes)

    assert [mail.subject for mail in mailoutbox] == [
        "Customers wait: 1 at risk",
        "Customers wait: 1 breached",
    ]


def test_a_digest_comes_at_most_every_ten_minutes(lea, mailoutbox):
    hear(wrote(), wrote(200, 60, id=8), wrote(300, 120, id=9), at=120)

    for minutes in (48, 49, 50, 58):
        look(minutes)

    assert [mail.subject for mail in mailoutbox] == ["Customers wait: 1 at risk", "Customers wait: 2 at risk"]


def test_what_was_answered_meanwhile_is_not_told(lea, mailoutbox):
    hear(wrote())
    now = later(50 * MINUTE)
    breach_digest.notice(now=now)
    breach_digest.tell(now=now)
    hear(answered(101, 51 * MINUTE), at=51 * MINUTE)

    run_due("slow", now=later(52 * MINUTE))

    assert mailoutbox == []


def test_what_lies_longer_back_than_a_day_is_no_news(lea):
    hear(wrote())

    breach_digest.notice(now=NOW + timedelta(days=1, hours=2))

    assert kinds() == []


def names(conversation: Conversation) -> list[str]:
    return [user.username for user in breach_digest.told(conversation)]


def test_it_is_told_to_the_inbox_s_leads_and_to_its_assignee(lea):
    make_user("mia", "Manager")
    make_user("maria", "Agent", first_name="Maria", last_name="Lopez")
    make_user("tom", "Agent", first_name="Tom")
    make_user("pat", "Lead", inboxes=[make_inbox(inbox_id=9)])
    hear(wrote())
    Conversation.objects.update(assignee="Maria Lopez")

    assert names(Conversation.objects.get()) == ["lea", "maria"]


def assigned(**card) -> dict:
    return wrote(meta={"assignee": {"type": "user"} | card})


def test_an_assignee_is_known_by_their_token_whatever_they_are_called(lea):
    ann, other = make_user("ann", "Agent"), make_user("anna", "Agent", first_name="Anna", last_name="B")
    facts = {"source": make_source(), "sender_name": "Anna B", "checked_at": NOW}
    ChatwootToken.objects.create(user=ann, sender_id=3, **facts)
    ChatwootToken.objects.create(user=other, sender_id=4, **facts)
    hear(assigned(id=3, name="Anna B"))

    assert names(Conversation.objects.get()) == ["lea", "ann"]


def test_an_assignee_is_known_by_their_address(lea):
    make_user("ann", "Agent", email="Ann@acme.example")
    make_user("anna", "Agent", first_name="Anna", last_name="B", email="anna@acme.example")
    hear(assigned(id=3, name="Anna B", email="ann@acme.example"))

    assert names(Conversation.objects.get()) == ["lea", "ann"]


def test_a_bot_that_is_called_as_a_person_is_not_that_person(lea):
    make_user("anna", "Agent", first_name="Anna", last_name="B")
    hear(assigned(id=3, name="Anna B", type="agent_bot"))

    assert names(Conversation.objects.get()) == ["lea"]


def test_nobody_has_the_customer_s_name_or_words_in_the_mail(lea, mailoutbox):
    hear(wrote())

    look(50)

    assert "Ada" not in mailoutbox[0].body
    assert "password" not in mailoutbox[0].body
    assert "First response, Chat #7, due Mon 23 Nov, 10:00 UTC" in mailoutbox[0].body


def test_a_breach_raises_an_escalation_where_a_rule_wants_it(lea):
    EscalationRule.objects.filter(on="breach").update(enabled=True)
    hear(wrote())

    for minutes in (50, 61, 75):
        look(minutes)

    assert [(row.kind, row.owner) for row in Escalation.objects.all()] == [("sla_breach", lea)]


def test_a_breach_raises_none_of_itself(lea):
    hear(wrote())

    look(61)

    assert not Escalation.objects.exists()
    assert Delivery.objects.filter(event="sla.notify").count() == 1
