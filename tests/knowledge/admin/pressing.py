"""A person at the draft's page, without a browser: sign in, open, press a button."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse

from knowledge.models import Draft


def signed_in(user: Any) -> Client:
    """With a session as signing in leaves it, without the writes that signing in makes besides."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
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
