"""The page of model calls: figures by day, model and prompt, and the day's budget, which Managers set."""

import pytest
from django.test import Client

from knowledge.models import DrafterLimits, ModelCall
from support_site.health import metrics
from tests.factories import NOW, later, make_user

pytestmark = pytest.mark.django_db
URL = "/admin/knowledge/modelcall/"


def call(**facts) -> ModelCall:
    usual = {
        "at": NOW, "endpoint": "https://models.test/v1", "model": "small-1", "prompt_version": "v1", "ms": 800,
        "outcome": "drafted", "tokens_in": 900, "tokens_out": 60, "cost": 0.01,
    }  # fmt: skip
    return ModelCall.objects.create(**usual | facts)


def signed_in(group: str) -> Client:
    client = Client()
    client.force_login(make_user("mia", group))
    return client


@pytest.fixture(autouse=True)
def _clock(seeded, monkeypatch):
    monkeypatch.setattr("webhooks.database.clock.now", lambda: later(60))


def test_figures_are_kept_apart_by_model_and_prompt():
    for facts in (
        {},
        {"ms": 4_200, "outcome": "unreadable"},
        {"model": "tiny", "prompt_version": "v2", "cost": None},
    ):
        call(**facts)

    page = signed_in("Manager").get(URL)

    first, second = page.context["report"].totals
    assert (first.model, first.calls, first.p50, first.p95, first.tokens_in) == (
        "small-1",
        2,
        800,
        4_200,
        1_800,
    )
    assert (second.model, second.prompt_version, second.cost) == ("tiny", "v2", None)
    assert "Drafted: 1<br>Unreadable: 1" in " ".join(page.content.decode().split())


def test_the_calls_behind_a_figure_can_be_opened():
    call()

    assert "small-1" in signed_in("Lead").get(f"{URL}rows/").content.decode()


@pytest.mark.parametrize(
    ("group", "status"), [("Manager", 200), ("Lead", 200), ("Agent", 403), ("Operator", 403)]
)
def test_leads_and_managers_see_it(group, status):
    assert signed_in(group).get(URL).status_code == status


def test_a_manager_sets_the_budget():
    posted = {"calls_a_day": "200", "tokens_a_day": ""}

    assert signed_in("Manager").post(f"{URL}limits/", posted).status_code == 302

    limits = DrafterLimits.objects.get()
    assert (limits.calls_a_day, limits.tokens_a_day, limits.changed_by.username) == (200, None, "mia")


def test_a_lead_does_not():
    assert signed_in("Lead").post(f"{URL}limits/", {"calls_a_day": "1"}).status_code == 403
    assert not DrafterLimits.objects.exists()


def test_a_used_up_budget_is_shown_with_what_follows():
    DrafterLimits.objects.create(pk=1, calls_a_day=1)
    call()

    assert "built-in drafter writes all drafts until midnight" in signed_in("Lead").get(URL).content.decode()


def test_metrics_count_the_last_day():
    call()
    call(at=later(-2 * 86_400))

    found = {family.name: family for family in metrics._model_calls(later(60))}

    (sample,) = found["support_model_calls"].samples
    assert (sample.labels, sample.value) == (
        {"model": "small-1", "prompt_version": "v1", "outcome": "drafted"},
        1,
    )
    assert {one.value for one in found["support_model_tokens"].samples} == {900, 60}
    assert {one.value for one in found["support_model_call_seconds"].samples} == {0.8}
