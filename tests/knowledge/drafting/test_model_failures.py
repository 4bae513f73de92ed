"""A model that fails: it is asked again within the customer's minute, and then the built-in drafter drafts."""

import json
import time

import pytest
import responses

from knowledge.models import Article, Draft, ModelCall
from tests.factories import (
    deliver,
    edit_article,
    later,
    message_event,
    run_due,
)
from tests.knowledge.drafting.model_answers import URL, assert_built_in, drafted, says, told
from webhooks.models import Attempt, Delivery

pytestmark = pytest.mark.django_db

UNREADABLE = {
    "a page": {"body": "<html>"},
    "nothing": {"body": ""},
    "prose": {"content": "Sure!"},
    "a list": {"content": "[1]"},
    "cut off": {"content": '{"reply": "Choose Forg'},
    "null": {"json": {"choices": [{"message": {"content": None}}]}},
    "no choice": {"json": {"choices": []}},
    "too long a reply": {"content": {"reply": "x" * 7499}},
    "two megabytes": {"body": "x" * 2_000_000},
    "nested deeply": {"content": "{" * 5_000},
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_unreadable_answer_is_asked_for_once_more_and_then_the_built_in_drafter_drafts_at_once(
    model, case
):
    says(model, **UNREADABLE[case])

    draft = drafted()

    assert len(model.calls) == 2
    assert_built_in(draft, why="could not be read", calls=2)
    assert set(ModelCall.objects.values_list("outcome", flat=True)) == {"unreadable"}
    assert Delivery.objects.get(event="draft.request").status == "DONE"


def test_the_repair_names_the_error_and_shows_what_came(model):
    says(model, "Sure!")
    says(model)

    draft = drafted()

    *_, before, wish = told(model)
    assert (before["role"], before["content"]) == ("assistant", "Sure!")
    assert "It holds no JSON object with a reply." in wish["content"]
    assert (draft.author, ModelCall.objects.count()) == ("small-1", 2)


GONE = {
    "an error": {"status": 500},
    "too many": {"status": 429},
    "no connection": {"body": ConnectionError("no")},
}


@pytest.mark.parametrize("case", GONE)
def test_a_model_that_is_away_for_a_moment_is_asked_again_by_the_policy(model, case):
    model.post(URL, **GONE[case])

    assert drafted(now=later(20)) is None

    request = Delivery.objects.get(event="draft.request")
    assert (request.status, Attempt.objects.get(delivery=request).outcome) == ("PENDING", "retryable")
    model.remove(responses.POST, URL)
    says(model)
    run_due("slow", now=request.next_attempt_at)
    assert Draft.objects.get().author == "small-1"


@pytest.mark.parametrize("case", GONE)
def test_a_model_that_stays_away_costs_the_customer_less_than_a_minute(model, settings, case):
    settings.DRAFT_SETTLE_SECONDS = 20
    model.post(URL, **GONE[case])
    deliver(message_event(content="How do I reset my password?"))

    for second in range(61):
        run_due("slow", now=later(second))

    draft = Draft.objects.get()
    assert draft.author == "Built-in drafter"
    assert "Written without the model" in [piece["title"] for piece in draft.evidence]
    assert draft.created_at <= later(60)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("4.5", 4.5), ("Mon, 23 Nov 2026 09:01:08 GMT", 8)]
)
def test_retry_after_is_obeyed_in_each_form(model, header, seconds):
    model.post(URL, status=429, headers={"Retry-After": header, "Date": "Mon, 23 Nov 2026 09:01:00 GMT"})

    drafted(now=later(20))

    row = Delivery.objects.get(event="draft.request")
    assert row.next_attempt_at == later(20 + seconds)


def test_one_time_limit_holds_for_all_calls_together(model, settings):
    settings.DRAFTER_SECONDS = 2
    answers = iter(["Sure!"])

    def slow(request):
        if (first := next(answers, None)) is None:
            time.sleep(10)
        return 200, {}, json.dumps({"choices": [{"message": {"content": first}}]})

    model.add_callback(responses.POST, URL, callback=slow)
    began = time.monotonic()

    draft = drafted()

    assert time.monotonic() - began < 5
    assert_built_in(draft, why="could not be read", calls=2)


def test_a_draft_that_was_due_long_ago_has_less_time_but_enough_for_one_call(model, settings):
    from knowledge.drafting import model_drafter

    deliver(message_event())
    row = Delivery.objects.get(event="draft.request")

    assert model_drafter._limit(row, row.due_since) == 30
    assert model_drafter._limit(row, later(12, row.due_since)) == 18
    assert model_drafter._limit(row, later(600, row.due_since)) == 10


def refusing(*wants_none_of: str, said: str = "not supported"):
    def answer(request):
        format_of = json.loads(request.body).get("response_format", {}).get("type", "")
        if format_of in wants_none_of:
            return 400, {}, json.dumps({"error": {"message": said}})
        reply = json.dumps({"reply": "Choose Forgot.", "articles": ["reset-password"]})
        return 200, {}, json.dumps({"choices": [{"message": {"content": reply}}]})

    return answer


@pytest.mark.parametrize("refused", [(), ("json_schema",), ("json_schema", "json_object")])
def test_an_endpoint_that_refuses_a_format_is_asked_in_a_simpler_one_and_it_is_remembered(model, refused):
    model.add_callback(responses.POST, URL, callback=refusing(*refused))

    assert drafted().author == "small-1"
    assert len(model.calls) == len(refused) + 1

    deliver(message_event(101, content="And my password?", at=later(70)), now=later(70))
    run_due("slow", now=later(130))
    assert len(model.calls) == len(refused) + 2


def test_a_newer_models_names_are_used_where_it_asks_for_them(model):
    def answer(request):
        body = json.loads(request.body)
        if "max_tokens" in body:
            return 400, {}, "Unsupported parameter: use 'max_completion_tokens' instead."
        if "temperature" in body:
            return 400, {}, "'temperature' does not support 0 with this model."
        return refusing()(request)

    model.add_callback(responses.POST, URL, callback=answer)

    assert drafted().author == "small-1"
    last = json.loads(model.calls[-1].request.body)
    assert (last["max_completion_tokens"], last["response_format"]["type"]) == (1500, "json_schema")


def test_a_request_that_is_too_long_is_sent_once_more_with_half_the_articles(model):
    edit_article(Article.objects.get(slug="reset-password"), body="Choose Forgot password. " * 900)
    sizes = []

    def answer(request):
        sizes.append(len(request.body))
        if len(sizes) == 1:
            return 400, {}, json.dumps({"error": {"code": "context_length_exceeded", "message": "Too long."}})
        return refusing()(request)

    model.add_callback(responses.POST, URL, callback=answer)

    assert drafted().author == "small-1"
    assert len(sizes) == 2
    assert sizes[1] < sizes[0] * 0.6


def test_a_request_that_stays_too_long_is_left_to_the_built_in_drafter(model):
    model.post(URL, status=400, json={"error": {"code": "context_length_exceeded"}})

    assert drafted().author == "Built-in drafter"
    assert len(model.calls) == 2


def test_a_refused_key_is_given_up_at_once_and_the_built_in_drafter_takes_over(model):
    model.post(URL, status=401)

    assert drafted().author == "Built-in drafter"
    failed = Delivery.objects.get(event="draft.request", status="DEAD")
    assert "DRAFTER_API_KEY" in failed.last_error
