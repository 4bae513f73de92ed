"""Alerts as people see them: on the dashboard first, in a list, each with a way to mend it."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from tests.factories import NOW, later, make_source
from tests.webhooks.people import page_url, sign_in
from webhooks.alerts import alerts
from webhooks.models import Alert, AlertRule

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def make_alert(
    kind: str = "credentials", *, key: str = "k", text: str = "Chatwoot refuses the token."
) -> Alert:
    alerts.open_(kind, key=key, text=text, now=NOW, source=make_source())
    return Alert.objects.get(key=key, closed_at=None)


def dashboard(person: str) -> str:
    return sign_in(person).get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("person", ["Manager", "Operator", "superuser"])
def test_an_open_alert_stands_on_the_dashboard(seeded, person):
    make_alert()

    assert "Chatwoot refuses the token." in dashboard(person)


@pytest.mark.parametrize("person", ["Agent", "Lead"])
def test_agents_and_leads_are_not_bothered(seeded, person):
    make_alert()

    assert "Chatwoot refuses the token." not in dashboard(person)


def test_an_alert_that_is_over_leaves_the_dashboard(seeded):
    make_alert()
    alerts.close("k", now=later(60))

    assert "Chatwoot refuses the token." not in dashboard("Operator")


# A Manager does not open sources: the link leads to the alert's own page.
LEADS_TO = {
    ("credentials", "Operator"): "source",
    ("credentials", "Manager"): "alert",
    ("send_cap", "Manager"): "switch",
    ("a kind of a later day", "Operator"): "alert",
}


@pytest.mark.parametrize(("kind", "person"), LEADS_TO)
def test_an_alert_leads_to_where_this_person_mends_it(seeded, kind, person):
    alert = make_alert(kind)
    addresses = {
        "source": page_url(alert.source, "source"),
        "alert": page_url(alert, "alert"),
        "switch": reverse("admin:webhooks_sendingswitch_changelist"),
    }

    assert f'href="{addresses[LEADS_TO[kind, person]]}">' in dashboard(person).partition("Needs attention")[2]


def test_the_list_has_open_ones_first(seeded):
    make_alert(key="old", text="Over long ago.")
    alerts.close("old", now=later(60))
    make_alert(key="new", text="Wrong now.")

    page = sign_in("Operator").get(reverse("admin:webhooks_alert_changelist"))

    assert [row.text for row in page.context["cl"].result_list] == ["Wrong now.", "Over long ago."]


def test_a_person_closes_an_alert(seeded):
    alert = make_alert()

    sign_in("Manager").post(reverse("admin:webhooks_alert_close", args=[alert.pk]))

    alert.refresh_from_db()
    assert alert.closed_at is not None


def test_closing_what_is_over_leaves_a_newer_one_alone(seeded):
    old = make_alert()
    alerts.close("k", now=later(60))
    new = make_alert()

    sign_in("Manager").post(reverse("admin:webhooks_alert_close", args=[old.pk]))

    new.refresh_from_db()
    assert new.closed_at is None


def test_a_lead_closes_none(seeded):
    alert = make_alert()

    assert sign_in("Lead").post(reverse("admin:webhooks_alert_close", args=[alert.pk])).status_code == 403


def test_the_page_of_an_alert_says_what_to_do(seeded):
    alert = make_alert()

    page = sign_in("Operator").get(page_url(alert, "alert")).content.decode()

    assert "Connect the source again with a new access token" in page
    assert page_url(alert.source, "source") in page


def test_whoever_is_notified_of_an_alert_sees_it_and_opens_its_page(seeded):
    alert, other = make_alert("article_worse", text="The new text is worse."), make_alert(key="other")
    lead = sign_in("Lead")

    page = lead.get(page_url(alert, "alert"))

    assert "The new text is worse." in lead.get(reverse("admin:index")).content.decode()
    assert (page.status_code, "Close this alert" in page.content.decode()) == (200, False)
    assert lead.get(reverse("admin:webhooks_alert_changelist")).status_code == 403
    assert lead.get(page_url(other, "alert")).status_code in (302, 403, 404)
    assert sign_in("Agent").get(page_url(alert, "alert")).status_code == 403


def test_whom_a_rule_names_is_notified_instead_of_the_groups_of_its_kind(seeded):
    alert = make_alert("article_worse", text="The new text is worse.")
    AlertRule.objects.get(kind="article_worse").groups.add(Group.objects.get(name="Agent"))

    assert sign_in("Agent").get(page_url(alert, "alert")).status_code == 200
    assert sign_in("Lead").get(page_url(alert, "alert")).status_code == 403


def test_whoever_is_notified_does_not_close_it(seeded):
    alert = make_alert("article_worse")

    assert sign_in("Lead").post(reverse("admin:webhooks_alert_close", args=[alert.pk])).status_code == 403
