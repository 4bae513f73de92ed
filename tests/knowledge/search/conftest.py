import pytest

from knowledge.search import embedders
from tests.knowledge.search.making import FakeEmbedder


@pytest.fixture
def fake(monkeypatch) -> FakeEmbedder:
    """In the place of the process's embedder."""
    made = FakeEmbedder()
    monkeypatch.setattr(embedders, "current", lambda: made)
    monkeypatch.setattr(embedders, "wanted", lambda: made.name)
    monkeypatch.setattr(embedders, "trouble", lambda: "")
    return made
