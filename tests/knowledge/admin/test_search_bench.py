"""The search bench: what is found and what would be drafted, and saving a probe."""

import pytest
from django.urls import reverse

from knowledge.models import Article, Probe
from knowledge.search import probe_runs, probes
from tests.factories import NOW, make_lead, make_user

pytestmark = pytest.mark.django_db
BENCH = "admin:knowledge_probe_bench"


@pytest.fixture
def signed_in(client, seeded):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def asked(client, question: str) -> str:
    return client.get(reverse(BENCH), {"q": question}).content.decode()


def test_it_shows_what_would_be_drafted_and_the_parts_of_each_score(signed_in):
    page = asked(signed_in(make_lead()), "Can I get a refund?")

    assert "<b>Refunds</b>" in page
    assert "English" in page
    assert "meaning (use) and words" in page
    assert "<mark>" in page


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Do you sell tickets for the zoo?", "None: no article fits."),
        ("¿Cómo cambio mi contraseña?", "It is in another language than the question."),
        ("Thank you!", "No reply needed"),
        ("Any news?", "an earlier question"),
    ],
)
def test_it_says_why_nothing_would_be_drafted(signed_in, question, said):
    assert said in asked(signed_in(make_lead()), question)


def test_a_question_is_saved_with_its_right_article(signed_in):
    client = signed_in(make_lead())
    client.post(
        reverse("admin:knowledge_probe_bench_save"),
        {"question": "Money back?", "expected": "refund", "pinned": "on"},
    )

    probe = Probe.objects.get()
    assert (probe.question, probe.expected.slug, probe.pinned) == ("Money back?", "refund", True)


def test_a_question_that_no_article_answers_is_saved_too(signed_in):
    signed_in(make_lead()).post(
        reverse("admin:knowledge_probe_bench_save"), {"question": "Zoo?", "expected": "none"}
    )

    assert Probe.objects.get().expected is None


@pytest.mark.parametrize("expected", ["", "no-such-article"])
def test_without_an_article_nothing_is_saved(signed_in, expected):
    signed_in(make_lead()).post(
        reverse("admin:knowledge_probe_bench_save"), {"question": "Zoo?", "expected": expected}
    )

    assert not Probe.objects.exists()


def test_an_agent_looks_and_a_lead_saves(signed_in):
    client = signed_in(make_user("ben", "Agent"))

    assert client.get(reverse(BENCH)).status_code == 200
    assert (
        client.post(
            reverse("admin:knowledge_probe_bench_save"), {"question": "a", "expected": "none"}
        ).status_code
        == 403
    )


def test_an_operator_sees_no_bench(signed_in):
    assert signed_in(make_user("olga", "Operator")).get(reverse(BENCH)).status_code == 403


# The list of probes


@pytest.fixture
def three(signed_in):
    by = make_lead()
    refund = Article.objects.get(slug="refund")
    right = probes.save("Can I get a refund?", expected=refund, by=by, now=NOW)
    failing = probes.save("I forgot my password", expected=refund, by=by, now=NOW, pinned=True)
    none = probes.save("Do you sell tickets for the zoo?", expected=None, by=by, now=NOW)
    return right, failing, none


LIST = "admin:knowledge_probe_changelist"


@pytest.mark.parametrize(
    ("query", "places"), [("result=failing", {1}), ("result=right", {0, 2}), ("pinned__exact=1", {1})]
)
def test_the_list_filters_by_result_and_pin(signed_in, three, query, places):
    page = signed_in(make_lead()).get(reverse(LIST) + f"?{query}").content.decode()

    assert {place for place, probe in enumerate(three) if probe.question in page} == places


@pytest.mark.parametrize(("action", "left"), [("pin", (3, 3)), ("unpin", (3, 0)), ("delete", (0, 0))])
def test_probes_are_pinned_unpinned_and_deleted_from_the_list(signed_in, three, action, left):
    chosen = {"action": action, "_selected_action": [probe.pk for probe in three]}

    signed_in(make_lead()).post(reverse(LIST), chosen)

    assert (Probe.objects.count(), Probe.objects.filter(pinned=True).count()) == left


def test_an_agent_reads_the_list_and_changes_nothing(signed_in, three):
    chosen = {"action": "delete", "_selected_action": [three[0].pk]}

    signed_in(make_user("ben", "Agent")).post(reverse(LIST), chosen)

    assert Probe.objects.count() == 3


def test_another_right_article_is_ranked_at_once(signed_in, three):
    password = Article.objects.get(slug="reset-password")
    url = reverse("admin:knowledge_probe_change", args=[three[1].pk])
    form = signed_in(make_lead()).get(url).context["adminform"].form

    signed_in(make_lead()).post(url, form.initial | {"expected": password.pk, "pinned": "on"})

    three[1].refresh_from_db()
    assert (three[1].expected, three[1].last_rank) == (password, 1)


def test_the_bench_shows_the_history(signed_in, three):
    probe_runs.record(probes.run(), now=NOW)

    page = signed_in(make_lead()).get(reverse(BENCH)).content.decode()

    assert "What probes found, run by run" in page
    assert "1 failing" in page
