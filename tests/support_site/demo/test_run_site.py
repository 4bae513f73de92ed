"""A demo that restarts on an existing database: its new customers are not mistaken for known ones. And when it is ready."""

import pytest

from support_site.management.commands import run_site
from support_site.management.commands.run_site import highest_number
from tests.factories import deliver, make_draft, message_event
from webhooks.models import Delivery, Message
from webhooks.simulator.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_new_site_knows_no_number():
    assert highest_number() == 0


def test_the_highest_number_is_of_whatever_kind():
    deliver(message_event(352))

    assert highest_number() == 352


def test_what_was_pruned_is_still_known_by_its_delivery():
    deliver(message_event(352))
    Message.objects.all().delete()

    assert highest_number() == Delivery.objects.get(direction="IN").message_id


def test_a_simulator_with_a_start_number_counts_from_there():
    world = World(after=352)

    ada = world.add_contact("Ada")
    conversation = world.start_conversation(inbox_id=next(iter(world.inboxes)), contact=ada)
    message = world.post_message(conversation_id=conversation.id, sender=world.users[1], content="Hello")

    assert (ada.id, conversation.id) == (353, 353)
    assert message.id > 352


class Site:
    """Stands for the supervisor: starts nothing, and notes what is waited for."""

    def __init__(self, log: list[str]) -> None:
        self.log = log

    def start(self, name, command):
        self.log.append(f"started {name}")

    def run(self, name, command):
        return 0

    def wait(self, until=None, **within):
        self.log.append(until.__name__ if until else "until stopped")
        return True


def test_the_demo_is_ready_once_a_draft_is(monkeypatch):
    log: list[str] = []
    for name in ("start_simulator", "connect_simulator", "say_what_next"):
        monkeypatch.setattr(run_site.Command, name, lambda self, *args, **options: None)
    monkeypatch.setattr(run_site.Command, "say", lambda self, sentence: log.append(sentence.split(":")[0]))
    monkeypatch.setattr(run_site, "_wait_for_answer", lambda site, who, *where: log.append("web answers"))
    monkeypatch.setattr(run_site, "_use_simulated_model", lambda: None)

    run_site.Command().run_everything(Site(log), demo=True)

    assert log[-4:] == ["web answers", "_has_a_ready_draft", "Ready", "until stopped"]


def test_a_draft_is_ready_while_nobody_has_decided_about_it():
    assert not run_site._has_a_ready_draft()
    draft = make_draft()
    assert run_site._has_a_ready_draft()

    draft.status = "STALE"
    draft.save()

    assert not run_site._has_a_ready_draft()
