"""The kill switch's page."""

import pytest
from django.http import HttpResponse
from django.urls import reverse

from tests.factories import make_source
from tests.webhooks.people import make_dead, sign_in
from webhooks.models import Delivery, SendingSwitch

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_stopping_and_resuming_keep_who_and_why(seeded):
    client = sign_in("Manager")

    client.post(reverse("admin:webhooks_sendingswitch_stop"), {"reason": "Wrong prices."})

    switch = SendingSwitch.objects.get()
    assert (switch.stopped, switch.reason, switch.changed_by.username) == (True, "Wrong prices.", "Manager")


def test_resuming_lets_go_on_what_waited_for_it(seeded):
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(
        direction="OUT", event="reply.send", status="HELD", held_for="rule"
    )
    SendingSwitch.objects.update(stopped=True)

    sign_in("Manager").post(reverse("admin:webhooks_sendingswitch_resume"), {"reason": "Prices are right."})

    row.refresh_from_db()
    assert (row.status, SendingSwitch.is_stopped()) == ("PENDING", False)


def test_one_click_stops_without_a_reason(seeded):
    sign_in("Manager").post(reverse("admin:webhooks_sendingswitch_stop"))

    assert SendingSwitch.is_stopped()


def test_resuming_asks_why(seeded):
    SendingSwitch.objects.update(stopped=True)

    answer = sign_in("Manager").post(reverse("admin:webhooks_sendingswitch_resume"), {"reason": " "})

    assert answer.status_code == 400
    assert SendingSwitch.is_stopped()


def save_caps(hour: str, conversation: str, person: str = "Manager") -> HttpResponse:
    caps = {"most_an_hour": hour, "most_a_conversation": conversation}
    return sign_in(person).post(reverse("admin:webhooks_sendingswitch_limit"), caps)


def test_caps_are_changed_and_an_empty_one_is_no_limit(seeded):
    save_caps("50", "")

    switch = SendingSwitch.objects.get()
    assert (switch.most_an_hour, switch.most_a_conversation) == (50, None)


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1.5"])
def test_a_cap_that_makes_no_sense_is_not_saved(seeded, wrong):
    before = SendingSwitch.objects.get().most_an_hour

    answer = save_caps(wrong, "20")

    assert answer.status_code == 400
    assert SendingSwitch.objects.get().most_an_hour == before


def test_changing_caps_keeps_who_has_stopped_it(seeded):
    SendingSwitch.objects.update(stopped=True, reason="Wrong prices.")

    save_caps("50", "5")

    assert SendingSwitch.objects.get().reason == "Wrong prices."


def test_every_change_is_shown_with_who_made_it(seeded):
    client = sign_in("Operator")
    client.post(reverse("admin:webhooks_sendingswitch_stop"), {"reason": "Wrong prices."})

    save_caps("50", "5")

    page = client.get(reverse("admin:webhooks_sendingswitch_changelist")).content.decode()
    assert "Stopped all sending: Wrong prices." in page
    assert "Caps: 50 per hour, 5 per conversation" in page
    assert "by Manager" in page


def make_held() -> Delivery:
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(
        direction="OUT", event="reply.send", status="HELD", held_for="rule"
    )
    return row


def test_what_a_cap_holds_is_let_go_on(seeded):
    row = make_held()

    sign_in("Manager").post(reverse("admin:webhooks_sendingswitch_release"))

    row.refresh_from_db()
    assert row.status == "PENDING"


def test_while_sending_is_stopped_nothing_is_let_go_on(seeded):
    row = make_held()
    SendingSwitch.objects.update(stopped=True)

    sign_in("Manager").post(reverse("admin:webhooks_sendingswitch_release"))

    row.refresh_from_db()
    assert row.status == "HELD"


@pytest.mark.parametrize("verb", ["stop", "resume", "limit", "release"])
def test_a_lead_has_no_hand_on_the_switch(seeded, verb):
    answer = sign_in("Lead").post(reverse(f"admin:webhooks_sendingswitch_{verb}"), {"reason": "why"})

    assert answer.status_code == 403
    assert not SendingSwitch.is_stopped()


def test_the_dashboard_stops_in_one_click_for_those_who_may(seeded):
    make_source()
    stop = reverse("admin:webhooks_sendingswitch_stop")

    assert f'action="{stop}"' in sign_in("Manager").get(reverse("admin:index")).content.decode()
    assert f'action="{stop}"' not in sign_in("Lead").get(reverse("admin:index")).content.decode()
