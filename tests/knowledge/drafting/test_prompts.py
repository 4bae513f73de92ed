"""What a model is given: the best articles in whole sentences, within a budget; and by which of two models or prompts."""

from collections import Counter

import pytest

from knowledge.drafting import model_choice, prompts
from knowledge.text import sentences

SENTENCE = "We refund it within thirty days. "


def question(*lengths: int, **facts):
    articles = [
        {"slug": f"a{place}", "title": "Title", "body": SENTENCE * count}
        for place, count in enumerate(lengths)
    ]
    return prompts.Question(texts=["x"], articles=articles, **facts)


def test_articles_within_the_budget_are_given_whole():
    assert [len(one["body"]) for one in prompts.within(question(2, 3)).articles] == [65, 98]


def test_the_budget_is_filled_with_the_best_first_in_whole_sentences():
    given = prompts.within(question(700, 700, 700)).articles

    assert [one["slug"] for one in given] == ["a0", "a1"]
    assert prompts.size(prompts.within(question(700, 700, 700))) <= 24_000
    assert given[1]["body"].endswith("thirty days.")


def test_half_the_budget_halves_what_is_given():
    first = prompts.within(question(700, 700))

    assert prompts.size(prompts.within(first, prompts.size(first) // 2)) <= prompts.size(first) // 2


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("One. Two. Three.", 100, "One. Two. Three."),
        ("One. Two. Three.", 10, "One. Two."),
        ("Is it? Yes!  No.", 7, "Is it?"),
        ("Costs 4.95 EUR. More.", 16, "Costs 4.95 EUR."),
        ("第一。第二。第三。", 6, "第一。第二。"),
        ("one two three", 8, "one two"),
        ("anything", 0, ""),
    ],
)
def test_a_text_is_cut_at_the_end_of_a_sentence(text, most, cut):
    assert sentences.cut(text, most=most) == cut


def test_instructions_stand_apart_from_the_customers_words():
    rules, wish, data = prompts.messages(question(1, instructions="Shorter", previous="Long."))

    assert "Shorter" in wish["content"]
    assert (wish["role"], "Shorter" in data["content"], "Shorter" in rules["content"]) == (
        "system",
        False,
        False,
    )


def test_the_language_is_named_where_it_is_known():
    assert "Write in German," in prompts.messages(question(1, language="de"))[0]["content"]
    assert "the language the customer writes in" in prompts.messages(question(1))[0]["content"]


@pytest.mark.parametrize("version", prompts.versions())
def test_each_version_is_a_whole_prompt(version):
    rules = prompts.messages(question(1, version=version))[0]["content"]

    assert '{"reply": text, "articles"' in rules
    assert "{fence}" not in rules


def test_the_newest_version_is_used():
    assert prompts.versions()[-1] == prompts.NEWEST


def test_shares_decide_how_many_conversations_a_model_gets():
    drawn = Counter(model_choice.choose("a=80,b=20", what="model", key=key) for key in range(2_000))

    assert 0.75 < drawn["a"] / 2_000 < 0.85


def test_a_conversation_keeps_its_model():
    assert len({model_choice.choose("a=50,b=50", what="model", key=7) for _ in range(9)}) == 1


@pytest.mark.parametrize(
    ("setting", "found"),
    [("gpt-a", [("gpt-a", 1)]), ("org/llama:8b=30, b=70", [("org/llama:8b", 30), ("b", 70)]), ("", [])],
)
def test_names_and_shares_are_read(setting, found):
    assert model_choice.shares(setting) == found


@pytest.mark.parametrize("setting", ["a=50,b", "a=0,b=0"])
def test_shares_that_make_no_sense_are_refused(setting):
    with pytest.raises(ValueError, match="share"):
        model_choice.shares(setting)
