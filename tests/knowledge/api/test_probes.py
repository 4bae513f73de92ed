"""/api/v1/probes/, and what probes say to an approval through the API."""

import pytest

from knowledge.articles import changes
from knowledge.models import Article, Change, Probe
from knowledge.search import probes
from tests.factories import NOW, make_article, make_client, make_inbox, make_lead, make_user
from tests.knowledge.learning.learnt import make_signal

pytestmark = pytest.mark.django_db
URL = "/api/v1/probes/"


@pytest.fixture(autouse=True)
def articles(fake):
    for topic in ("password", "refund"):
        make_article(topic, title=topic, question=f"{topic}?", body=f"All about the {topic}.")


def test_a_lead_saves_and_reads_them():
    client = make_client(make_lead())

    made = client.post(
        URL, {"question": "my refund, ada@example.com", "expected": "refund", "pinned": True}, "json"
    )

    assert made.status_code == 201
    row = made.json()
    assert sorted(row) == ["expected", "id", "language", "last_confidence", "last_rank", "pinned", "question"]
    assert (row["question"], row["expected"], row["last_rank"], row["pinned"]) == (
        "my refund, [email]",
        "refund",
        1,
        True,
    )
    assert client.get(URL).json()["results"] == [row]
    assert client.get(f"{URL}{row['id']}/").json() == row


def test_the_same_question_again_replaces_its_answer():
    client = make_client(make_lead())
    client.post(URL, {"question": "my refund", "expected": "refund"}, "json")

    again = client.post(URL, {"question": "my refund", "expected": None}, "json")

    assert (again.status_code, again.json()["expected"]) == (200, None)


WRONG = {
    "no question": ({"expected": "refund"}, "question"),
    "empty": ({"question": " ", "expected": "refund"}, "question"),
    "nothing expected": ({"question": "refund"}, "expected"),
    "no such article": ({"question": "refund", "expected": "nope"}, "expected"),
    "too long": ({"question": "a" * 2001, "expected": "refund"}, "question"),
}


@pytest.mark.parametrize(("given", "field"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_and_nothing_is_saved(given, field):
    refused = make_client(make_lead()).post(URL, given, "json")

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not Probe.objects.exists()


def test_only_leads_and_managers_save_and_never_a_program():
    given = {"question": "my refund", "expected": "refund"}

    assert make_client(make_user("mia", "Manager")).post(URL, given, "json").status_code == 201
    assert make_client(make_user("ben", "Agent")).post(URL, given, "json").status_code == 403
    service = make_client(make_lead(), service=True)
    assert service.post(URL, given, "json").json()["code"] == "service_token"
    assert service.get(URL).status_code == 200


def test_probes_of_other_inboxes_are_not_shown():
    signal = make_signal(inbox=make_inbox(inbox_id=8))
    by = make_lead()
    probe = probes.save(
        "my refund", expected=None, by=by, now=NOW, conversation=signal.conversation, signal=signal
    )
    bob = make_client(make_user("bob", "Lead", inboxes=[make_inbox(inbox_id=9)]))

    assert bob.get(URL).json()["results"] == []
    assert bob.get(f"{URL}{probe.pk}/").status_code == 404
    assert len(make_client(by).get(URL).json()["results"]) == 1


def test_filters():
    by, refund = make_lead(), Article.objects.get(slug="refund")
    probes.save("my refund", expected=refund, by=by, now=NOW, pinned=True)
    probes.save("the zoo", expected=None, by=by, now=NOW)
    client = make_client(by)

    for query, wanted in (
        ("expected=refund", "my refund"),
        ("expected=none", "the zoo"),
        ("pinned=false", "the zoo"),
    ):
        assert [row["question"] for row in client.get(f"{URL}?{query}").json()["results"]] == [wanted]
    assert client.get(f"{URL}?pinned=maybe").status_code == 400
    assert client.get(f"{URL}?colour=red").json()["code"] == "unknown_parameter"


# Approvals


@pytest.fixture
def losing() -> Change:
    refund = Article.objects.get(slug="refund")
    probes.save("my refund", expected=refund, by=make_lead(), now=NOW)
    texts = {"title": "invoice", "question": "", "body": "All about the invoice."}
    return changes.propose(refund, texts, kind="EDIT", origin="PERSON", now=NOW)


def approve(change: Change, **more):
    client = make_client(make_lead())
    return client.post(f"/api/v1/knowledge-changes/{change.pk}/approve/", {"base_version": 1, **more}, "json")


def test_an_approval_that_loses_a_probe_needs_a_reason(losing):
    refused = approve(losing)
    assert (refused.status_code, refused.json()["code"]) == (400, "reason_required")
    assert "loses 1 probe" in refused.json()["detail"]

    done = approve(losing, reason="It is over.")

    assert (done.status_code, done.json()["status"], done.json()["reason"]) == (
        200,
        "APPROVED",
        "It is over.",
    )
    assert done.json()["probes"]["lost"] == [Probe.objects.get().pk]


def test_a_pinned_one_that_is_lost_is_a_conflict(losing):
    Probe.objects.update(pinned=True)

    refused = approve(losing, reason="It is over.")

    assert (refused.status_code, refused.json()["code"]) == (409, "pinned_probe_lost")


def test_publishing_at_once_takes_the_reason_too(losing):
    client, refund = make_client(make_lead()), Article.objects.get(slug="refund")
    given = {"title": "parcel", "question": "", "body": "All about the parcel.", "approve": True}

    assert client.patch(f"/api/v1/articles/{refund.pk}/", given, "json").json()["code"] == "reason_required"
    assert (
        client.patch(f"/api/v1/articles/{refund.pk}/", given | {"reason": "Over."}, "json").status_code == 200
    )


def test_two_articles_become_one():
    refund, password = (Article.objects.get(slug=slug) for slug in ("refund", "password"))
    client = make_client(make_lead())

    made = client.patch(f"/api/v1/articles/{refund.pk}/", {"merge": password.pk, "body": "Both."}, "json")

    assert made.status_code == 202
    change = client.get(f"/api/v1/knowledge-changes/{made.json()['change']}/").json()
    assert (change["kind"], change["merges"], change["probes"]) == ("MERGE", password.pk, None)
    assert (
        client.patch(f"/api/v1/articles/{refund.pk}/", {"merge": refund.pk}, "json").json()["code"]
        == "merge_invalid"
    )
    assert client.patch(f"/api/v1/articles/{refund.pk}/", {"merge": 10**6}, "json").status_code == 400
