"""docs/retry_policy.md says what the code does: it is generated from the code, and its table of responses is tested."""

import io
import re
from xml.etree import ElementTree

import pytest
import requests
import responses
from django.conf import settings
from django.core.management import CommandError, call_command
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse

from support_site.documents import retry_policy
from tests.factories import make_user
from webhooks.deliveries import policies
from webhooks.errors import DeliveryError
from webhooks.models import RetryPolicy
from webhooks.outbound import chatwoot

TEXT = (settings.BASE_DIR / retry_policy.PAGE).read_text()
DRAWN = (settings.BASE_DIR / retry_policy.PICTURE).read_text()
ANSWERS = re.findall(r"^\| ((?:\d{3}|nothing).*?) \| `(\w+)` \| `(\w+)` \|$", TEXT, re.MULTILINE)
CASES = [
    (answer, kind, expected)
    for answers, read, write in ANSWERS
    for answer in (re.findall(r"\d{3}", answers) or [answers])
    for kind, expected in (("read", read), ("write", write))
]
UNREACHED = "nothing, not connected"
CALLS = {
    "read": (responses.GET, lambda client: client.conversation(7), ""),
    "write": (responses.POST, lambda client: client.set_status(7, "open"), "/toggle_status"),
}


@pytest.mark.once
def test_the_documents_are_what_the_command_writes():
    out = io.StringIO()

    call_command("write_retry_policy_docs", "--check", stdout=out)

    assert out.getvalue().count("is up to date") == 2


@pytest.mark.once
def test_a_document_out_of_date_is_reported_and_written(settings, tmp_path, monkeypatch):
    settings.BASE_DIR = tmp_path
    old = tmp_path / "page.md"
    old.write_text("old")
    monkeypatch.setattr(retry_policy, "files", lambda: {old: "new"})

    with pytest.raises(CommandError, match="is out of date: run"):
        call_command("write_retry_policy_docs", "--check")
    assert old.read_text() == "old"

    call_command("write_retry_policy_docs", stdout=io.StringIO())
    assert old.read_text() == "new"


@pytest.mark.django_db
def test_a_new_installation_has_the_policies_of_the_document(seeded):
    rows = {row.name: model_to_dict(row, exclude=["id"]) for row in RetryPolicy.objects.all()}

    assert rows == {
        facts["name"]: model_to_dict(RetryPolicy(**facts), exclude=["id"]) for facts in policies.SEEDED
    }


def error_of(kind: str, base_url: str = "http://chatwoot.test") -> str:
    with pytest.raises(DeliveryError) as caught:
        CALLS[kind][1](chatwoot.Client(base_url, 1, "token", internal=True))
    return type(caught.value).__name__


@pytest.mark.once
@pytest.mark.parametrize(("answer", "kind", "expected"), [case for case in CASES if case[0] != UNREACHED])
@responses.activate
def test_an_answer_of_chatwoot_s_is_the_error_that_the_document_says(answer, kind, expected):
    method, _, path = CALLS[kind]
    said = (
        {"status": int(answer), "json": {"error": "no"}}
        if answer.isdecimal()
        else {"body": requests.ReadTimeout()}
    )
    responses.add(method, "http://chatwoot.test/api/v1/accounts/1/conversations/7" + path, **said)

    assert error_of(kind) == expected


@pytest.mark.once
@pytest.mark.parametrize(("answer", "kind", "expected"), [case for case in CASES if case[0] == UNREACHED])
def test_no_connection_is_the_error_that_the_document_says(answer, kind, expected):
    assert error_of(kind, base_url="http://127.0.0.1:1") == expected


@pytest.mark.once
def test_the_page_says_what_each_kind_of_dead_letter_leaves_behind():
    assert set(retry_policy.THEN) == set(settings.ON_DEAD_LETTER)


@pytest.mark.once
def test_the_picture_has_a_dot_for_each_attempt_and_fetches_nothing():
    drawn = ElementTree.fromstring(DRAWN)

    dots = [node for node in drawn.iter() if node.tag.endswith("circle")]

    attempts = [int(count) for count in re.findall(r"fails for good after (\d+) attempts", TEXT)]
    assert len(dots) > sum(set(attempts))
    assert not {"script", "image", "use", "foreignObject"} & {
        node.tag.rpartition("}")[2] for node in drawn.iter()
    }
    assert "href" not in DRAWN
    assert "url(" not in DRAWN


@pytest.mark.django_db
def test_the_page_shows_the_picture_and_may_load_it(seeded):
    client = Client()
    client.force_login(make_user("lea", "Agent"))

    page = client.get(reverse("docs", args=["retry_policy.md"]))
    picture = client.get(reverse("docs", args=["images/retry_policy.svg"]))

    assert '<img src="images/retry_policy.svg"' in page.content.decode()
    assert "img-src 'self'" in page["Content-Security-Policy"]
    assert picture["Content-Type"] == "image/svg+xml"
    assert "style-src 'self' 'unsafe-inline'" in picture["Content-Security-Policy"]
    assert "'unsafe-inline'" not in picture["Content-Security-Policy"].partition("style-src")[0]
