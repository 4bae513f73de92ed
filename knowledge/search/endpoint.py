"""Vectors from an OpenAI-compatible endpoint (EMBEDDER_URL), called by the rules of all outgoing calls."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.exceptions import RequestException

from webhooks.errors import DeliveryError, Retryable
from webhooks.outbound import bounded, pinned_dns

from ..text import redaction
from . import embedders
from .embedders import EmbedderError

if TYPE_CHECKING:
    import numpy as np

SECONDS = 10  # wall clock, for one call
MOST_TEXTS = 64  # in one call
MOST_BYTES = 16 * 1024 * 1024
MOST_DIMS = 8192


class Endpoint:
    """Customers' addresses and numbers are masked before a text leaves.

    url: up to and with /v1. dims: 0 before the first answer.
    """

    def __init__(self, url: str, *, name: str, model: str, key: str) -> None:
        self.url, self.name, self.model, self.key, self.dims = url, name, model, key, 0
        self.host = urlsplit(url).hostname or ""

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        import numpy as np

        parts = [self._some(texts[at : at + MOST_TEXTS]) for at in range(0, len(texts), MOST_TEXTS)]
        if len({part.shape[1] for part in parts}) > 1:
            raise EmbedderError(f"{self.host} returns vectors of different lengths")
        return np.concatenate(parts) if parts else np.zeros((0, self.dims), dtype=np.float32)

    def knows(self, word: str) -> bool:
        return False

    def _some(self, texts: Sequence[str]) -> "np.ndarray":
        late = Retryable(f"{self.host} took more than {SECONDS} s")
        try:
            body = bounded.within(SECONDS, lambda: self._call(texts), late)
        except (RequestException, DeliveryError) as error:
            why = str(error) if isinstance(error, DeliveryError) else type(error).__name__
            raise EmbedderError(f"EMBEDDER_URL cannot be used: {why.rstrip('.')}") from error
        return self._read(body, len(texts))

    def _call(self, texts: Sequence[str]) -> bytes:
        masked = [redaction.redacted(text[: embedders.MOST_TEXT]) or " " for text in texts]
        wanted = {"model": self.model, "input": masked}
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        with (
            pinned_dns.session(internal=True) as session,
            session.post(
                f"{self.url}/embeddings", json=wanted, headers=headers, timeout=SECONDS, stream=True,
                allow_redirects=False,
            ) as response,
        ):  # fmt: skip
            if response.status_code != requests.codes.ok:
                raise Retryable(f"{self.host} answered {response.status_code}")
            return bounded.body(response, most=MOST_BYTES, seconds=SECONDS)

    def _read(self, body: bytes, count: int) -> "np.ndarray":
        import numpy as np

        try:
            rows = sorted(json.loads(body)["data"], key=lambda row: int(row["index"]))
            found = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise EmbedderError(
                f"the answer of {self.host} cannot be read: {type(error).__name__}"
            ) from error
        good = found.ndim == 2 and found.shape[0] == count and 0 < found.shape[1] <= MOST_DIMS
        if not good or not np.isfinite(found).all():
            raise EmbedderError(f"{self.host} returned no vectors, or not one for each text")
        self.dims = found.shape[1]
        return embedders.unit(found)
