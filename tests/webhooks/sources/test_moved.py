"""A source is bound to its Chatwoot: connected elsewhere, nothing is sent to strangers before a person confirms the move."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from tests.factories import NOW, later, make_approved, make_source, make_user, run_due
from tests.webhooks.sources.test_connecting import connect
from webhooks.models import Delivery, Source
from webhooks.reconcile import runs
from webhooks.simulator.server import SimulatedChatwoot

pytestmark = pytest.mark.django_db
BEFORE = "https://chat.acme.example"


@pytest.fixture
def other() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot(deliver=False) as running:
        yield running


@pytest.fixture
def waiting(seeded, settings) -> Delivery:
    """A reply that was approved while the source was bound to its first address."""
    settings.UNDO_SECONDS = 0
    make_source(base_url=BEFORE)
    make_approved()
    return Delivery.objects.get(event="reply.send")


def confirm_url() -> str:
    return reverse("admin:webhooks_source_confirm_moved", args=[Source.objects.get().pk])


def moved_from() -> str:
    return Source.objects.get(slug="acme").moved_from


def test_a_reply_that_waits_is_held_when_its_source_is_connected_elsewhere(waiting, other):
    printed = connect(other)
    run_due("send", now=NOW)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.held_for) == ("HELD", "rule")
    assert f"was connected to {BEFORE} before" in printed


def test_releasing_everything_does_not_send_it_either(waiting, other):
    connect(other)
    run_due("send", now=NOW)
    Delivery.objects.filter(pk=waiting.pk).update(status="PENDING", held_for="", next_attempt_at=NOW)

    run_due("send", now=NOW)

    waiting.refresh_from_db()
    assert waiting.status == "HELD"


def test_connecting_twice_does_not_make_the_new_address_the_old_one(waiting, other):
    connect(other)
    connect(other)

    assert moved_from() == BEFORE


def test_a_person_confirms_the_move_and_what_waited_goes_on(waiting, other, client):
    connect(other)
    run_due("send", now=NOW)
    client.force_login(make_user("root", is_superuser=True))
    source = Source.objects.get()

    page = client.get(f"/admin/webhooks/source/{source.pk}/change/").content.decode()
    assert "Confirm the move" in page
    assert client.post(confirm_url()).status_code == 302

    waiting.refresh_from_db()
    assert (moved_from(), waiting.status) == ("", "PENDING")


def test_only_superusers_confirm_a_move(waiting, other, client):
    connect(other)
    client.force_login(make_user("meg", "Manager", "Operator"))

    assert client.post(confirm_url()).status_code == 403
    assert moved_from() == BEFORE


def test_whoever_says_at_connecting_that_it_moved_is_not_asked(waiting, other):
    assert "was connected to" not in connect(other, "--moved")

    assert moved_from() == ""


def test_the_same_address_in_another_dress_is_no_move(other, seeded):
    connect(other)
    Source.objects.update(base_url=other.url.upper().replace("HTTP:", "http:") + "/")

    connect(other)

    assert moved_from() == ""


def test_connected_to_the_first_address_again_everything_goes_on(waiting, other):
    connect(other)
    Source.objects.update(moved_from=other.url, base_url=BEFORE)

    connect(other)

    assert moved_from() == ""


@pytest.mark.parametrize(
    ("said", "bound"), [({"moved": "on"}, ""), ({}, BEFORE)], ids=["it moved", "nothing said"]
)
def test_the_form_has_the_commands_word_for_a_move(waiting, other, client, settings, said, bound):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    client.force_login(make_user("root", is_superuser=True))
    form = reverse("admin:webhooks_source_connect")
    page = client.get(form, {"slug": "acme"}).content.decode()

    client.post(form, {
        "slug": "acme", "base_url": other.url, "account_id": "1", "api_token": other.admin_token, "secret": "s" * 24,
        "public_url": "https://desk.example.com", **said,
    })  # fmt: skip

    assert 'name="moved"' in page
    assert (Source.objects.get().base_url, moved_from()) == (other.url, bound)


def test_nothing_is_read_from_another_address_before_somebody_confirms_it(other):
    """What it calls conversation 7 is other people's: it must not stand in ours."""
    source = make_source(base_url=BEFORE)
    begun = runs.start(source, cause="command", since=later(-60), now=NOW)
    connect(other)
    source.refresh_from_db()

    with pytest.raises(runs.CannotStart, match="Confirm the move"):
        runs.start(source, cause="command", since=later(-60), now=NOW)
    assert runs.go_on(begun, now=NOW) == 0
    source.reconcile_runs.update(status="DONE")
    assert runs.due(source, now=later(86_400)) == ""
