"""Our figures beside Chatwoot's own report: what both count, and by which rule they differ."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
import responses
from django.core.management import CommandError, call_command

from reports.attainment import chatwoot_comparison
from reports.periods import Period
from tests.factories import NOW, deliver, later, make_inbox, make_source
from tests.reports.clocks.test_clocks import answered, changed, hear, wrote
from webhooks.errors import Permanent
from webhooks.models import Conversation, Source
from webhooks.outbound import chatwoot
from webhooks.simulator import payloads
from webhooks.simulator.server import SimulatedChatwoot
from webhooks.simulator.world import World

pytestmark = pytest.mark.django_db
DAY = Period(date(2026, 11, 23), date(2026, 11, 23), ZoneInfo("UTC"))
SUMMARY = "http://chatwoot.test/api/v2/accounts/1/reports/summary"
MINUTE = 60


@pytest.fixture
def source(seeded) -> Source:
    make_inbox()
    return make_source()


def compare(source: Source, **told) -> chatwoot_comparison.Comparison:
    with responses.RequestsMock() as wire:
        wire.get(SUMMARY, json=told)
        return chatwoot_comparison.compare(source, DAY, client=chatwoot.client(source))


def why(found: chatwoot_comparison.Comparison) -> dict[str, tuple[int, float]]:
    return {one.name: (one.count, one.seconds) for one in found.first_response}


def rows(found: chatwoot_comparison.Comparison) -> dict[str, tuple]:
    return {row.name: (row.here, row.there) for row in found.rows}


def test_chatwoot_is_asked_for_the_same_days(source):
    with responses.RequestsMock() as wire:
        wire.get(SUMMARY, json={})
        chatwoot_comparison.compare(source, DAY, client=chatwoot.client(source))

        asked = wire.calls[0].request.params

    assert (asked["since"], asked["until"]) == ("1795392000", "1795478400")


def test_the_same_first_response_needs_no_explanation(source):
    hear(wrote(), answered())

    found = compare(source, avg_first_response_time="1800.0", conversations_count=1)

    assert rows(found)["mean first response, wall clock"] == (1800, 1800)
    assert rows(found)["conversations"] == (1, 1)
    assert (why(found), found.unexplained_s) == ({}, 0)


def test_time_before_the_customer_wrote_is_rule_1(source):
    hear(wrote(at=0), answered())
    Conversation.objects.update(created_at=later(-600))

    assert why(compare(source)) == {"began": (1, -600)}


def test_an_agent_who_wrote_first_is_rule_1(source):
    hear(answered(99, -10 * MINUTE), wrote())

    assert why(compare(source)) == {"opened": (1, 0)}


def test_an_answer_that_the_channel_refused_is_rule_2(source):
    refused = answered(content_attributes={"external_error": "No such number"}, event="message_updated")
    refused["conversation"]["messages"][0]["updated_at"] += 5
    hear(wrote(), answered(), refused)

    assert why(compare(source)) == {"refused": (1, 0)}


def test_spam_is_rule_6(source):
    hear(wrote(), answered(), changed(3600, changes={"label_list": ([], ["spam"])}, labels=["spam"]), at=3600)

    assert why(compare(source)) == {"exempt": (1, 0)}


def test_what_was_deleted_in_chatwoot_is_rule_6(source):
    hear(wrote(), answered())
    Conversation.objects.update(deleted_at=later(7200))

    found = compare(source, conversations_count=0)

    assert [(name, one.name, one.count) for name, one in found.counts] == [("conversations", "deleted", 1)]


def test_a_first_response_again_is_rule_7(source):
    hear(
        wrote(at=-600), changed(-300, event="conversation_status_changed", changes={"status": ("open", "resolved")},
                                status="resolved"),
        wrote(102, 0), answered(103, 600), at=600,
    )  # fmt: skip

    assert why(compare(source))["again"] == (1, 0)


def test_no_policy_is_rule_8(source):
    from reports.models import SLAPolicy

    SLAPolicy.objects.update(order=1)
    policy = SLAPolicy.objects.get()
    policy.conditions = {"labels": ["vip"]}
    policy.save()
    hear(wrote(), answered())

    assert why(compare(source)) == {"no_policy": (1, 0)}


def test_what_never_reached_this_site_is_the_remaining_difference(source):
    hear(wrote(), answered())

    assert compare(source, avg_first_response_time="3600").unexplained_s == 1800


@pytest.mark.parametrize(("version", "told"), [("4.14.2", False), ("4.15.0", True), ("", False)])
def test_the_command_says_when_chatwoots_own_sla_counts_hours(seeded, capsys, version, told):
    with SimulatedChatwoot(deliver=False) as stand_in:
        make_source(base_url=stand_in.url, api_token=stand_in.admin_token, chatwoot_version=version)

        call_command("compare_chatwoot", "--from", "2026-11-23", "--to", "2026-11-23")

    assert ("no breaks, no holidays" in capsys.readouterr().out) is told


def test_the_command_tells_the_stand_in_s_report_beside_ours(seeded, capsys):
    now = NOW
    world = World(now=lambda: now.timestamp())
    world.outbox.hold()
    with SimulatedChatwoot(world, deliver=False) as stand_in:
        source = make_source(base_url=stand_in.url, api_token=stand_in.admin_token)
        make_inbox(source)
        asked = world.customer_writes(content="Hello", inbox_id=2)
        now = later(600)
        world.agent_writes(conversation_id=asked.conversation_id, content="Hi")
        for event in world.outbox.take_all():
            if payload := payloads.build(world, event):
                deliver(payload, source=source, now=now)

        call_command("compare_chatwoot", "--from", "2026-11-23", "--to", "2026-11-23")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["conversations", "1", "1"] in lines
    assert ["mean", "first", "response,", "wall", "clock", "10", "min", "10", "min"] in lines


WRONG = [
    (("--from", "monday", "--to", "2026-11-23"), "is not a date"),
    (("--from", "2026-11-23", "--to", "2026-11-22"), "--to is before --from"),
    (("--from", "2026-11-23", "--to", "2026-11-23", "--slug", "nobody"), "Connected: acme"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[said for _, said in WRONG])
def test_the_command_says_what_is_wrong(source, words, said):
    with pytest.raises(CommandError, match=said):
        call_command("compare_chatwoot", *words)


def test_a_refusal_says_which_token_is_needed(source, monkeypatch):
    def refused(*args, **facts):
        raise Permanent("Chatwoot answered 401.")

    monkeypatch.setattr(chatwoot.Client, "report_summary", refused)

    with pytest.raises(CommandError, match="administrator's token"):
        call_command("compare_chatwoot", "--from", "2026-11-23", "--to", "2026-11-23")
