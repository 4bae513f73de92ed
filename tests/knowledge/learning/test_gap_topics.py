"""Topics of gaps by words alone, on a small set in several languages (tests/bench/test_bench_gaps.py has a large one)."""

import random

from knowledge.learning import gaps
from knowledge.search import embedders
from tests.knowledge.learning.learnt import NOW

TOPICS = {
    "gift card": (
        "Where can I buy a gift card?", "Can I pay with a gift card?", "My gift card does not work",
        "How long is a gift card valid?", "Do you sell gift cards?", "I lost my gift card",
    ),
    "invoice": (
        "I need an invoice with my VAT number", "Please send the invoice again", "The invoice has a wrong address",
        "Where do I find my invoice?", "Can you correct the invoice?", "No invoice came with the order",
    ),
    "Abo": (
        "Wie kündige ich mein Abo?", "Ich möchte das Abo kündigen", "Kann ich mein Abo pausieren?",
        "Mein Abo wurde verlängert", "Wann endet mein Abo?", "Abo bitte zum Monatsende kündigen",
    ),
    "garantía": (
        "¿Cuánto dura la garantía?", "La garantía no cubre la pantalla", "¿Tengo garantía en las baterías?",
        "Quiero usar la garantía", "Garantía de un teléfono roto", "¿Dónde está mi garantía?",
    ),
    "доставка": (
        "Сколько длится доставка в Казань?", "Доставка в Казань задерживается", "Есть ли доставка в Казань?",
        "Цена доставки в Казань", "Доставка курьером в Казань", "Когда доставка в Казань?",
    ),
}  # fmt: skip
ALONE = (
    "Is the shop open on Christmas?", "Mein Bildschirm flackert", "Who founded your company?", "¿Tienen tienda en Lima?",
    "My password was stolen", "Gibt es freie Stellen?", "Do you ship alcohol?", "Как удалить аккаунт?",
)  # fmt: skip


def found(seed: int, *, shuffled: bool = False) -> tuple[float, float]:
    """(purity, share of topics found)"""
    dice = random.Random(seed)
    said = [(text, topic) for topic, texts in TOPICS.items() for text in texts] + [
        (text, "") for text in ALONE
    ]
    dice.shuffle(said)
    asked = [gaps.Asked(key, key, NOW, text) for key, (text, _) in enumerate(said)]
    topic_of = [topic for _, topic in said]
    if shuffled:
        dice.shuffle(topic_of)
    right = whole = 0
    known = set()
    for group in gaps.topics(asked, gaps.word_vectors(asked), passes=gaps.PASSES[embedders.WORDS]):
        theirs = [topic_of[one.key] for one in group.asked]
        best = max(set(theirs), key=theirs.count)
        right, whole = right + (theirs.count(best) if best else 0), whole + len(theirs)
        known |= {best} if best and theirs.count(best) > len(theirs) / 2 else set()
    return right / whole, len(known) / len(TOPICS)


def test_topics_are_pure_and_most_are_found():
    for seed in (301, 302, 303):
        purity, share = found(seed)
        assert (purity >= 0.75, share >= 0.80) == (True, True), (purity, share)


def test_with_shuffled_topics_there_are_none():
    for seed in (301, 302, 303):
        purity, share = found(seed, shuffled=True)
        assert (purity < 0.6, share <= 0.4) == (True, True), (purity, share)
