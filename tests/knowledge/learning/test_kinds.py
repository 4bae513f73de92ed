"""Each decision has exactly one kind, by one table, and the contract says the same table."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.learning import edits
from knowledge.learning.edits import Case
from knowledge.models import LearningSignal
from knowledge.models.grades import Decision, Kind

CONTRACT = Path(__file__).parents[3] / "docs" / "learning_contract.md"
FIVES = {"tone": 5, "accuracy": 5, "policy": 5}


def case(decision=Decision.APPROVED, ratio=0.1, facts_changed=False, cited=True, **grades) -> Case:
    return Case(
        decision=decision, grades=FIVES | grades, ratio=ratio, facts_changed=facts_changed, cited=cited
    )


# One case a row of the table, in its order, and those that a row before decides.
KINDS = {
    "overtaken": (case(Decision.OVERTAKEN, 0.9, True, policy=None), Kind.SUPERSEDED),
    "policy 3": (case(policy=3, accuracy=1, tone=1), Kind.POLICY_CLARIFICATION),
    "accuracy 3": (case(accuracy=3, tone=1), Kind.FACTUAL_CORRECTION),
    "facts changed": (case(facts_changed=True, tone=1), Kind.FACTUAL_CORRECTION),
    "tone 3": (case(tone=3, cited=False), Kind.TONE_IMPROVEMENT),
    "no article": (case(ratio=0.0, cited=False), Kind.NEW_PATTERN),
    "rejected": (case(Decision.REJECTED, None, policy=4), Kind.NEW_PATTERN),
    "a third": (case(ratio=1 / 3, tone=4), Kind.NEW_PATTERN),
    "nearly a third": (case(ratio=0.33, tone=4), Kind.TONE_IMPROVEMENT),
    "edited, policy 4": (case(policy=4, accuracy=4, tone=4), Kind.POLICY_CLARIFICATION),
    "edited, accuracy 4": (case(accuracy=4, tone=4), Kind.FACTUAL_CORRECTION),
    "edited, tone 4": (case(tone=4), Kind.TONE_IMPROVEMENT),
    "fours, not edited": (case(ratio=0.0, tone=4, accuracy=4, policy=4), Kind.TEMPLATE_REFINEMENT),
    "as drafted": (case(ratio=0.0), Kind.TEMPLATE_REFINEMENT),
    "not graded": (case(tone=None, accuracy=None, policy=None), Kind.TEMPLATE_REFINEMENT),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_first_rule_that_holds_names_the_kind(name):
    told, expected = KINDS[name]

    assert edits.kind(told) == expected


grade = st.none() | st.integers(1, 5)
cases = st.builds(
    Case,
    decision=st.sampled_from(Decision),
    grades=st.fixed_dictionaries({"tone": grade, "accuracy": grade, "policy": grade}),
    ratio=st.none() | st.floats(0, 1),
    facts_changed=st.booleans(),
    cited=st.booleans(),
)


@given(cases)
def test_whatever_was_decided_has_exactly_one_kind(told):
    assert [kind for kind in Kind if kind == edits.kind(told)] == [edits.kind(told)]


@given(cases)
def test_superseded_is_what_an_agent_overtook_and_nothing_else(told):
    assert (edits.kind(told) == Kind.SUPERSEDED) == (told.decision == Decision.OVERTAKEN)


def test_no_rule_is_in_vain():
    first = {next(rule.when for rule in edits.RULES if rule.holds(told)) for told, _ in KINDS.values()}

    assert first == {rule.when for rule in edits.RULES}


def test_the_rows_have_the_kinds_and_decisions_of_the_table():
    assert LearningSignal.Kind.values == list(Kind)
    assert LearningSignal.Decision.values == list(Decision)


def test_the_contract_has_the_same_table():
    rows = re.findall(r"^\| \d+ \| `(\w+)` \| (.+) \|$", CONTRACT.read_text(), re.MULTILINE)

    assert rows == [(rule.kind, rule.when) for rule in edits.RULES]


CONTRADICTIONS = {
    "a third, all fives": (1 / 3, FIVES, True),
    "less than a third": (0.33, FIVES, False),
    "a four": (0.9, FIVES | {"tone": 4}, False),
    "no grades yet": (0.9, dict.fromkeys(FIVES), False),
    "no final text": (None, FIVES, False),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_third_rewritten_with_all_fives_is_asked_about(name):
    ratio, grades, expected = CONTRADICTIONS[name]

    assert edits.contradicts(ratio, grades) is expected


def wanted(draft: int = 1, setting: str = "sample", **facts: bool) -> bool:
    plain = {"edited": False, "rejected": False, "flagged": False}
    return edits.grades_wanted(draft, setting=setting, **plain | facts)


def test_where_the_inbox_grades_all_every_draft_is_graded():
    assert all(wanted(draft, setting="all") for draft in range(200))


@pytest.mark.parametrize("fact", ["edited", "rejected", "flagged"])
def test_what_was_edited_rejected_or_flagged_is_always_graded(fact):
    assert all(wanted(draft, **{fact: True}) for draft in range(200))


def test_a_fifth_of_the_rest_is_graded():
    assert sum(wanted(draft) for draft in range(10_000)) == pytest.approx(2_000, abs=150)


def test_the_sample_has_no_pattern_of_the_numbers():
    assert sum(wanted(draft) for draft in range(0, 100_000, 10)) == pytest.approx(2_000, abs=150)


@given(st.integers(1, 2**62))
def test_the_same_draft_is_always_drawn_alike(draft):
    assert wanted(draft) == wanted(draft)
