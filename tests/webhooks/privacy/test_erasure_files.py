"""Files set aside with an erased person's words go on every host, each looking through its own."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import NOW, make_source, message_event
from tests.webhooks.privacy.erasing import about, erase, fill
from webhooks.models import Contact
from webhooks.privacy import erasure_files
from webhooks.receiver import spool
from webhooks.workers import host_monitor

pytestmark = pytest.mark.django_db
ERASED = NOW + timedelta(days=1)
THEIRS = json.dumps(message_event(102, content="the red sofa", conversation=about()))
BOB = {"id": 6, "name": "Bob"}
BOBS = json.dumps(message_event(103, content="Hm", sender=BOB, conversation=about(8, contact=BOB)))


@pytest.fixture
def elsewhere(seeded) -> None:
    """Ada was erased on another host: this one has not heard of it."""
    fill()
    erase(at=ERASED)
    erasure_files._checked = None


def set_aside(body: str, *, head: str = '{"slug": "acme"}', at: datetime = NOW, name: str = "2") -> Path:
    file = spool.folder() / spool.BAD / f"{name}.webhook"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{head}\n{body}")
    os.utime(file, (at.timestamp(), at.timestamp()))
    return file


@pytest.mark.parametrize(
    "body", [THEIRS, THEIRS[:-20], '{"event": "message_created", "id": 9, "sender": {"id": 5, "na'],
    ids=["whole", "cut off", "cut off early"],
)  # fmt: skip
def test_a_host_erases_what_it_has_of_somebody_erased_elsewhere(elsewhere, body):
    file = set_aside(body)

    host_monitor.check_host(now=ERASED)

    assert not file.exists()


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        (BOBS, {}),
        (BOBS[:-20], {}),
        (THEIRS, {"at": ERASED + timedelta(hours=1)}),
        (THEIRS, {"head": '{"slug": "beta"}'}),
    ],
    ids=["another's", "another's, cut off", "written afterwards", "of another source"],
)
def test_what_is_not_theirs_stays(elsewhere, body, facts):
    make_source("beta")
    file = set_aside(body, **facts)

    erasure_files.step(now=ERASED)

    assert file.exists()


def test_what_was_set_aside_after_the_erasure_and_came_before_it_goes(elsewhere):
    set_aside(BOBS)
    erasure_files.step(now=ERASED)
    late = set_aside(THEIRS, name="3")

    erasure_files.step(now=ERASED)

    assert not late.exists()


def test_who_came_back_still_loses_what_came_before(elsewhere):
    Contact.objects.filter(contact_id=5).update(returned_at=ERASED + timedelta(hours=1))
    file = set_aside(THEIRS)

    erasure_files.step(now=ERASED + timedelta(hours=2))

    assert not file.exists()


def test_files_that_were_looked_through_are_not_read_again(elsewhere, django_assert_num_queries):
    set_aside(BOBS)
    erasure_files.step(now=ERASED)

    with django_assert_num_queries(1):
        erasure_files.step(now=ERASED)


def test_a_host_that_has_set_nothing_aside_asks_nobody(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        erasure_files.step(now=ERASED)
