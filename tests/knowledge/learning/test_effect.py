"""What a change did: nothing is said of few, nothing changed is rarely called a change, and a real change is found."""

import random
from itertools import count

import pytest

from knowledge import uncertainty
from knowledge.learning import effect
from knowledge.learning.effect_measures import BY_NAME, Decided, Side, Verdict

RUNS = 400


def decisions(
    dice: random.Random, n: int, *, accepted: float, good: float = 0.85, graded: float = 0.7
) -> Side:
    """As a desk decides: some rejected, most edits small, part of them graded."""
    made = []
    for _ in range(n):
        stands = dice.random() < accepted
        rejected = not stands and dice.random() < 0.4
        ratio = (
            None
            if rejected
            else dice.choice((0.0, 0.0, dice.uniform(0, 0.33)))
            if stands
            else dice.uniform(0.34, 1)
        )
        grades = (5, 4 if dice.random() < good else 3, 5) if dice.random() < graded else None
        made.append(Decided("rejected" if rejected else "approved", ratio, grades))
    return Side.of(made)


def nothing_changed() -> list[effect.Effect]:
    dice, found = random.Random(2026), []
    for _ in range(RUNS):
        accepted, good = dice.uniform(0.3, 0.95), dice.uniform(0.5, 0.98)
        sides = [decisions(dice, dice.randint(20, 160), accepted=accepted, good=good) for _ in range(2)]
        others = [decisions(dice, 600, accepted=0.6) for _ in range(2)]
        found.append(effect.effect(*sides, others_before=others[0], others_after=others[1]))
    return found


def called_changed(found: list[effect.Effect], name: str) -> int:
    place = list(BY_NAME).index(name)
    return sum(one.lines[place].verdict in (Verdict.BETTER, Verdict.WORSE) for one in found)


def test_where_nothing_changed_at_most_one_run_in_ten_says_so(capsys):
    found = nothing_changed()

    counted = {name: called_changed(found, name) for name in BY_NAME}
    verdicts = sum(one.verdict in (Verdict.BETTER, Verdict.WORSE) for one in found)
    alarms = sum(bool(one.alarming) for one in found)

    with capsys.disabled():
        print(f"\nA/A, {RUNS} runs: verdict {verdicts}, by measure {counted}, alarms {alarms}")
    assert max(verdicts, *counted.values()) <= RUNS / 10
    assert alarms <= RUNS / 10


@pytest.mark.parametrize("name", BY_NAME)
def test_a_narrower_interval_would_break_that_promise(monkeypatch, name):
    monkeypatch.setattr(uncertainty, "z", lambda confidence: 1.0)

    assert called_changed(nothing_changed(), name) > RUNS / 10


LOOKS = 8  # one a week, until the window is over


def looked_at_weekly(
    dice: random.Random, rest: list[Side], *, growth: float = 1.0
) -> list[effect.Effect]:  # fmt: skip
    """Of one change that changed nothing: what each look says. growth: of the decisions from week to week. rest: other articles'
    decisions of some weeks, of which each week has one.
    """
    accepted, good, weekly = dice.uniform(0.3, 0.95), dice.uniform(0.5, 0.98), dice.randint(4, 40)

    def some(n: float, accepted: float = accepted) -> Side:
        return decisions(dice, max(round(n), 1), accepted=accepted, good=good)

    before, after = sum((some(weekly) for _ in range(LOOKS)), Side()), Side()
    others_before, others_after, found = sum((dice.choice(rest) for _ in range(LOOKS)), Side()), Side(), []
    for week in range(1, LOOKS + 1):
        after += some(weekly * growth**week)
        others_after += dice.choice(rest)
        found.append(
            effect.effect(
                before, after, others_before=others_before, others_after=others_after, passed=week / LOOKS
            )
        )
    return found


def looked_at(*, growth: float = 1.0) -> list[list[effect.Effect]]:
    dice = random.Random(77)
    rest = [decisions(dice, 100, accepted=0.6) for _ in range(60)]
    return [looked_at_weekly(dice, rest, growth=growth) for _ in range(RUNS)]


def ever_called_changed(runs: list[list[effect.Effect]]) -> dict[str, int]:
    """Runs in which at least one look says better or worse."""
    counted = {
        name: sum(bool(called_changed(looks, name)) for looks in runs) for name in BY_NAME
    }  # fmt: skip
    return counted | {"alarm": sum(any(one.alarming for one in looks) for looks in runs)}


@pytest.mark.parametrize("growth", [1.0, 1.2, 0.8])
def test_weekly_looks_at_nothing_changed_say_so_in_at_most_one_run_in_ten(capsys, growth):
    counted = ever_called_changed(looked_at(growth=growth))

    with capsys.disabled():
        print(f"\nA/A, {RUNS} runs, {LOOKS} weekly looks, growth {growth}: runs with an effect {counted}")
    assert max(counted.values()) <= RUNS / 10


def test_intervals_of_a_single_look_would_break_that_promise(monkeypatch):
    monkeypatch.setattr(uncertainty, "watched", lambda known: uncertainty.CONFIDENCE)

    counted = ever_called_changed(looked_at())

    assert max(counted.values()) > RUNS / 10


def test_the_fewer_cases_are_known_the_wider_is_the_interval():
    before, after = side(90, 100), side(60, 100)
    widths = [
        change.high - change.low
        for passed in (0.1, 0.3, 1.0)
        if (change := effect.compare(before, after, passed=passed)["accepted"].change)
    ]

    assert widths == sorted(widths, reverse=True)
    assert uncertainty.z(uncertainty.watched(1.0)) == pytest.approx(1.96, abs=0.001)
    assert uncertainty.z(uncertainty.watched(0.25)) == pytest.approx(3.92, abs=0.002)


def test_a_rise_from_50_to_65_percent_is_found_with_168_a_side():
    """A single look needs 132: what it costs to look all the time."""
    dice = random.Random(5)
    found = [
        effect.effect(decisions(dice, 168, accepted=0.5), decisions(dice, 168, accepted=0.65)).verdict
        for _ in range(RUNS)
    ]

    assert 0.75 <= found.count(Verdict.BETTER) / RUNS <= 0.88
    assert found.count(Verdict.WORSE) == 0


def side(accepted: int, n: int, **facts) -> Side:
    return Side(n=n, accepted=accepted, approved=n, **facts)


def test_under_twenty_a_side_it_is_not_known_yet():
    found = effect.effect(side(40, 40), side(0, 9))

    assert (found.verdict, found.text) == (Verdict.UNKNOWN, "not known yet (n = 9)")
    assert found.lines[0].own.change is None
    assert not found.alarming


def test_nothing_at_all_is_no_data_and_never_a_share():
    own = effect.effect(Side(), Side()).lines[0].own

    assert (own.before, own.after, own.change) == (None, None, None)


def test_a_fall_is_worse_and_alarms():
    found = effect.effect(side(90, 100), side(60, 100))

    assert found.verdict == Verdict.WORSE
    assert [line.own.measure.name for line in found.alarming] == ["accepted"]


def test_a_fall_that_all_others_share_does_not_alarm():
    shared = effect.effect(
        side(90, 100), side(60, 100), others_before=side(900, 1000), others_after=side(600, 1000)
    )
    own = effect.effect(
        side(90, 100), side(60, 100), others_before=side(900, 1000), others_after=side(895, 1000)
    )

    assert (shared.verdict, shared.text, shared.alarming) == (Verdict.CHANCE, "worse, as the others", [])
    assert own.verdict == Verdict.WORSE
    assert own.alarming


def test_others_that_are_too_few_do_not_excuse_a_fall():
    found = effect.effect(side(90, 100), side(60, 100), others_before=side(20, 25), others_after=side(15, 25))

    assert found.alarming


def test_less_editing_is_better():
    before = Side(n=50, approved=50, ratios=15.0, squares=5.0)
    after = Side(n=50, approved=50, ratios=5.0, squares=1.0)

    assert effect.compare(before, after)["edit"].verdict == Verdict.BETTER
    assert effect.compare(after, before)["edit"].verdict == Verdict.WORSE


def test_the_difference_of_differences_is_what_the_others_did_not_do():
    found = effect.effect(
        side(50, 100), side(70, 100), others_before=side(500, 1000), others_after=side(550, 1000)
    )

    assert found.lines[0].beyond.value == pytest.approx(0.15)
    assert found.lines[0].beyond.low < found.lines[0].own.change.low - 0.05


def test_a_decision_is_accepted_if_less_than_a_third_was_changed():
    found = Side.of([
        Decided("approved", 0.33, (4, 4, 4)), Decided("approved", 1 / 3, (5, 3, 5)), Decided("rejected", None, None),
    ])  # fmt: skip

    assert (found.n, found.accepted, found.graded, found.good, found.approved) == (3, 1, 2, 1, 2)


def test_many_small_changes_are_known_together_before_each_of_them_is():
    dice = random.Random(11)
    pairs = [(decisions(dice, 15, accepted=0.5), decisions(dice, 15, accepted=0.75)) for _ in range(12)]

    assert {effect.effect(*pair).verdict for pair in pairs} == {Verdict.UNKNOWN}
    assert effect.pooled(pairs).figures["accepted"].verdict == Verdict.BETTER


def test_a_change_with_one_side_only_says_nothing():
    found = effect.pooled([(side(0, 0), side(30, 30)), (side(10, 20), side(12, 20))])

    assert (found.changes, found.figures["accepted"].n_after) == (1, 20)


def test_the_same_decisions_give_the_same_figures():
    made = [Decided("approved", place / 50, (5, 5, 5)) for place in range(40)]
    numbers = count()
    shuffled = sorted(made, key=lambda one: hash((next(numbers) * 7919) % 41))

    one, other = (effect.effect(Side.of(rows), Side.of(rows)) for rows in (made, shuffled))

    assert [line.own.text for line in one.lines] == [line.own.text for line in other.lines]
