"""Which of a person's answers says something about a topic: not "I have passed this to a colleague". Pure.

What is sent on many topics answers none of them. Of the rest, the last one settles the turn.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

from .gap_turns import Reply

MUCH_THE_SAME = 80  # rapidfuzz ratio of two answers
MANY_TOPICS = 3  # others; fewer, because grouping may split one topic into two
MOST_COMPARED = 500  # characters


def chosen(topics: Sequence[Sequence[int]], said: Mapping[int, Sequence[Reply]]) -> dict[int, Reply]:
    """By message. topics: the messages of each. said: the answers to each message, in order."""
    texts = [
        sorted({_compared(reply) for key in topic for reply in said.get(key, ())} - {""}) for topic in topics
    ]
    found = {}
    for place, topic in enumerate(topics):
        empty = _on_many(texts, place) | {""}
        for key in topic:
            telling = [reply for reply in said.get(key, ()) if _compared(reply) not in empty]
            if telling:
                found[key] = telling[-1]
    return found


def _compared(reply: Reply) -> str:
    return reply.text.casefold()[:MOST_COMPARED]


def _on_many(texts: Sequence[Sequence[str]], place: int) -> set[str]:
    """Of one topic's texts, those that are sent on many others too."""
    counts: dict[str, int] = defaultdict(int)
    for at, others in enumerate(texts):
        if at != place and others and texts[place]:
            scores = process.cdist(texts[place], others, scorer=fuzz.ratio, score_cutoff=MUCH_THE_SAME)
            for text, row in zip(texts[place], scores, strict=True):
                counts[text] += bool(row.any())
    return {text for text, count in counts.items() if count >= MANY_TOPICS}
