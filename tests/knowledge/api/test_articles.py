"""/api/v1/articles/ and /api/v1/knowledge-changes/: writing proposes; only a person with the right publishes."""

import pytest

from knowledge.articles import changes
from knowledge.models import Article, Change
from tests.factories import NOW, edit_article, make_article, make_client, make_inbox, make_lead, make_user

pytestmark = pytest.mark.django_db
ROWS = {
    "id",
    "slug",
    "title",
    "question",
    "body",
    "keywords",
    "language",
    "status",
    "version",
    "owner",
    "review_by",
    "inboxes",
}
CHANGES = {
    "id", "kind", "origin", "article", "base_version", "proposed", "status", "customers", "people", "evidence", "created_at",
    "decided_by", "reason",
}  # fmt: skip
TEXTS = {"slug": "gift", "title": "Gift cards", "body": "By email."}


@pytest.fixture
def lead():
    return make_client(make_lead("lena"))


def post(client, path: str = "articles/", **body):
    return client.post(f"/api/v1/{path}", body, format="json")


def patch(client, article: Article, **body):
    return client.patch(f"/api/v1/articles/{article.pk}/", body, format="json")


def told(answer) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code") or answer.json().get("status")


def open_change(article: Article | None = None, *, by=None, **given) -> Change:
    article = article or make_article()
    return changes.propose(article, given or {"body": "Other."}, kind="EDIT", origin="PERSON", by=by, now=NOW)


def test_a_row_has_the_documented_fields(lead):
    make_article(owner="lena", review_by="2027-01-01")

    (row,) = lead.get("/api/v1/articles/").json()["results"]

    assert set(row) >= ROWS
    assert (row["status"], row["version"], row["owner"], row["review_by"]) == (
        "LIVE",
        1,
        "lena",
        "2027-01-01",
    )


def test_a_list_of_many_costs_as_many_queries_as_one_of_few(lead, django_assert_max_num_queries):
    for number in range(8):
        make_article(f"a{number}")
        changes.propose(None, TEXTS | {"slug": f"d{number}"}, kind="NEW", origin="PERSON", now=NOW)

    with django_assert_max_num_queries(14):
        assert len(lead.get("/api/v1/articles/").json()["results"]) == 16


def test_a_post_proposes(lead):
    answer = post(lead, **TEXTS)

    assert told(answer) == (202, "OPEN")
    assert Change.objects.get(pk=answer.json()["change"]).article.status == "DRAFT"


def test_a_lead_who_approves_publishes(lead):
    answer = post(lead, **TEXTS, approve=True)

    assert told(answer) == (200, "APPROVED")
    assert Article.objects.get(slug="gift").body == "By email."


def test_an_agent_proposes_and_does_not_publish():
    agent = make_client(make_user("bob", "Agent"))

    assert told(post(agent, **TEXTS)) == (202, "OPEN")
    assert told(post(agent, **TEXTS, approve=True)) == (403, "forbidden")


def test_a_service_token_proposes_and_never_publishes():
    robot = make_client(make_user("robot", is_superuser=True), service=True)

    assert told(post(robot, **TEXTS, approve=True)) == (403, "service_token")
    assert told(post(robot, **TEXTS)) == (202, "OPEN")
    assert told(patch(robot, make_article(), body="x", approve=True)) == (403, "service_token")
    assert (Change.objects.filter(origin="SERVICE").count(), Article.objects.live().count()) == (1, 1)


@pytest.mark.parametrize("verb", ["approve", "dismiss", "roll-back"])
def test_a_service_token_decides_nothing(verb):
    robot = make_client(make_user("robot", is_superuser=True), service=True)

    answer = post(robot, f"knowledge-changes/{open_change().pk}/{verb}/", base_version=1, reason="x")

    assert told(answer) == (403, "service_token")


def test_a_patch_proposes_what_differs(lead):
    answer = patch(lead, make_article(), body="Other.", title="Refund")

    assert told(answer) == (202, "OPEN")
    assert Change.objects.get(pk=answer.json()["change"]).proposed == {"body": "Other."}


@pytest.mark.parametrize("name", ["version", "base_version"])
def test_a_patch_from_an_old_version_is_refused(lead, name):
    article = edit_article(make_article(), body="Other.")

    assert told(patch(lead, article, body="Third.", **{name: 1})) == (409, "version_changed")
    assert told(patch(lead, article, body="Third.", approve=True, **{name: 2})) == (200, "APPROVED")


def test_a_policy_is_not_published_by_its_author(lead):
    assert told(post(lead, **TEXTS, is_policy=True, approve=True)) == (409, "second_person_required")
    assert not Article.objects.exists()


BAD = [
    {"title": ""}, {"title": 5}, {"language": "xx"}, {"tittle": "x"}, {"approve": "yes"}, {"version": "1"}, {"inboxes": [999]},
    {"owner": "nobody"}, {"review_by": "soon"}, {"version": 1, "base_version": 2}, {"body": "x" * 100_001}, {"note": 1},
]  # fmt: skip


@pytest.mark.parametrize("body", BAD, ids=str)
def test_wrong_input_is_400(lead, body):
    assert patch(lead, make_article(), **body).status_code == 400
    assert not Change.objects.filter(status="OPEN").exists()


def test_inboxes_are_chatwoots_numbers(lead):
    make_inbox(inbox_id=7)
    post(lead, **TEXTS, inboxes=[7], approve=True)

    assert lead.get("/api/v1/articles/").json()["results"][0]["inboxes"] == [7]


def test_people_see_and_change_only_articles_of_their_inboxes():
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    article = make_article("other", inboxes=[other.pk])
    change = open_change(article)
    lead = make_client(make_lead(inboxes=[mine]))

    assert lead.get("/api/v1/articles/").json()["results"] == []
    assert patch(lead, article, body="x").status_code == 404
    assert lead.get("/api/v1/articles/search/?q=other").json()["results"] == []
    assert lead.get("/api/v1/knowledge-changes/").json()["results"] == []
    assert post(lead, f"knowledge-changes/{change.pk}/approve/", base_version=1).status_code == 404


def test_an_edit_keeps_inboxes_that_the_editor_does_not_see():
    mine, other = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    article = make_article("both", inboxes=[mine.pk, other.pk])

    patch(make_client(make_lead(inboxes=[mine])), article, inboxes=[], approve=True)

    assert list(article.inboxes.values_list("inbox_id", flat=True)) == [3]


# Changes


def test_a_change_has_the_documented_fields(lead):
    change = open_change()

    row = lead.get(f"/api/v1/knowledge-changes/{change.pk}/").json()

    assert set(row) >= CHANGES
    assert (row["kind"], row["origin"], row["base_version"], row["proposed"]) == (
        "EDIT",
        "PERSON",
        1,
        {"body": "Other."},
    )


@pytest.mark.parametrize(
    ("query", "count"), [("status=OPEN", 1), ("status=approved", 1), ("kind=NEW", 1), ("origin=MODEL", 0)]
)
def test_changes_are_filtered(lead, query, count):
    open_change()

    assert len(lead.get(f"/api/v1/knowledge-changes/?{query}").json()["results"]) == count


def test_an_approval_publishes(lead):
    change = open_change()

    row = post(lead, f"knowledge-changes/{change.pk}/approve/", base_version=1).json()

    assert (row["status"], row["decided_by"], row["version"]) == ("APPROVED", "lena", 2)


def test_an_approval_names_the_version_that_was_read(lead):
    path = f"knowledge-changes/{open_change().pk}/approve/"

    assert post(lead, path).status_code == 400
    assert told(post(lead, path, base_version=0)) == (409, "version_changed")


def test_a_version_of_an_article_that_was_never_published_is_refused_as_such(lead):
    change = post(lead, **TEXTS).json()["change"]

    answer = post(lead, f"knowledge-changes/{change}/approve/", base_version=3)

    assert told(answer) == (409, "version_changed")
    assert "never published" in answer.json()["detail"]


def test_a_second_decision_is_refused(lead):
    change = open_change()
    post(lead, f"knowledge-changes/{change.pk}/approve/", base_version=1)

    assert told(post(lead, f"knowledge-changes/{change.pk}/approve/", base_version=2)) == (
        409,
        "already_decided",
    )
    assert told(post(lead, f"knowledge-changes/{change.pk}/dismiss/", reason="x")) == (409, "already_decided")


def test_the_author_of_a_policys_change_is_not_its_second_person():
    maria = make_lead("maria")
    change = open_change(make_article(is_policy=True), by=maria)

    answer = post(make_client(maria), f"knowledge-changes/{change.pk}/approve/", base_version=1)

    assert told(answer) == (409, "second_person_required")


def test_dismissing_needs_a_reason(lead):
    path = f"knowledge-changes/{open_change().pk}/dismiss/"

    assert told(post(lead, path)) == (400, "reason_required")
    assert told(post(lead, path, reason="Not so.")) == (200, "DISMISSED")


@pytest.mark.parametrize(
    ("approve", "status", "body"), [(False, 202, "Other."), (True, 200, "About refund.")]
)
def test_rolling_back_is_a_change(lead, approve, status, body):
    article = edit_article(make_article(), body="Other.")
    change = article.changes.latest("pk")

    answer = post(lead, f"knowledge-changes/{change.pk}/roll-back/", approve=approve)

    assert answer.status_code == status
    assert Article.objects.get().body == body


def test_an_open_change_is_not_rolled_back(lead):
    assert told(post(lead, f"knowledge-changes/{open_change().pk}/roll-back/")) == (409, "not_approved")


def test_articles_are_found_by_their_words(lead, seeded):
    found = lead.get("/api/v1/articles/search/", {"q": "forgot my password"}).json()["results"]

    assert found[0]["slug"] == "reset-password"
    assert 0 < found[0]["confidence"] <= 1
    assert found[0]["language"] == "en"


def test_a_search_for_nothing_is_400(lead):
    assert told(lead.get("/api/v1/articles/search/", {"q": " "})) == (400, "invalid")


def test_trying_names_as_an_owner_tells_nothing_of_those_whom_the_form_does_not_list(seeded):
    make_user("off-duty", "Lead", is_active=False)
    robot = make_user("robot", "Agent")
    robot.set_unusable_password()
    robot.save()
    make_client(robot, service=True)
    agent = make_client(make_user("bob", "Agent"))

    def said(name: str) -> str:
        answer = agent.post(
            "/api/v1/articles/", {"slug": "x", "title": "t", "body": "b", "owner": name}, format="json"
        )
        return f"{answer.status_code} {answer.json()['detail']}".replace(name, "?")

    assert {said(name) for name in ("off-duty", "robot", "nobody-here")} == {said("nobody-here")}
    assert said("nobody-here").startswith("400")
