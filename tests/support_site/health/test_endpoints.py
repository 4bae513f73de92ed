"""What probes see, and who sees the details."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from tests.factories import make_delivery
from webhooks.models import WorkerHost
from webhooks.receiver import spool

pytestmark = pytest.mark.django_db
OUTSIDE = {"REMOTE_ADDR": "203.0.113.9"}


def beat(**ago) -> None:
    at = timezone.now() - timezone.timedelta(**ago)
    WorkerHost.objects.update_or_create(host="one", defaults={"pid": 1, "started_at": at, "beat_at": at})


def get(path: str, **extra):
    return Client().get(path, **extra)


def test_the_process_is_up():
    assert (get("/healthz").status_code, get("/healthz").json()) == (200, {"status": "ok"})


def test_with_workers_it_is_ready():
    beat(seconds=1)

    assert get("/readyz").json() == {"status": "ok", "degraded": []}


def test_without_workers_it_is_ready_still_and_degraded():
    answer = get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "no workers" in answer.json()["degraded"][0]


@pytest.fixture
def away():
    def broken(*args):
        raise OperationalError("gone")

    with connection.execute_wrapper(broken):
        yield


def test_without_a_database_it_is_ready_while_the_disk_takes_webhooks(away):
    answer = get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "stored on disk" in answer.json()["degraded"][0]


def test_with_neither_database_nor_disk_it_is_not_ready(away, settings):
    settings.SPOOL_MAX_MB = 0

    answer = get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")


def test_a_broker_that_is_gone_degrades_it_and_takes_nothing_out(settings):
    beat(seconds=1)
    settings.QUEUE_URL = "redis://127.0.0.1:1/0"

    answer = get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "broker" in answer.json()["degraded"][0]


def test_webhooks_on_disk_degrade_it():
    beat(seconds=1)
    spool.folder().mkdir(parents=True)
    (spool.folder() / f"1{spool.SUFFIX}").write_bytes(b"?")

    assert get("/readyz").json() == {
        "status": "degraded",
        "degraded": ["1 webhook on disk waiting for the database"],
    }


def test_without_a_database_a_probe_gets_a_plain_503(away):
    answer = get("/healthz/workers")

    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")


def test_workers_that_beat_are_well():
    beat(seconds=1)

    answer = get("/healthz/workers")

    assert (answer.status_code, answer.json()) == (
        200, {"status": "ok", "hosts": ["one"], "backlog": 0, "oldest_due_s": 0},
    )  # fmt: skip


@pytest.mark.parametrize("seconds", [31, 3600])
def test_workers_that_stopped_beating_are_stuck(seconds):
    beat(seconds=seconds)

    assert (get("/healthz/workers").status_code, get("/healthz/workers").json()["status"]) == (503, "stuck")


@pytest.mark.parametrize(("minutes", "status"), [(4, 200), (6, 503)], ids=["a while", "too long"])
def test_a_row_that_waits_too_long_says_that_the_workers_are_stuck(minutes, status):
    beat(seconds=1)
    make_delivery(now=timezone.now() - timezone.timedelta(minutes=minutes))

    answer = get("/healthz/workers")

    assert (answer.status_code, answer.json()["backlog"]) == (status, 1)


@pytest.mark.parametrize("path", ["/readyz", "/healthz/workers"])
def test_strangers_see_only_the_status(path):
    beat(seconds=1)

    assert get(path, **OUTSIDE).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "header",
    ["X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_FORWARDED", "FORWARDED", "FORWARDED_FOR", "VIA", "X_REAL_IP",
     "X_CLIENT_IP", "TRUE_CLIENT_IP", "CF_CONNECTING_IP", "X_ORIGINAL_FORWARDED_FOR", "X_ENVOY_EXTERNAL_ADDRESS"],
)  # fmt: skip
def test_through_a_proxy_on_this_host_nobody_is_local(header):
    assert get("/metrics", **{f"HTTP_{header}": "203.0.113.9"}).status_code == 403


def test_where_the_site_is_public_loopback_proves_nothing(settings):
    """A proxy on this host need not say that it is one."""
    assert get("/metrics").status_code == 200

    settings.PUBLIC_URL = "https://support.example.com"

    assert get("/metrics").status_code == 403


def test_where_a_token_is_set_loopback_needs_it_too(settings):
    settings.METRICS_TOKEN = "right"

    assert get("/metrics").status_code == 403


TOKENS = {
    "the token": ("Bearer right", 200),
    "a wrong one": ("Bearer wrong", 403),
    "none": ("", 403),
    "odd bytes": ("Bearer \xff", 403),
}


@pytest.mark.parametrize("case", TOKENS)
def test_from_outside_metrics_need_their_token(settings, case):
    settings.METRICS_TOKEN = "right"
    header, status = TOKENS[case]

    assert get("/metrics", **OUTSIDE, HTTP_AUTHORIZATION=header).status_code == status


@pytest.mark.parametrize("header", ["", "Bearer "])
def test_without_a_token_set_nobody_outside_has_one(settings, header):
    settings.METRICS_TOKEN = ""

    assert get("/metrics", **OUTSIDE, HTTP_AUTHORIZATION=header).status_code == 403
