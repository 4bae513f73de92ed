"""The stand-in for a language model: obeys simple instructions, and misbehaves in each way that real ones do."""

import json

import pytest
import requests

from knowledge.drafting import model_answers, prompts
from webhooks.simulator import model
from webhooks.simulator.server import SimulatedChatwoot

ARTICLES = [
    {
        "slug": "refund",
        "title": "Refunds",
        "body": "You can return anything within 30 days. Send us your order number.",
    },
    {"slug": "warranty", "title": "Warranty", "body": "The warranty lasts two years."},
    {"slug": "rückgabe", "title": "Rückgabe", "body": "Sie können alles zurückgeben. Die Frist ist 30 Tage."},
]


def answer(instructions: str = "", *, text: str = "Can I return it and get a refund?") -> dict:
    question = prompts.Question(
        texts=[text], articles=ARTICLES, instructions=instructions, previous="x" if instructions else ""
    )
    return model.answer_to(prompts.messages(question))


def test_it_answers_from_the_article_that_fits():
    assert (answer()["articles"], answer()["reply"]) == (["refund"], ARTICLES[0]["body"])


def test_where_no_article_fits_it_says_so():
    assert answer(text="Xylophone zebra quartz")["reply"] == ""


@pytest.mark.parametrize(
    ("instructions", "reply"),
    [
        ("Make it shorter", "You can return anything within 30 days."),
        ("friendlier please", f"Thank you for asking! {ARTICLES[0]['body']}"),
        (
            "shorter, and mention the warranty",
            "You can return anything within 30 days. The warranty lasts two years.",
        ),
        ("in German", ARTICLES[2]["body"]),
    ],
)
def test_it_obeys_simple_instructions(instructions, reply):
    assert answer(instructions)["reply"] == reply


READ = {"fences", "think", "stream", "wrong_language", "unsupported", "unknown_article", "no_answer"}
NOT_READ = {"prose", "cut", "null", "html", "long", "huge"}


@pytest.fixture
def chatwoot():
    with SimulatedChatwoot(deliver=False) as running:
        yield running


def ask(chatwoot, **body) -> requests.Response:
    asked = prompts.messages(prompts.Question(texts=["Can I return it?"], articles=ARTICLES))
    return requests.post(f"{chatwoot.url}/v1/chat/completions", json={"messages": asked} | body, timeout=5)


def behave(chatwoot, behaviour: str) -> None:
    requests.post(
        f"{chatwoot.url}/simulator/model", json={"behaviour": behaviour}, timeout=5
    ).raise_for_status()


@pytest.mark.parametrize("behaviour", sorted(READ))
def test_what_only_looks_odd_can_be_read(chatwoot, behaviour):
    behave(chatwoot, behaviour)

    model_answers.answer(model_answers.completion(ask(chatwoot).content), given={"refund"})


@pytest.mark.parametrize("behaviour", sorted(NOT_READ))
def test_what_is_broken_cannot(chatwoot, behaviour):
    behave(chatwoot, behaviour)

    with pytest.raises(model_answers.Unreadable):
        model_answers.answer(model_answers.completion(ask(chatwoot).content), given={"refund"})


@pytest.mark.parametrize(
    ("behaviour", "status"), [("error", 500), ("rate_limit", 429), ("refused_key", 401), ("too_long", 400)]
)
def test_it_refuses_as_endpoints_do(chatwoot, behaviour, status):
    behave(chatwoot, behaviour)

    assert ask(chatwoot).status_code == status
    assert ask(chatwoot).status_code == 200  # once


def test_it_refuses_a_schema_only(chatwoot):
    requests.post(f"{chatwoot.url}/simulator/model", json={"behaviour": "no_schema", "times": 2}, timeout=5)

    assert ask(chatwoot, response_format={"type": "json_schema"}).status_code == 400
    assert ask(chatwoot, response_format={"type": "json_object"}).status_code == 200


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_it_keeps_one_waiting(chatwoot, behaviour):
    behave(chatwoot, behaviour)
    asked = prompts.messages(prompts.Question(texts=["x"], articles=ARTICLES))

    with pytest.raises(requests.RequestException):
        requests.post(f"{chatwoot.url}/v1/chat/completions", json={"messages": asked}, timeout=0.5).json()


def test_every_behaviour_is_tried_here():
    tried = READ | NOT_READ | {"error", "rate_limit", "refused_key", "too_long", "no_schema", "hang", "drip"}

    assert tried == set(model.BEHAVIOURS)


def test_it_lists_its_model(chatwoot):
    assert (
        json.loads(requests.get(f"{chatwoot.url}/v1/models", timeout=5).content)["data"][0]["id"]
        == model.NAME
    )
