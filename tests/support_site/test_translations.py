"""No page shows a text that was not marked for translation, and the catalogs are complete."""

import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils.translation import trans_real

from knowledge.replies import escalations
from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_article,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    message_event,
    signed,
)
from tests.support_site.crawl import crawl
from tests.support_site.pseudo import all_data, forgotten, pseudo_localize
from webhooks.alerts import alerts
from webhooks.models import Delivery, Message

LANGUAGES = ("de", "es", "pt-br")
# A number that a browser reads, written as German people read it: 12,5.
FOR_MACHINES = re.compile(
    r'<[^>]*\s(?:style|x|y|x1|x2|y1|y2|cx|cy|r|width|height|points|viewBox|min|max|step)="[^"]*\d,\d(?!\d\d)[^"]*"'
)
DOCUMENTS = "/admin/docs/"  # in English


@pytest.fixture
def root(db) -> Client:
    """A superuser on a desk with a few rows: a draft, an approved and escalated reply, a failure, an alert."""
    call_command("seed", stdout=io.StringIO())
    user = make_user("root", is_superuser=True, email="root@example.com")
    make_inbox()
    make_article("refund")
    for number in (7, 8):
        deliver(message_event(100 * number, conversation=conversation_object(number)))
    make_draft(Message.objects.get(message_id=700))
    lead = make_lead("lea")
    approved = make_approved(make_draft(Message.objects.get(message_id=800)), by=lead)
    escalations.of_conversation(
        approved.conversation, by=lead, kind="other", reason="Ask finance.", level=2, owner=lead, now=NOW
    )
    dead = deliver(message_event(900, conversation=conversation_object(9)), now=later(180))
    Delivery.objects.filter(pk=dead.pk).update(status="DEAD", last_error="Chatwoot answered 503.")
    alerts.open_("dead", key="dead", text="Deliveries have failed.", now=NOW, source=dead.source)
    Client().post("/webhooks/chatwoot/acme/", **signed(message_event(901), secret="none"))
    browser = Client(headers={"accept-language": "de"})
    browser.force_login(user)
    return browser


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.django_db
def test_every_text_of_every_page_is_translated(root, monkeypatch):
    asked = pseudo_localize(monkeypatch)
    data, wrong, numbers, count = all_data(), {}, {}, 0

    for kind, _, answer in crawl(root, "/admin/", each=1, but=(DOCUMENTS,)):
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        count += 1
        if left := forgotten(answer.content.decode(), data):
            wrong[kind] = left
        if found := FOR_MACHINES.findall(answer.content.decode()):
            numbers[kind] = found

    assert wrong == {}
    assert numbers == {}
    assert count > 80
    for language in LANGUAGES:
        assert missing(asked, language) == []


def missing(asked: set[tuple[str, str]], language: str) -> list[str]:
    """Of the texts that pages asked for: those that no catalog has, neither ours nor a package's. Languages have own names."""
    catalog, names = trans_real.translation(language)._catalog, dict(settings.LANGUAGES).values()
    return sorted(
        msgid
        for context, msgid in asked
        if msgid.strip()
        and msgid not in names
        and not has(catalog, f"{context}\x04{msgid}" if context else msgid)
    )


def has(catalog: Any, key: str) -> bool:
    return catalog.get(key) is not None or catalog.get((key, 0)) is not None
