"""Who opens the wire's pages, and where they are."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.factories import make_delivery, make_user, message_event
from webhooks.accounts import access
from webhooks.models import Delivery

PEOPLE = ("anonymous", "nobody", "Agent", "Lead", "Manager", "Operator", "superuser")


def sign_in(person: str) -> Client:
    client = Client()
    if person != "anonymous":
        groups = [person] if person in access.GROUPS else []
        client.force_login(make_user(person, *groups, is_superuser=person == "superuser"))
    return client


def make_dead(**facts: Any) -> Delivery:
    row = make_delivery(message_event(**facts))
    Delivery.objects.filter(pk=row.pk).update(
        status="DEAD", next_attempt_at=None, attempts=9, last_error="Chatwoot answered 502."
    )
    row.refresh_from_db()
    return row


def page_url(row: Any, model: str) -> str:
    return reverse(f"admin:webhooks_{model}_change", args=[row.pk])
