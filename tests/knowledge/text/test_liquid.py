"""Whatever the text, Chatwoot's Liquid shows it as it was written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.text.liquid import neutralised
from tests.thorough import examples
from webhooks.simulator import liquid

VARIABLES = {"contact.email": "ada@example.com", "contact.name": "Ada", "x": "filled in"}
PIECES = st.lists(
    st.sampled_from(
        ["`", "``", "```", "{", "{{", "}}", "}", "{%", "%}", "%", "x", "{{ x }}", "{{contact.email}}", "{% endraw %}",
        "{%- endraw -%}",
         "{% raw %}", "endraw", "{% comment %}", "{% endcomment %}", "{% if x %}", "{% endif %}", " ", "\n", "-", "|", "a"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


def shown(text: str) -> str:
    """What the customer reads, but for the zero-width spaces that nobody sees."""
    return liquid.render(neutralised(text), VARIABLES).replace("\u200b", "")


@settings(max_examples=examples(300), deadline=None)
@given(text=st.one_of(PIECES, st.text(alphabet="`{}% x\nendraw-", max_size=40)))
def test_whatever_the_text_chatwoot_shows_it_as_it_was_written(text):
    assert shown(text) == text


CASES = [
    "`{{ contact.email }}", "``{{ contact.email }}``", "a ` b {{ contact.email }}", "`a` ` {{ contact.email }}", "{`code`",
    "{{`x`}}",
    "```\n{{ contact.email }}\n``` {{ contact.email }}", "`{% endraw %}{{ contact.email }}{% raw %}`", "`{% endraw %}`{{ x }}",
    "{% comment %}gone{% endcomment %}", "`{{`{{ x }}", "{{{x}}}", "{`{{ x }}`", "`a`{`b`{{ x }}",
    "`{{`}}``", "`{{`} `{{`}}`{{`}",
]  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_template_code_is_shown_and_not_run(text):
    assert shown(text) == text


@pytest.mark.parametrize("text", ["`{{ x }}`", "Type `{% if %}`.", "no code", "``", "a { b } c"])
def test_what_chatwoot_shows_as_written_by_itself_is_left_alone(text):
    assert neutralised(text) == text


# The stand-in renders as Chatwoot does


@pytest.mark.parametrize(
    ("content", "rendered"),
    [
        ("Hi {{ contact.name }}", "Hi Ada"), ("Hi {{ contact.name | upcase }}", "Hi Ada"), ("{{ nobody }}!", "!"),
        ("`{{ x }}`", "`{{ x }}`"), ("``{{ x }}``", "``filled in``"), ("` {{ x }}", "` filled in"),
        ("a{% comment %}b{% endcomment %}c", "ac"), ("{% unknown %}{{ x }}", "{% unknown %}{{ x }}"), ("{{ x", "{{ x"),
        ("{% if x %}", "{% if x %}"), ("`{% endraw %}{{ x }}{% raw %}`", "`filled in`"), ("{% raw %}{{ x }}{% endraw %}",
        "{{ x }}"),
    ],
)  # fmt: skip
def test_the_stand_in_renders_liquid_as_chatwoot_does(content, rendered):
    assert liquid.render(content, VARIABLES) == rendered
