"""How pure the topics of gaps are, and how many of them are found: BANKING77's intents, of which the code knows nothing.

Needs BANKING77_CSV. Its odd rows only, with topics drawn anew for each seed; the thresholds were chosen with other seeds.
"""

import csv
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from knowledge.learning import gaps
from knowledge.search import embedders
from tests.bench import collection

pytestmark = pytest.mark.skipif(not collection.BANKING.is_file(), reason="BANKING77_CSV names no file")
SEEDS = range(21, 26)
TOPICS, EACH, OTHERS = 45, (8, 30), 60
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def drawn(seed: int) -> tuple[list[gaps.Asked], dict[int, str]]:
    """(questions, topic by key). Some questions are of topics that nobody else asks about."""
    with collection.BANKING.open() as file:
        rows = list(csv.DictReader(file))[1::2]
    by_topic: dict[str, list[str]] = {}
    for row in rows:
        by_topic.setdefault(row["category"], []).append(row["text"])
    dice = random.Random(seed)
    chosen = dice.sample(sorted(by_topic), TOPICS)
    said = [
        (text, topic)
        for topic in chosen
        for text in dice.sample(by_topic[topic], min(dice.randint(*EACH), len(by_topic[topic])))
    ]
    rest = [(text, "") for topic in by_topic.keys() - set(chosen) for text in by_topic[topic]]
    said += dice.sample(sorted(rest), OTHERS)
    dice.shuffle(said)
    asked = [gaps.Asked(key, key, NOW, text, "en") for key, (text, _) in enumerate(said)]
    return asked, {key: topic for key, (_, topic) in enumerate(said)}


def judged(found: Sequence[gaps.Topic], topic_of: dict[int, str]) -> tuple[int, int, set[str]]:
    """(questions in their group's own topic, questions in groups, topics that are the better half of a group)"""
    right = whole = 0
    known = set()
    for topic in found:
        best, count = Counter(topic_of[one.key] for one in topic.asked).most_common(1)[0]
        right, whole = right + (count if best else 0), whole + len(topic.asked)
        if best and count > len(topic.asked) / 2:
            known.add(best)
    return right, whole, known


def vectors_of(asked: Sequence[gaps.Asked], name: str):
    said = gaps.word_vectors(asked)
    if name == embedders.WORDS:
        return said
    return gaps.with_words(embedders._loaded(name).embed([one.text for one in asked]), said)


@pytest.mark.parametrize(
    ("name", "purity", "share"), [(embedders.USE, 0.75, 0.80), (embedders.WORDS, 0.68, 0.75)]
)
def test_topics_are_pure_and_most_are_found(name, purity, share):
    right = whole = found = count = 0
    for seed in SEEDS:
        asked, topic_of = drawn(seed)
        vectors = vectors_of(asked, name)
        one, all_of_them, known = judged(
            gaps.topics(asked, vectors, passes=gaps.passes_of(name, vectors)), topic_of
        )
        right, whole, found, count = right + one, whole + all_of_them, found + len(known), count + TOPICS
    print(
        f"\n{name}: purity {right / whole:.3f} (n = {whole}), topics found {found / count:.3f} (n = {count})"
    )
    assert right / whole >= purity
    assert found / count >= share


def test_shuffled_vectors_make_no_topics():
    """The vectors of other questions: what is found agrees with the topics no better than chance."""
    asked, topic_of = drawn(SEEDS[0])
    vectors = vectors_of(asked, embedders.USE)
    order = list(range(len(asked)))
    random.Random(1).shuffle(order)

    found = gaps.topics(asked, vectors[order], passes=gaps.passes_of(embedders.USE, vectors))

    right, whole, known = judged(found, topic_of)
    print(
        f"\nshuffled: purity {right / whole:.3f} (n = {whole}), topics found {len(known) / TOPICS:.3f} (n = {TOPICS})"
    )
    assert right / whole < 0.3
    assert len(known) / TOPICS < 0.1
