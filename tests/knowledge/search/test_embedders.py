"""Which embedder is used, and what happens where it is missing, damaged or does not answer."""

import numpy as np
import pytest
import requests
import responses

from knowledge.models import SearchState
from knowledge.search import embedders, endpoint, index, search, state
from tests.factories import make_article

URL = "http://127.0.0.1:9999/v1"
SAME, OTHER = 0.855, -0.023  # as printed by release 0.2.1


def test_the_best_that_is_installed_is_the_default():
    assert embedders.chosen() == "use"
    assert embedders.trouble() == ""


def test_the_vectors_are_those_that_the_coefficients_were_fitted_on():
    """A numerics test of the pinned release: cosines of known pairs."""
    vectors = embedders.current().embed(
        ["How do I reset my password?", "Wie setze ich mein Passwort zurück?", "The sea is blue"]
    )

    assert vectors.shape == (3, 512)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] == pytest.approx(SAME, abs=0.01)
    assert vectors[0] @ vectors[2] == pytest.approx(OTHER, abs=0.01)


def test_a_vector_does_not_depend_on_its_neighbours():
    model = embedders.current()
    alone, among = model.embed(["a refund"])[0], model.embed(["one", "a refund", "x" * 9000])[1]

    assert np.array_equal(alone, among)


def damaged(tmp_path, monkeypatch):
    file = tmp_path / "weights.npz"
    file.write_bytes(b"not the weights")
    monkeypatch.setattr(embedders, "_file", lambda package, name: file)


def missing(tmp_path, monkeypatch):
    monkeypatch.setattr(embedders, "NEEDED", {"use": ("no_such_package",), "minilm": ("no_such_package",)})


@pytest.mark.django_db
@pytest.mark.parametrize(("cause", "why"), [(damaged, "is damaged"), (missing, "not installed")])
def test_words_remain_and_the_health_page_says_why(cause, why, tmp_path, monkeypatch, settings, client):
    settings.EMBEDDER = "use"
    make_article("refund", body="Money back.")
    cause(tmp_path, monkeypatch)
    index.forget()

    result = search.search("a refund")

    assert (result.embedder, result.answers[0].live.slug) == ("words", "refund")
    assert why in state.trouble()
    (told,) = [line for line in client.get("/readyz").json()["degraded"] if "search" in line]
    assert why in told


@pytest.mark.django_db
def test_words_alone_are_no_trouble_where_they_were_chosen(settings, client):
    settings.EMBEDDER = "words"

    assert state.trouble() == ""
    assert embedders.current() is None


def made(**facts) -> endpoint.Endpoint:
    return endpoint.Endpoint(URL, name="url test", model="m", key="k", **facts)


def answered(*vectors, **facts):
    rows = [{"index": at, "embedding": vector} for at, vector in enumerate(vectors)]
    responses.add(responses.POST, f"{URL}/embeddings", **(facts or {"json": {"data": rows[::-1]}}))


@responses.activate
def test_an_endpoint_gives_vectors_in_the_order_of_the_texts_and_receives_no_addresses():
    answered([3.0, 4.0], [0.0, 2.0])

    found = made().embed(["mail ada@example.com", "two"])

    assert np.allclose(found, [[0.6, 0.8], [0, 1]])
    sent = responses.calls[0].request
    assert b"ada@example.com" not in sent.body
    assert sent.headers["Authorization"] == "Bearer k"


BROKEN = {
    "an error": {"status": 500},
    "a redirect": {"status": 302, "headers": {"Location": "http://elsewhere.example/"}},
    "no JSON": {"body": "<html>"},
    "too few": {"json": {"data": []}},
    "no numbers": {"json": {"data": [{"index": 0, "embedding": ["a"]}]}},
    "not a number": {"body": '{"data": [{"index": 0, "embedding": [NaN]}]}'},
    "no connection": {"body": requests.ConnectionError()},
}


@responses.activate
@pytest.mark.parametrize("facts", BROKEN.values(), ids=BROKEN)
def test_an_endpoint_that_gives_no_vectors_is_an_embedder_error(facts):
    answered(**facts)

    with pytest.raises(embedders.EmbedderError, match=r"127\.0\.0\.1|EMBEDDER_URL"):
        made().embed(["one"])


@pytest.mark.django_db
@responses.activate
def test_search_goes_by_words_while_the_endpoint_fails(settings):
    settings.EMBEDDER_URL = URL
    answered(status=503)
    make_article("refund", body="Money back.")

    assert search.search("a refund").answers[0].live.slug == "refund"
    assert "503" in SearchState.objects.trouble()
