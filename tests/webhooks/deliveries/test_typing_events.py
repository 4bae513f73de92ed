"""Typing events are found by conversation, as all events are."""

import pytest

from tests.factories import conversation_object, make_delivery
from tests.webhooks.people import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def typing(event: str, number: int):
    return make_delivery(
        {"event": event, "conversation": conversation_object(number), "user": {"id": 1, "name": "Eva"}}
    )


@pytest.mark.parametrize("event", ["conversation_typing_on", "conversation_typing_off"])
def test_a_typing_event_has_its_conversation_in_its_row(event):
    assert typing(event, 7).conversation_id == 7


def test_the_list_of_deliveries_finds_typing_events_by_conversation():
    mine = typing("conversation_typing_on", 7)
    typing("conversation_typing_on", 8)

    page = sign_in("Operator").get("/admin/webhooks/incoming/?conversation_id=7")

    assert [row.pk for row in page.context["cl"].result_list] == [mine.pk]
