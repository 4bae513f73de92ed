"""A rested Chatwoot keeps an approved reply waiting, never past its age in silence; a rested drafter hands over."""

import pytest
import responses

from knowledge.drafting import model_endpoint, redrafting
from knowledge.models import Draft
from knowledge.replies import parked
from tests.factories import NOW, deliver, later, make_approved, make_inbox, message_event, run_due
from tests.webhooks.deliveries.open_circuits import RESTS_UNTIL, make_open_circuit
from webhooks.deliveries import circuits
from webhooks.models import Alert, AlertRule, Delivery, Upstream

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = 1800
SETTLED = later(60)


def rest_the_drafter(**facts) -> None:
    make_open_circuit(**facts)
    Upstream.objects.update(key=model_endpoint.UPSTREAM, source=None)


@pytest.fixture
def endpoint(seeded, settings):
    settings.DRAFTER_URL, settings.DRAFTER_MODEL = "https://models.test/v1", "small-1"
    make_inbox()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_an_approved_reply_waits_for_a_rested_chatwoot(seeded):
    draft = make_approved()
    make_open_circuit(probe_at=later(HALF_AN_HOUR))

    (row,) = run_due("send", now=later(60))

    draft.refresh_from_db()
    assert (draft.status, row.attempts, row.next_attempt_at) == ("APPROVED", 0, later(HALF_AN_HOUR))


def test_one_that_would_leave_too_late_is_parked_for_a_person_at_once(seeded):
    draft = make_approved()
    make_open_circuit(probe_at=later(HALF_AN_HOUR + 60))

    run_due("send", now=later(60))

    draft.refresh_from_db()
    assert draft.status == "PARKED"
    assert "circuit open" in draft.why


def test_for_a_rested_drafter_the_built_in_one_drafts_once_the_pause_is_too_long(endpoint):
    rest_the_drafter(probe_at=later(3600))
    deliver(message_event())

    run_due("slow", now=SETTLED)

    assert Draft.objects.get().author == "Built-in drafter"


def test_what_the_built_in_drafter_has_waits_for_nobody(endpoint):
    deliver(message_event())
    row = Delivery.objects.get(event="draft.request")

    assert circuits.upstream_key(row) == model_endpoint.UPSTREAM
    redrafting.on_dead_letter(row, error="Too late.", now=NOW)
    assert circuits.upstream_key(Delivery.objects.filter(event="draft.request").latest("pk")) == ""


def test_without_a_model_there_is_nobody_to_rest(endpoint, settings):
    settings.DRAFTER_URL = ""
    deliver(message_event())

    assert circuits.upstream_key(Delivery.objects.get(event="draft.request")) == ""


@pytest.mark.parametrize(("status", "is_open"), [(200, False), (404, False), (503, True)])
def test_a_rested_drafter_is_asked_for_its_models(endpoint, status, is_open):
    rest_the_drafter()
    endpoint.get("https://models.test/v1/models", status=status)

    circuits.ping(now=RESTS_UNTIL + circuits.PATIENCE)

    assert Upstream.objects.filter(opened_at__isnull=False).exists() is is_open


def test_a_model_that_does_not_answer_counts_towards_its_rest(endpoint):
    endpoint.post("https://models.test/v1/chat/completions", status=503)
    deliver(message_event())

    run_due("slow", now=SETTLED)

    assert Upstream.objects.get(key=model_endpoint.UPSTREAM).failures == 1


def test_one_whose_answer_cannot_be_read_is_there_all_the_same(endpoint):
    endpoint.post("https://models.test/v1/chat/completions", body="<html>")
    deliver(message_event())

    run_due("slow", now=SETTLED)

    assert not Upstream.objects.exists()


def park() -> None:
    draft = make_approved()
    Draft.objects.filter(pk=draft.pk).update(status="PARKED")


def told() -> list[str]:
    parked.watch(now=NOW)
    return list(Alert.objects.filter(kind="parked", closed_at=None).values_list("text", flat=True))


def test_the_first_parked_reply_is_told(seeded):
    park()

    assert told() == ["1 reply is parked. It is unknown whether it arrived."]


def test_it_is_over_when_a_person_has_settled_it(seeded):
    park()
    assert told()
    Draft.objects.update(status="CLOSED")

    assert told() == []


@pytest.mark.parametrize("threshold", [2, None])
def test_fewer_than_the_rule_says_are_not_told(seeded, threshold):
    AlertRule.objects.filter(kind="parked").update(threshold=threshold)
    park()

    assert told() == []
