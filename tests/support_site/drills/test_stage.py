"""A drill runs only on a demo and fails if something is not seen. The drills themselves: tests/integration/test_drills.py."""

import pytest
import responses
from django.core.management import CommandError, call_command
from requests import ConnectionError

from support_site.drills import stage
from support_site.drills.stage import Drill, DrillFailed
from tests.factories import make_source
from webhooks.models import ApiToken

pytestmark = pytest.mark.django_db


def drill(say=print, *, patience_s: float = 0) -> Drill:
    return Drill(None, say, patience_s=patience_s)


def test_without_a_demo_it_says_how_to_start_one():
    with pytest.raises(CommandError, match="Start `make demo` in another terminal first"):
        call_command("drill", "chatwoot-outage")


def test_a_drill_never_runs_on_a_real_chatwoot():
    make_source("demo", base_url="https://chat.example.com")

    with pytest.raises(CommandError, match="only on the demo"):
        call_command("drill", "chatwoot-outage")


@responses.activate
def test_a_demo_that_does_not_run_is_said_to():
    make_source("demo", base_url="http://127.0.0.1:9")
    responses.get("http://127.0.0.1:9/simulator/log", body=ConnectionError())

    with pytest.raises(CommandError, match="simulated Chatwoot does not answer"):
        call_command("drill", "bad-deploy")


def test_what_is_not_seen_in_time_ends_it_with_the_page_and_the_words():
    said: list[str] = []

    with pytest.raises(DrillFailed, match="Queue should have shown: a draft"):
        drill(said.append).see("Queue", "a draft", lambda: None)

    assert "NOT SEEN" in said[-1]


def test_it_looks_again_until_it_sees(monkeypatch):
    monkeypatch.setattr(stage, "LOOK_EACH_S", 0)
    looks = iter([None, ConnectionError(), "seen"])

    def look() -> str | None:
        found = next(looks)
        if isinstance(found, Exception):
            raise found
        return found

    assert drill(patience_s=5).see("Queue", "a draft", look) == "seen"


def test_its_token_ends_with_it(seeded):
    with stage.Demo("http://127.0.0.1:9", make_source()).signed_in() as demo:
        assert demo.token

    assert not ApiToken.objects.exists()
