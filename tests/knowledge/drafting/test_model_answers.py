"""What a model's answer holds, in whatever it is wrapped; and what is said of one that cannot be read."""

import json

import pytest

from knowledge.drafting import model_answers
from knowledge.drafting.model_answers import Completion, Unreadable

SAID = json.dumps({"reply": "Choose Forgot.", "articles": ["a"], "confidence": 0.7, "why": "It says how."})
READABLE = {
    "bare": SAID,
    "in a fence": f"```json\n{SAID}\n```",
    "in a fence without a name": f"```\n{SAID}\n```",
    "after thoughts": f"<think>The customer {{wants}} a password.</think>\n{SAID}",
    "after thoughts with another draft": f'<think>{{"reply": "no", "articles": []}}</think>{SAID}',
    "after the end of thoughts": f"I should answer.</think>\n\n{SAID}",
    "within prose": f"Here you are:\n{SAID}\nAnything else?",
    "in a list": f"[{SAID}]",
    "in another object": f'{{"draft": {SAID}}}',
    "after an object of another kind": f'{{"note": 1}} {SAID}',
    "with line breaks in the text": SAID.replace("Choose Forgot.", "Choose\nForgot."),
    "after a mark of byte order": "\ufeff" + SAID,
}


def read(text: str, finish: str = "stop"):
    return model_answers.answer(Completion(text, finish), given={"a", "b"})


@pytest.mark.parametrize("case", READABLE)
def test_an_answer_is_found_in_what_is_around_it(case):
    found = read(READABLE[case])

    assert (" ".join(found.reply.split()), found.articles, found.confidence) == (
        "Choose Forgot.",
        ("a",),
        0.7,
    )


@pytest.mark.parametrize(
    "broken", ["\\ud83d", "\\udc4d", "\\u0000"], ids=["first half", "second half", "NUL"]
)
def test_half_an_emoji_or_a_NUL_is_no_part_of_a_reply(broken):
    found = read(f'{{"reply": "Choose Forgot.{broken}", "articles": ["a"], "why": "So{broken}"}}')

    assert found.reply.removesuffix("?") == "Choose Forgot."
    assert found.why.removesuffix("?") == "So"


@pytest.mark.parametrize("reply", ["", " \n", "\u200b", "\u2060\ufeff"], ids=ascii)
def test_a_reply_of_which_nothing_is_seen_is_none(reply):
    assert read(json.dumps({"reply": reply, "articles": ["a"]})).reply == ""


def test_half_an_emoji_around_the_answer_does_not_come_through():
    body = b'{"choices": [{"message": {"content": "\\ud83d {}"}, "finish_reason": "\\ud83d"}]}'
    said = model_answers.completion(body)

    assert (said.text, said.finish_reason) == ("? {}", "?")


@pytest.mark.parametrize(
    ("text", "finish", "error"),
    [
        ("", "stop", "It is empty."),
        ("Sure!", "stop", "It holds no JSON object with a reply."),
        ('{"reply": "Choose', "length", "It ends before the JSON object does."),
        ('{"reply": ["a"]}', "stop", "“reply” is not a text."),
        (json.dumps({"reply": "x" * 4_001}), "stop", "The reply has 4,001 characters, over 4,000."),
    ],
)
def test_what_cannot_be_read_says_why(text, finish, error):
    with pytest.raises(Unreadable) as raised:
        read(text, finish)
    assert str(raised.value) == error


@pytest.mark.parametrize(
    ("confidence", "known"), [(0.5, 0.5), (1, 1.0), (95, None), ("high", None), (True, None), (-1, None)]
)
def test_a_confidence_that_is_no_share_is_none(confidence, known):
    assert read(json.dumps({"reply": "x", "articles": ["a"], "confidence": confidence})).confidence == known


@pytest.mark.parametrize(
    ("named", "cited"),
    [(["a", "x"], ("a",)), ("b", ("b",)), ([["a"], None], ()), (None, ()), (["a", "a"], ("a",))],
)
def test_only_given_articles_count(named, cited):
    assert read(json.dumps({"reply": "x", "articles": named})).articles == cited


def test_a_stream_is_put_together():
    pieces = [SAID[:10], SAID[10:]]
    events = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    last = {
        "choices": [{"delta": {}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7},
    }
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in [*events, last]) + "data: [DONE]\n\n"

    found = model_answers.completion(body.encode())

    assert (found.text, found.finish_reason, found.tokens_in, found.tokens_out) == (SAID, "stop", 5, 7)


def test_a_text_in_parts_is_put_together():
    body = {
        "choices": [
            {"message": {"content": [{"type": "text", "text": SAID[:9]}, {"type": "text", "text": SAID[9:]}]}}
        ]
    }

    assert model_answers.completion(json.dumps(body).encode()).text == SAID


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{", b"[]", b"{}", b'{"choices": [1]}', b"data: x\n\n", b"\xff\xfe", b"[" * 100_000],
)
def test_a_body_of_another_kind_is_unreadable(body):
    with pytest.raises(Unreadable):
        model_answers.completion(body)


def test_usage_of_another_kind_is_not_counted():
    body = {
        "choices": [{"message": {"content": "x"}}],
        "usage": {"prompt_tokens": "many", "completion_tokens": -1, "cost": True},
    }
    found = model_answers.completion(json.dumps(body).encode())

    assert (found.tokens_in, found.tokens_out, found.cost) == (None, None, None)
