"""A person at the draft's page, without a browser: sign in, open, press a button."""

from typing import Any

from django.test import Client
from django.urls import reverse

from knowledge.models import Draft


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(draft: Draft, page: str) -> str:
    return reverse(f"admin:knowledge_draft_{page}", args=[draft.pk])


def page_of(draft: Draft) -> str:
    return at(draft, "change")


def press(client: Client, draft: Draft, verb: str, **fields: Any) -> Any:
    typed = {"revision": draft.revision, "text": draft.body} | fields
    return client.post(at(draft, verb), typed)


def seen(client: Client, draft: Draft) -> str:
    return client.get(page_of(draft)).content.decode()


def reread(draft: Draft) -> Draft:
    return Draft.objects.get(pk=draft.pk)
