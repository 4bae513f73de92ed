"""A source's page, pressed as people press it."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tests.webhooks.people import page_url, sign_in
from webhooks.models import Source

HOUR = timedelta(hours=1)


def post(verb: str, source: Source, person: str = "superuser", **data: Any) -> HttpResponse:
    return sign_in(person).post(reverse(f"admin:webhooks_source_{verb}", args=[source.pk]), data, follow=True)


def text_of(source: Source, person: str = "superuser") -> str:
    return sign_in(person).get(page_url(source, "source")).content.decode()
