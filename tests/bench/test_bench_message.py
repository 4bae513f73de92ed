"""One real `message_created`, in processor time and statements, beside a minimal mirror (docs/performance.md).

The targets that hold on any machine are asserted: statements, and how the cost grows with the conversation. Those in
milliseconds and against the mirror are printed, since a busy machine stretches processor time too; BENCH_FULL=1 asserts them.
"""

import statistics
from typing import Any

from tests.bench import recorded
from tests.bench.conftest import Labs
from tests.bench.rounds import FULL

INSIDE = {1: 25, 10: 25, 100: 5, 1000: 1}  # messages in a conversation: how many conversations
BATCHES = (1, 25)
ROUNDS, ROWS = (7, 75) if FULL else (3, 50)
MOST_MS, MOST_STATEMENTS, MOST_RATIO, MOST_GROWTH = 8, 12, 3, 1.2
COLUMNS = (
    "| messages inside | batch | ours, ms | mirror, ms | ratio | SELECT | INSERT | UPDATE | statements |"
)


def test_what_a_message_costs(database, labs: Labs):
    lab = labs()
    found = {(inside, batch): measured(lab, inside, batch) for inside in INSIDE for batch in BATCHES}

    print(
        f"\nOne message_created on {database[0]}: processor of its process, medians of {ROUNDS} rounds\n{COLUMNS}"
    )
    print("| --- " * (COLUMNS.count("|") - 1) + "|")
    for (inside, batch), one in found.items():
        kinds = " | ".join(f"{one['kinds'][kind]:.1f}" for kind in ("SELECT", "INSERT", "UPDATE"))
        print(
            f"| {inside:,} | {batch} | {one['ms']:.1f} | {one['mirror']:.1f} | {one['ratio']:.1f} | {kinds} | {one['all']:.1f} |"
        )
    batched = {inside: found[inside, 25] for inside in INSIDE}
    recorded.cost(f"ms a message, {database[0]}", batched[10]["ms"])
    for inside, one in batched.items():
        title = f"A message with {inside:,} inside on {database[0]}: ours against a minimal mirror"
        recorded.note(
            title, recorded.Ratio(round(one["ratio"], 3), one["least"], one["most"], MOST_RATIO, True)
        )
    assert all(one["all"] <= MOST_STATEMENTS for one in batched.values())
    assert batched[1000]["all"] <= batched[10]["all"] * MOST_GROWTH
    growth = batched[1000]["ratio"] / batched[10]["ratio"]
    print(f"  1,000 messages against 10: {growth:.2f} ×, wanted ≤ {MOST_GROWTH} ×")
    assert growth <= (MOST_GROWTH if FULL else 2 * MOST_GROWTH)
    if FULL:
        assert all(one["ms"] <= MOST_MS and one["ratio"] <= MOST_RATIO for one in batched.values())


def measured(lab: Any, inside: int, batch: int) -> dict[str, Any]:
    """Ours and the mirror in turn, so that what disturbs one disturbs the other."""
    rounds = [
        {
            how: lab.call(
                "message_cost.cost",
                how=how,
                inside=inside,
                conversations=INSIDE[inside],
                batch=batch,
                rows=ROWS,
            )
            for how in ("mirror", "ours")
        }
        for _ in range(ROUNDS if inside < 1000 else 2)
    ]
    ours = [one["ours"]["ms"] for one in rounds]
    mirror = [one["mirror"]["ms"] for one in rounds]
    statements = rounds[-1]["ours"]["statements"]
    kinds = {
        "SELECT": statements.get("SELECT", 0), "INSERT": statements.get("INSERT", 0),
        "UPDATE": statements.get("UPDATE", 0) + statements.get("WITH", 0),
    }  # fmt: skip
    ratios = [one / other for one, other in zip(ours, mirror, strict=True)]
    return {
        "least": round(min(ratios), 3), "most": round(max(ratios), 3),
        "ms": statistics.median(ours), "mirror": statistics.median(mirror), "kinds": kinds, "all": sum(kinds.values()),
        "ratio": statistics.median(ratios),
    }  # fmt: skip
