"""The index: what needs attention, true figures, and a sidebar that fits its reader."""

import pytest
from django.urls import reverse

from tests.factories import make_source
from tests.webhooks.people import make_dead, sign_in
from webhooks.models import SendingSwitch

pytestmark = pytest.mark.django_db


def test_a_stop_is_shown_on_the_index(seeded):
    SendingSwitch.objects.update(stopped=True, reason="Wrong prices.")

    assert "All sending is stopped" in sign_in("Lead").get(reverse("admin:index")).content.decode()


def test_an_empty_installation_offers_to_connect(seeded):
    assert "Connect Chatwoot</a>" in sign_in("superuser").get(reverse("admin:index")).content.decode()


def test_no_data_is_never_a_hundred_percent(seeded):
    make_source()

    page = sign_in("Operator").get(reverse("admin:index")).content.decode()

    assert "no data" in page
    assert "100 %" not in page


def test_dead_letters_need_attention(seeded):
    make_dead()

    page = sign_in("Operator").get(reverse("admin:index")).content.decode()

    assert "1 delivery has failed and will not be retried." in page


def test_every_figure_opens_its_rows(seeded):
    make_dead()
    client = sign_in("superuser")

    for section in client.get(reverse("admin:index")).context["sections"]:
        for figure in section["figures"]:
            answer = client.get(figure.link)
            assert answer.status_code == 200, figure.label


def test_the_sidebar_shows_what_its_reader_may_open(seeded):
    page = sign_in("Operator").get(reverse("admin:index")).content.decode()

    assert reverse("health_overview") in page
    assert reverse("admin:knowledge_draft_queue") not in page
