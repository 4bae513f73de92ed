"""A demo that restarts on an existing database: its new customers are not mistaken for known ones."""

import pytest

from support_site.management.commands.run_site import highest_number
from tests.factories import deliver, message_event
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
