"""Markdown as safe HTML, in bounded time."""

import re
import time

import pytest

from webhooks.display import rich_text

MARKS = (
    "[",
    "![",
    "*a ",
    "**a",
    "_a",
    "`a``",
    "~~a",
    "<a",
    "[a](",
    "1. a\n",
    "|a|b\n|-|-\n",
    "> ",
    "- ",
    "a\n",
    "&amp",
    "\\[",
)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("length", [rich_text.MOST_CHARACTERS, 149_000])
def test_ten_messages_of_anything_take_less_than_half_a_second(mark, length):
    texts = [f"{number}{mark * (length // len(mark))}"[:length] for number in range(10)]
    began = time.process_time()

    for text in texts:
        rich_text.html(text)

    assert time.process_time() - began < 0.5


def test_a_text_beyond_the_bounds_is_shown_as_it_was_typed_and_runs_nothing():
    text = "<script>alert(1)</script>\n" + "[" * 700

    assert rich_text.html(text).startswith("<p>&lt;script&gt;alert(1)&lt;/script&gt;<br>[[[")


def test_an_ordinary_message_is_formatted():
    assert rich_text.html("**Hi** https://example.com") == (
        '<p><strong>Hi</strong> <a href="https://example.com" rel="noopener noreferrer nofollow">https://example.com</a></p>\n'
    )


@pytest.mark.parametrize("text", ["[" * 149_000, "word " * 29_800, "a\n" * 74_500, "a\n" * 500])
def test_of_a_text_beyond_the_bounds_a_beginning_is_shown_and_the_rest_is_folded(text):
    shown, _, folded = rich_text.html(text).partition("<details")

    assert len(shown) <= rich_text.SHOWN_CHARACTERS + 1000
    assert shown.count("<br>") <= rich_text.SHOWN_LINES
    letters = re.sub(r"<summary>.*?</summary>|<[^>]*>|[^a-z[]", "", shown + "<details" + folded)
    assert letters == re.sub(r"[^a-z[]", "", text)


def test_a_text_of_many_marks_that_is_short_is_shown_whole():
    assert "<details" not in rich_text.html("[" * 700)
