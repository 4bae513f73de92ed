"""An embedder whose vectors can be read: for tests that need no model."""

from collections.abc import Sequence

import numpy as np

from knowledge.search import embedders
from knowledge.search.embedders import EmbedderError

TOPICS = ("password", "refund", "parcel", "invoice")


class FakeEmbedder:
    """One dimension per topic word; counts what it is asked."""

    def __init__(self, *, name: str = "fake", extra: int = 1) -> None:
        self.name, self.dims, self.asked, self.fails = name, len(TOPICS) + extra, 0, False

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        if self.fails:
            raise EmbedderError("the fake one fails")
        self.asked += len(texts)
        rows = [
            [text.lower().count(topic) for topic in TOPICS] + [1.0] * (self.dims - len(TOPICS))
            for text in texts
        ]
        return embedders.unit(np.array(rows, dtype=np.float32).reshape(len(texts), self.dims))
