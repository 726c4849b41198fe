"""The sentence model turns a text into the same vector whatever stands beside it, and refuses other files."""

from pathlib import Path

import numpy as np
import pytest

from screener.core.errors import BadInput
from screener.text import embeddings
from screener.text.embeddings import HashedTerms, MiniLM, load_embedder

TEXTS = ["Reminders help physicians.", "Alerts assist doctors at the bedside of the ward.", "Bridges rust.", ""]


@pytest.fixture(scope="module")
def model() -> MiniLM:
    found = load_embedder()
    if not isinstance(found, MiniLM):
        pytest.skip("the sentence model is not installed")
    return found


@pytest.mark.parametrize("kind", ["model", "stand-in"])
def test_vectors_have_length_one_and_depend_on_their_text_alone(kind: str, request: pytest.FixtureRequest) -> None:
    embedder = request.getfixturevalue("model") if kind == "model" else HashedTerms()
    together = embedder.embed(TEXTS)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, row in zip(TEXTS, together, strict=True):
        assert np.array_equal(embedder.embed([text])[0], row)
    assert embedder.embed([]).shape == (0, together.shape[1])


def test_like_meanings_are_nearer_than_unlike_ones(model: MiniLM) -> None:
    reminders, alerts, bridges, _ = model.embed(TEXTS)
    assert reminders @ alerts > reminders @ bridges + 0.2


def test_an_endless_text_is_cut_and_not_refused(model: MiniLM) -> None:
    assert model.embed(["word " * 40_000]).shape == (1, 384)


def test_a_file_with_another_hash_is_refused_in_one_line(tmp_path: Path) -> None:
    wrong = tmp_path / "model.onnx"
    wrong.write_bytes(b"something else")
    with pytest.raises(BadInput, match="sha256") as refusal:
        MiniLM(wrong, wrong)
    assert "\n" not in str(refusal.value)


def test_without_the_package_the_stand_in_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "find_spec", lambda name: None)
    embedder = load_embedder()
    assert isinstance(embedder, HashedTerms)
    assert embedder.fingerprint.startswith("tfidf")
    assert "not installed" in embedder.description
