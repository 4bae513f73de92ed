"""manage.py source_mode: works without the web, says one line, exits non-zero on failure."""

import io

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_source
from webhooks.models import ModeChange, Source
from webhooks.sources import modes

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("source_mode", *arguments, stdout=out)
    return out.getvalue()


def test_it_switches_and_says_so(seeded):
    make_source()

    said = run("acme", "paused", "--reason", "Wrong prices.")

    change = ModeChange.objects.get()
    assert (Source.objects.get().mode, change.by, change.reason) == ("paused", None, "Wrong prices.")
    assert said.startswith("acme is paused (was active). Events are held, and 0 approved replies wait here")


def test_the_same_mode_again_is_no_failure(seeded):
    make_source(mode="paused")

    assert "acme is already paused. Nothing changed." in run("acme", "paused", "--reason", "Again.")


FAILURES = {
    "an unknown source": (("nobody", "paused", "--reason", "x"), "There is no source 'nobody'. This site has acme."),
    "no reason": (("acme", "paused", "--reason", " "), "Enter a reason"),
    "a reason that is not given": (("acme", "paused"), "--reason"),
    "an unknown mode": (("acme", "off", "--reason", "x"), "invalid choice"),
    "no previous handler": (("acme", "legacy", "--reason", "x"), "no previous handler"),
    "an inner address": (
        ("acme", "legacy", "--reason", "x", "--forward-to", "http://10.0.0.1/"), "internal network",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_one_line_and_changes_nothing(seeded, name):
    make_source()
    arguments, words = FAILURES[name]

    with pytest.raises(CommandError, match=words) as failed:
        run(*arguments)

    assert "\n" not in str(failed.value)
    assert Source.objects.get().mode == "active"


def test_the_previous_handler_can_be_given_with_the_switch(seeded, settings):
    settings.PRIVATE_HOSTS = ["old.internal", "10.0.0.1"]
    make_source()

    run("acme", "legacy", "--reason", "Roll back.", "--forward-to", "http://10.0.0.1/hooks")

    source = Source.objects.get()
    assert (source.mode, source.legacy_url) == ("legacy", "http://10.0.0.1/hooks")


def test_what_was_kept_can_be_ended(seeded):
    make_source(mode="paused")

    said = run("acme", "active", "--reason", "All answered.", "--end-kept")

    assert ModeChange.objects.get().held_action == "end"
    assert "0 held deliveries were cancelled" in said


def test_one_delivery_is_spoken_of_as_one():
    change = ModeChange(mode="active", held_action="end", events=1, replies=1)

    assert modes.summary(change) == "1 held delivery was cancelled, 1 reply is parked for a person."
