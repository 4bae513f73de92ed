"""What it costs to say what a change does to search: 3,000 probes against 10,000 articles, under 2 s of processor time.

Needs BANKING77_CSV. Vectors of articles and probes are kept by the site, so making them is not counted.
"""

import random
import time
from dataclasses import replace

import pytest

from knowledge.search import embedders, probe_effect, standing
from knowledge.search.standing import Question
from tests.bench import collection

pytestmark = pytest.mark.skipif(not collection.BANKING.is_file(), reason="BANKING77_CSV names no file")
PROBES, ARTICLES = 3_000, 10_000


@pytest.mark.parametrize("name", [embedders.USE, embedders.WORDS])
def test_three_thousand_probes_against_ten_thousand_articles(name):
    embedder = None if name == embedders.WORDS else embedders._loaded(name)
    bank = collection.bank()
    live = sorted([*bank, *collection.fillers(ARTICLES - len(bank))], key=lambda one: one.slug)
    now = collection.build(live, embedder)
    asked = random.Random(5).sample(collection.questions(80, fitted=False, seed=5), PROBES)
    vectors = embedder.embed([text for text, _ in asked]) if embedder else [None] * PROBES
    questions = [Question(at, text, slug, vectors[at], "en") for at, (text, slug) in enumerate(asked)]

    started = time.process_time()
    standings = standing.of(now, questions)
    print(
        f"\n{name}: {PROBES:,} probes ranked in {time.process_time() - started:.2f} s, once for all open changes"
    )
    one, other = (
        next(row for row in live if row.slug == slug) for slug in ("lost_or_stolen_card", "card_arrival")
    )
    given = {
        "an edit": {one.pk: replace(one, title=other.title, question=other.question, body=other.body)},
        "a withdrawal": {one.pk: None},
        "a merge": {one.pk: replace(one, body=f"{one.body}\n{other.body}"), other.pk: None},
    }
    for what, rows in given.items():
        moved = {other.slug: one.slug} if what == "a merge" else None
        started = time.process_time()
        effect = probe_effect.of(now, live, rows, questions, standings, moved=moved)
        took = time.process_time() - started
        print(
            f"  {what}: {effect.stay:,} stay, {len(effect.gained)} gained, {len(effect.lost)} lost, {effect.failing:,} found "
            f"neither way; {took:.2f} s of processor time (2)"
        )
        every = _all_ranked_again(now, live, rows, questions, standings, moved)
        print(
            f"    all ranked again: {every.stay:,} stay, {len(every.gained)} gained, {len(every.lost)} lost"
        )


def _all_ranked_again(now, live, rows, questions, standings, moved):
    kept, standing.EVERY = standing.EVERY, 10**12
    try:
        return probe_effect.of(now, live, rows, questions, standings, moved=moved)
    finally:
        standing.EVERY = kept
