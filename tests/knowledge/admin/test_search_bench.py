"""The search bench: what is found and what would be drafted, and saving a probe."""

import pytest
from django.urls import reverse

from knowledge.models import Probe
from tests.factories import make_lead, make_user

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
