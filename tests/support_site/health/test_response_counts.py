"""Responses to webhooks are counted by status code and timed, over all web processes of a host."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from support_site.health import response_counts
from tests.factories import make_source, message_event, signed
from tests.support_site.health.test_metrics import scrape

pytestmark = pytest.mark.django_db
ADDRESS = "/webhooks/chatwoot/acme/"


def more_of(name: str, act) -> float:
    """By how much a counter grew: it belongs to the process, so other tests count, too."""
    before = scrape().get(name, 0)
    act()
    return scrape().get(name, 0) - before


def test_an_accepted_webhook_counts_as_200():
    make_source()

    grew = more_of(
        'support_webhooks_answered_total{code="200"}',
        lambda: Client().post(ADDRESS, **signed(message_event())),
    )

    assert grew == 1


@pytest.mark.parametrize(("address", "code"), [(ADDRESS, "401"), ("/webhooks/chatwoot/nobody/", "404")])
def test_a_refused_one_counts_by_its_code(address, code):
    make_source()

    def act() -> None:
        Client().post(address, b"{}", content_type="application/json")

    assert more_of(f'support_webhooks_answered_total{{code="{code}"}}', act) == 1


def test_a_bug_of_ours_counts_as_500(monkeypatch):
    """One outside the receiver, which answers its own with the spool."""
    make_source()
    monkeypatch.setattr("webhooks.receiver.views.Receive.initial", lambda *args, **facts: 1 / 0)

    def act() -> None:
        Client(raise_request_exception=False).post(ADDRESS, **signed(message_event()))

    assert more_of('support_webhooks_answered_total{code="500"}', act) == 1


def test_the_response_time_is_counted_in_buckets():
    make_source()

    def act() -> None:
        Client().post(ADDRESS, **signed(message_event()))

    assert more_of('support_webhook_answer_seconds_bucket{le="+Inf"}', act) == 1


def test_pages_do_not_count():
    assert more_of("support_webhook_answer_seconds_count", lambda: Client().get("/healthz")) == 0


COUNTS = "from support_site.health import response_counts; response_counts.ANSWERED.labels('200').inc({})"
TELLS = """
from prometheus_client import generate_latest
from support_site.health import response_counts
print(generate_latest(response_counts.registry()).decode())
"""


@pytest.mark.once
def test_processes_of_one_host_tell_one_sum_also_of_those_that_are_gone(tmp_path):
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def python(code: str) -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
        ).stdout

    python(COUNTS.format(2))
    python(COUNTS.format(3))

    assert 'support_webhooks_answered_total{code="200"} 5.0' in python(TELLS)


@pytest.mark.once
@pytest.mark.parametrize("trouble", ["it was removed", "its parent is a file"])
def test_a_folder_that_is_gone_keeps_no_process_from_starting(tmp_path, trouble):
    folder = tmp_path / "parent" / "metrics"
    if trouble == "its parent is a file":
        (tmp_path / "parent").write_text("")
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}

    done = subprocess.run(
        [sys.executable, "-c", COUNTS.format(1)],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr


def test_a_figure_that_cannot_be_counted_changes_no_answer(monkeypatch):
    make_source()
    monkeypatch.setattr(response_counts, "ANSWERED", None)

    assert Client().post(ADDRESS, **signed(message_event())).status_code == 200
