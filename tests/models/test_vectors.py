"""Vectors that are kept: no text is embedded twice, in whatever process, and a bad file costs nothing but time."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from support import Cli

from screener.core.messages import Vectors
from screener.models import vectors as kept
from screener.models.vectors import KeptVectors


class Counting:
    """An embedder that notes what it is asked."""

    def __init__(self, fingerprint: str = "one") -> None:
        self.fingerprint, self.asked = fingerprint, list[str]()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.array([[len(text), 1 / 3] for text in texts], dtype=np.float32).reshape(len(texts), 2)


def test_a_text_is_embedded_once_by_whoever_asks_for_it(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    one = KeptVectors(first, tmp_path / "cache" / "vectors.db").embed(["a", "bb", "a"])
    again = KeptVectors(second, tmp_path / "cache" / "vectors.db").embed(["bb", "ccc"])
    assert (first.asked, second.asked) == (["a", "bb"], ["ccc"])
    assert one.tolist() == Counting().embed(["a", "bb", "a"]).tolist()
    assert again.tobytes() == Counting().embed(["bb", "ccc"]).tobytes()  # to the last bit
    assert KeptVectors(second, tmp_path / "v.db").embed([]).shape == (0, 2)


def test_another_embedder_gets_no_vector_of_this_one(tmp_path: Path) -> None:
    KeptVectors(Counting(), tmp_path / "v.db").embed(["a"])
    other = Counting("another")
    KeptVectors(other, tmp_path / "v.db").embed(["a"])
    assert other.asked == ["a"]


def test_a_file_that_is_no_database_is_replaced_and_one_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    bad = tmp_path / "bad.db"
    bad.write_bytes(b"this is no database at all" * 100)
    embedder = Counting()
    broken = KeptVectors(embedder, bad)
    assert broken.embed(["a"]).shape == broken.embed(["a"]).shape == (1, 2)
    assert embedder.asked == ["a", "a"]
    KeptVectors(embedder, bad).embed(["a"])
    KeptVectors(embedder, bad).embed(["a"])
    assert embedder.asked == ["a", "a", "a"]
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    assert KeptVectors(embedder, in_the_way / "v.db").embed(["b"]).shape == (1, 2)


def test_the_file_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    embedder = Counting()
    keeping = KeptVectors(embedder, tmp_path / "v.db")
    keeping.embed(["a", "b", "c"])
    keeping.embed(["d"])
    keeping.embed(["a", "d"])
    assert embedder.asked == ["a", "b", "c", "d", "d"]


@pytest.mark.slow
def test_a_run_keeps_its_vectors_in_the_review_and_gives_the_same_without_them(
    ecg: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCREENER_CACHE")
    cli("run", "--stage", "abstract", "--limit", "5")
    file = ecg / ".screener" / "cache" / "vectors.db"
    assert file.is_file()
    before = cli("export").out
    (ecg / ".screener" / "ledger.db").unlink()
    cli("run", "--stage", "abstract", "--limit", "5")
    assert cli("export").out == before
    file.unlink()
    (ecg / ".screener" / "ledger.db").unlink()
    cli("run", "--stage", "abstract", "--limit", "5")
    assert cli("export").out == before
