"""Legacy mode: the previous handler gets what arrives as it came, once as far as we can know."""

import json

import pytest

from tests.factories import NOW, later, make_delivery, make_source, message_event, run_due, signed
from tests.webhooks.sources.moding import PreviousHandler, previous_handler, switch
from webhooks import deliveries
from webhooks.deliveries import policies
from webhooks.models import Delivery, Source
from webhooks.sources import modes

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(seeded, settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.OUT_CALL_S = 2
    with previous_handler() as running:
        modes.set_legacy_url(make_source(), running.url)
        switch("legacy")
        yield running


def arrive(**facts) -> Delivery:
    make_delivery(message_event(), **facts)
    return run_due("in", now=facts.get("now", NOW))[-1]


def forward(now=NOW) -> Delivery:
    run_due("slow", now=now)
    return Delivery.objects.get(event="event.forward")


def test_body_and_headers_arrive_byte_for_byte(client, handler: PreviousHandler):
    body = (
        '{ "event": "message_created",  "id": 1, "content": "Grüße \\u00e9 ", "account": {"id": 1} }'.encode()
    )
    asked = signed(body, key="9f1c-é".encode().decode("latin-1"))
    assert client.post("/webhooks/chatwoot/acme/", **asked).status_code == 200
    row = Delivery.objects.get(direction="IN")
    run_due("in", now=later(0, row.received_at))

    run_due("slow", now=later(1, row.received_at))

    path, headers, got = handler.got[0]
    assert (path, got) == ("/hooks?from=chatwoot", body)
    assert headers["X-Chatwoot-Signature"] == asked["HTTP_X_CHATWOOT_SIGNATURE"]
    assert headers["X-Chatwoot-Timestamp"] == asked["HTTP_X_CHATWOOT_TIMESTAMP"]
    assert headers["X-Chatwoot-Delivery"] == asked["HTTP_X_CHATWOOT_DELIVERY"]
    assert headers["Content-Type"] == "application/json"


def test_what_is_forwarded_is_kept_and_not_processed_here(handler):
    row = arrive()

    assert (row.status, row.held_for, forward().status) == ("HELD", "paused", "DONE")


def test_an_event_is_put_in_line_once(handler):
    row = arrive()
    deliveries.replay(row, by=None, reason="Again.", now=later(1))

    run_due("in", now=later(1))
    run_due("slow", now=later(1))

    assert len(handler.got) == 1


def test_in_paused_mode_nothing_is_forwarded(handler):
    switch("paused", now=later(1))

    arrive(now=later(2))

    assert not Delivery.objects.filter(event="event.forward").exists()


def test_what_we_found_by_asking_chatwoot_is_not_forwarded(handler):
    deliveries.record(
        make_source().pk, body=json.dumps(message_event()).encode(), headers={}, key="r1", now=NOW, origin="reconciled"
    )  # fmt: skip

    run_due("in", now=NOW)

    assert not Delivery.objects.filter(event="event.forward").exists()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_handler_that_says_it_failed_is_asked_again(handler, status):
    handler.answers = [status, 200]
    arrive()
    assert forward().status == "PENDING"

    assert forward(now=later(60)).status == "DONE"
    assert len(handler.got) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_a_handler_that_refuses_is_not_asked_again(handler, status):
    handler.answers = [status]
    arrive()

    assert forward().status == "DEAD"
    assert len(handler.got) == 1


def test_an_answer_that_was_lost_is_not_asked_for_again(handler):
    handler.answers = [0]
    arrive()

    row = forward()

    assert (row.status, row.attempt_log.get().outcome) == ("DEAD", "unknown")


def test_a_worker_that_died_while_forwarding_is_not_followed_by_another_call(handler):
    arrive()
    deliveries.claim("slow", now=NOW)

    row = forward(now=later(600))

    assert (row.status, handler.got) == ("DEAD", [])


def test_a_handler_that_cannot_be_reached_is_tried_again(handler):
    Source.objects.update(legacy_url="http://127.0.0.1:9/")
    arrive()

    row = forward()

    assert (row.status, row.attempt_log.get().outcome) == ("PENDING", "retryable")


def test_an_old_event_is_not_forwarded_by_itself(handler):
    arrive()

    row = forward(now=later(3601))

    assert (row.status, handler.got) == ("DEAD", [])


def test_back_in_active_mode_what_still_waits_is_not_forwarded(handler):
    handler.answers = [503]
    arrive()
    forward()

    switch("active", now=later(2))

    assert forward(now=later(60)).status == "CANCELLED"
    assert len(handler.got) == 1


def test_a_pause_holds_what_still_waits_and_legacy_mode_lets_it_go_on(handler):
    handler.answers = [503]
    arrive()
    forward()
    switch("paused", now=later(2))
    assert forward(now=later(60)).status == "HELD"

    switch("legacy", now=later(61))

    assert forward(now=later(62)).status == "DONE"


def test_a_forward_is_tried_by_a_policy_of_its_own(handler):
    arrive()

    policy = policies.current(Delivery.objects.get(event="event.forward"))

    assert (policy.name, policy.give_up_on) == ("previous handler", ["Unknown"])


def test_legacy_mode_needs_a_previous_handler(db):
    make_source()

    with pytest.raises(modes.CannotSwitch, match="no previous handler"):
        switch("legacy")


REFUSED = {
    "ftp://hooks.test/": "Only http and https",
    "file:///etc/passwd": "Only http and https",
    "http://me:pw@hooks.test/": "must not contain a user name",  # pragma: allowlist secret
    "http://127.0.0.1/": "internal network",
    "http://localhost:8000/": "internal network",
    "http://10.1.2.3/": "internal network",
    "http://169.254.169.254/latest/": "internal network",
    "http://[::1]/": "internal network",
    "http://[::ffff:127.0.0.1]/": "internal network",
    "http://2130706433/": "internal network",
    "http://0.0.0.0/": "internal network",
    "http://hooks.test:port/": "not a URL",
}


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_into_the_internal_network_is_refused(db, url):
    with pytest.raises(modes.CannotSwitch, match=REFUSED[url]):
        modes.set_legacy_url(make_source(), url)

    assert make_source().legacy_url == ""


def test_an_address_is_not_told_what_address_it_is(db):
    with pytest.raises(modes.CannotSwitch, match=r"10\.1\.2\.3 is an address of an internal network"):
        modes.set_legacy_url(make_source(), "http://10.1.2.3/")


def test_a_name_that_comes_to_mean_an_internal_address_is_not_called(handler, settings):
    settings.PRIVATE_HOSTS = []
    arrive()

    row = forward()

    assert (row.status, handler.got) == ("DEAD", [])
    assert "internal network" in row.last_error


def test_loopback_is_allowed_while_debugging(db, settings):
    settings.DEBUG = True

    modes.set_legacy_url(make_source(), "http://127.0.0.1:9000/")

    assert make_source().legacy_url == "http://127.0.0.1:9000/"
