"""/api/v1/learning-signals/: fields, filters, rights and masking, as docs/learning_contract.md promises them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from knowledge.api.learning_signals import LearningSignalSerializer
from knowledge.models import Citation
from tests.factories import (  # fmt: skip
    conversation_object,
    deliver,
    later,
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    make_source,
    make_user,
    make_waiting,
    message_event,
)
from tests.knowledge.learning.learnt import NOW, make_signal, overtaken
from tests.knowledge.replies.deciding import approve
from webhooks.models import Message

pytestmark = pytest.mark.django_db
SIGNALS = "/api/v1/learning-signals/"
CONTRACT = Path(__file__).parents[3] / "docs" / "learning_contract.md"


def fields_of_the_contract() -> dict[str, str]:
    section = CONTRACT.read_text().split("## Fields")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \|.*\| (\w+) \|$", section, re.MULTILINE))


@pytest.fixture
def lead():
    return make_client(make_lead("alice"))


def rows(client, **filters) -> list[dict]:
    answer = client.get(SIGNALS, filters)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def test_the_contract_lists_exactly_the_fields():
    assert list(fields_of_the_contract()) == LearningSignalSerializer.Meta.fields


def test_each_field_has_its_promise():
    assert set(fields_of_the_contract().values()) == {"stable", "open", "derived"}


def test_the_contract_lists_the_filters(lead):
    section = CONTRACT.read_text().split("| filter |")[1].split("\n## ")[0]
    told = {
        name
        for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }

    schema = lead.get("/api/v1/schema/", HTTP_ACCEPT="application/json").json()
    known = {one["name"] for one in schema["paths"][SIGNALS]["get"]["parameters"]}

    assert known - {"cursor", "page_size"} == told


def test_a_decision_is_told_with_all_that_was_promised(lead):
    evidence = [{"article": "reset-password", "version": 3, "score": 0.9}]
    draft = approve(make_draft(evidence=evidence), by=make_lead("maria"), text="Choose Forgot code.")

    (row,) = rows(lead)

    assert row | {"id": 0, "at": ""} == {
        "id": 0, "source": "acme", "inbox_id": 2, "conversation_id": 7, "draft": draft.pk, "decision": "approved",
        "kind": "factual_correction", "question": "How do I reset my password?", "category": "reset-password",
        "articles": [{"article": "reset-password", "version": 3}], "proposal": "Choose Forgot password.",
        "final_text": "Choose Forgot code.", "distance": 7, "ratio": 7 / 23, "grades": {"tone": 5, "accuracy": 4, "policy": 5},
        "author": "Built-in drafter", "author_kind": "drafter", "reviewer": "maria", "at": "", "withdrawn_at": None,
    }  # fmt: skip


def test_what_nobody_graded_has_no_grades(lead):
    overtaken()

    assert (rows(lead)[0]["grades"], rows(lead)[0]["reviewer"]) == (None, None)


def test_texts_leave_without_what_names_the_customer(lead):
    message = make_waiting(text="I am Ada Park, ada@example.com, +49 170 1234567, card 4111 1111 1111 1111.")
    draft = make_draft(message, text="Hi Ada, it is ada@example.com.")

    approve(draft, text="Dear Ms Park, we call +49 170 1234567.")

    assert [rows(lead)[0][name] for name in ("question", "proposal", "final_text")] == [
        "I am [name], [email], [phone], card [card].", "Hi [name], it is [email].", "Dear Ms [name], we call [phone].",
    ]  # fmt: skip


def test_who_wrote_under_another_name_is_masked_too(lead):
    make_inbox()
    deliver(message_event(100, content="Zoe here", sender={"id": 5, "name": "Zoe Quist"}))

    approve(make_draft(Message.objects.get(message_id=100)))

    assert rows(lead)[0]["question"] == "[name] here"


FILTERS = {
    "kind": ({"kind": "superseded"}, ["b"]),
    "another kind": ({"kind": "new_pattern"}, []),
    "source": ({"source": "acme"}, ["b", "a"]),
    "another source": ({"source": "other"}, []),
    "article": ({"article": "refund"}, ["a"]),
    "another article": ({"article": "ref"}, []),
    "since": ({"since": (NOW - timedelta(days=2)).isoformat()}, ["b"]),
    "until": ({"until": (NOW - timedelta(days=2)).isoformat()}, ["a"]),
    "both": ({"since": "2026-01-01", "until": "2027-01-01"}, ["b", "a"]),
    "none": ({}, ["b", "a"]),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.every_row
def test_a_list_is_narrowed_by_its_filters_newest_first(lead, name):
    asked, expected = FILTERS[name]
    first = make_signal(ago=3, proposal="a")
    overtaken(ago=1, proposal="b")
    Citation.objects.bulk_create(Citation(signal=first, article=slug) for slug in ("invoice", "refund"))

    assert [row["proposal"] for row in rows(lead, **asked)] == expected


@pytest.mark.parametrize(
    "asked", [{"kind": "SUPERSEDED"}, {"kind": "x"}, {"since": "yesterday"}, {"article": "a\0"}]
)
def test_a_filter_that_means_nothing_is_refused(lead, asked):
    answer = lead.get(SIGNALS, asked)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(asked))


def test_a_list_is_paged_by_a_cursor(lead):
    for _ in range(3):
        make_signal()

    first = lead.get(SIGNALS, {"page_size": 2}).json()
    rest = lead.get(first["next"]).json()

    assert (len(first["results"]), len(rest["results"]), rest["next"]) == (2, 1, None)


def test_a_long_list_asks_the_database_no_more_often(lead, django_assert_max_num_queries):
    for _ in range(12):
        make_signal()

    with django_assert_max_num_queries(12):
        rows(lead)


@pytest.mark.parametrize(
    ("group", "status"), [("Agent", 403), ("Lead", 200), ("Manager", 200), ("Operator", 403), ("", 403)]
)
def test_who_may_read(group, status):
    client = make_client(make_user("charlie", *filter(None, [group])))

    assert client.get(SIGNALS).status_code == status


def test_a_service_token_reads_whatever_its_groups():
    assert make_client(make_user("robot"), service=True).get(SIGNALS).status_code == 200


def test_somebody_without_a_token_reads_nothing(client):
    assert client.get(SIGNALS).status_code in (401, 403)


@pytest.mark.parametrize("service", [True, False])
def test_nobody_reads_another_inboxs_signals(service):
    make_signal(inbox=make_inbox(make_source("other"), inbox_id=9))
    reader = make_lead(inboxes=[make_inbox()])

    assert rows(make_client(reader, service=service)) == []


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_signals_are_written_by_decisions_alone(lead, verb):
    assert getattr(lead, verb)(SIGNALS).status_code == 405


def test_an_undone_decision_is_told_as_taken_back(lead):
    make_signal(withdrawn_at=later(60))

    assert rows(lead)[0]["withdrawn_at"] is not None


def test_a_conversation_without_a_contact_is_told(lead):
    deliver(message_event(100, conversation=conversation_object(meta={})))

    signal = make_signal()

    assert signal.conversation.contact is None
    assert rows(lead)[0]["proposal"] == "a"
