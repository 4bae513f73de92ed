"""People who approve see that approved replies cannot be sent, until they can be sent again."""

import pytest
from django.core import mail

from knowledge.replies import outages
from tests.factories import NOW, later, make_approved, make_inbox, make_lead, make_source, make_user, run_due
from tests.knowledge.admin.pressing import page_of, signed_in
from tests.webhooks.deliveries.open_circuits import make_open_circuit
from webhooks.models import Delivery, Notice, Source, Upstream
from webhooks.notices import digest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def fails(failures: int = 2, error: str = "Chatwoot answered 503.") -> None:
    """A reply was tried and failed so often; the next try is at 77 s."""
    Upstream.objects.create(
        key="chatwoot:x", source=make_source(), failures=failures, failed_at=NOW, last_error=error
    )
    Delivery.objects.filter(event="reply.send").update(
        attempts=failures, last_error=error, next_attempt_at=later(77)
    )


def told(user, at: float = 20) -> list[tuple]:
    return [(one.cause, one.replies, one.next_try) for one in outages.current(user, now=later(at))]


def test_a_lead_is_told_how_many_replies_wait_and_when_the_next_try_is():
    make_approved()
    fails()

    assert told(make_lead()) == [("Chatwoot is not answering (503).", "1 approved reply waits", later(77))]


@pytest.mark.parametrize("path", ["/admin/", "/admin/health/"])
def test_an_operator_sees_it_before_an_alert_opens(path):
    make_approved()
    fails()
    olga = make_user("olga", "Operator")

    assert told(olga) == [("Chatwoot is not answering (503).", "1 approved reply waits", later(77))]
    page = signed_in(olga).get(path).content.decode()
    assert "Chatwoot is not answering (503)." in page
    assert "All is well." not in page
    assert "Nothing needs you now." not in page
    assert signed_in(olga).get("/admin/knowledge/draft/outages/").status_code == 200


def test_a_single_failed_call_is_no_outage():
    make_approved()
    fails(failures=1)

    assert told(make_lead()) == []


def test_what_fails_beside_no_reply_is_no_outage():
    fails()

    assert told(make_lead()) == []


def test_it_is_over_when_chatwoot_answers():
    make_approved()
    fails()
    Upstream.objects.update(failures=0)

    assert told(make_lead()) == []


def test_an_open_circuit_is_an_outage_although_nothing_waits():
    make_open_circuit()

    (found,) = outages.current(make_lead(), now=NOW)
    assert found.waiting == 0


def test_replies_of_another_inbox_are_not_counted():
    make_approved()
    fails()
    elsewhere = make_inbox(inbox_id=9)

    assert told(make_user("pat", "Lead", inboxes=[elsewhere]))[0][1] == "0 approved replies wait"


def test_a_source_of_another_team_is_not_told():
    make_approved()
    fails()
    make_source("other", base_url="http://other.test")
    elsewhere = make_inbox(Source.objects.get(slug="other"), inbox_id=3)

    assert told(make_user("pat", "Lead", inboxes=[elsewhere])) == []


@pytest.mark.parametrize(
    ("held_for", "said"), [("paused", "not active"), ("credentials", "access token"), ("rule", "releases")]
)
@pytest.mark.every_row
def test_replies_that_are_held_are_told_with_the_reason(held_for, said):
    make_approved()
    Delivery.objects.filter(event="reply.send").update(status="HELD", held_for=held_for, next_attempt_at=None)

    ((cause, replies, at),) = told(make_lead())

    assert said in cause
    assert (replies, at) == ("1 approved reply waits", None)


def test_those_who_approve_are_notified_once_an_outage():
    make_lead("lea", email="lea@example.com")
    make_user("op", "Operator", email="op@example.com")
    make_approved()
    make_open_circuit()

    for at in (20, 40, 60):
        outages.watch(now=later(at))

    assert set(Notice.objects.filter(kind="outage").values_list("user__username", flat=True)) >= {"lea"}
    assert not Notice.objects.filter(user__username="op").exists()
    assert Notice.objects.filter(user__username="lea").count() == 1


def test_what_is_over_before_the_digest_is_not_mailed():
    make_lead("lea", email="lea@example.com")
    make_approved()
    make_open_circuit()
    outages.watch(now=later(20))
    Upstream.objects.update(failures=0, opened_at=None, probe_at=None, probe=None)

    digest.send_due(now=later(100))
    run_due("slow", now=later(100))

    assert mail.outbox == []


def test_the_reply_s_page_shows_the_failed_tries():
    draft = make_approved()
    row = Delivery.objects.get(event="reply.send")
    fails()
    row.attempt_log.create(
        number=1, started_at=NOW, finished_at=NOW, outcome="unknown", message="Chatwoot answered 503."
    )

    page = signed_in(make_lead()).get(page_of(draft)).content.decode()

    for words in ("Sending failed, retrying", "Try 1", "Chatwoot answered 503."):
        assert words in page


def test_the_page_of_a_reply_that_is_due_does_not_promise_a_time_that_has_passed():
    """It is open while tries fail: what it fetches says how things stand, no page reloads."""
    draft = make_approved(now=later(-100))
    row = Delivery.objects.get(event="reply.send")
    client = signed_in(make_lead())
    tries = f"/admin/knowledge/draft/{draft.pk}/tries/"

    assert "Sending <time" in client.get(tries).content.decode()
    row.attempt_log.create(number=1, started_at=NOW, finished_at=NOW, outcome="unknown", message="Nothing.")
    failed = client.get(tries).content.decode()

    assert "It waits to be sent." in failed
    assert "Sending <time" not in failed


@pytest.mark.parametrize("group", ["Lead", "Manager", "Agent"])
def test_the_banner_is_on_the_dashboard_and_the_queue(group, settings):
    make_approved(now=later(-100))
    fails()
    client = signed_in(make_user("sam", group))

    for page in ("/admin/", "/admin/knowledge/draft/queue/"):
        assert "Chatwoot is not answering (503)." in client.get(page).content.decode()


def test_the_banner_of_an_open_page_is_empty_once_it_is_over():
    answer = signed_in(make_lead()).get("/admin/knowledge/draft/outages/")

    assert answer.content.decode().strip() == ""
