"""Regression marks of the embedded reviewer. They hold on small sets and claim nothing about abstracts elsewhere."""

import csv
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from support import ROOT
from support.embedded import drive

from screener.core.judgement import Basis, Judgement, Stage, Value
from screener.core.messages import Vectors
from screener.core.yamlfile import YamlFile
from screener.protocol.model import Protocol
from screener.records.model import Record
from screener.reviewers.embedded import EmbeddedReviewer
from screener.text.embeddings import MiniLM, load_embedder

SECOND_REVIEWS = ["kitchenham-2010", "nagtegaal-2019"]
Rows = dict[str, dict[str, str]]


class Cached:
    """The sentence model, asked once for each text, as the runner does it."""

    def __init__(self, embedder: MiniLM) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.fingerprint = embedder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts])


@cache
def model() -> Cached:
    embedder = load_embedder()
    if not isinstance(embedder, MiniLM):
        pytest.skip("the sentence model is not installed")
    return Cached(embedder)


def rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def half(labels: Rows, salt: str, which: str) -> list[str]:
    """The ids of one half: within each decision in the order of the salted hash, the first half is `dev`."""
    ids: list[str] = []
    for decision in ("include", "exclude", "unclear"):
        of_class = [name for name, row in labels.items() if row["decision"] == decision]
        of_class.sort(key=lambda name: hashlib.sha256(f"{salt}:{name}".encode()).hexdigest())
        cut = len(of_class) // 2
        ids += of_class[:cut] if which == "dev" else of_class[cut:]
    return ids


def judge_all(review: Path, ids: list[str]) -> dict[str, Judgement]:
    protocol = YamlFile(review / "prompts" / "review.yaml").validate(Protocol)
    records = rows(review / "gold" / "records.csv")
    reviewer = EmbeddedReviewer(protocol.stages[Stage.ABSTRACT], protocol.reviewers["embedded"], model().fingerprint)

    def record(name: str) -> Record:
        row = records[name]
        return Record(id=name, title=row["title"], abstract=row.get("abstract", ""), year=int(row["year"] or 0) or None)

    return {name: drive(reviewer.judge(record(name)), model()) for name in ids}


def auroc(judged: dict[str, Judgement], kept: set[str], among: set[str]) -> float:
    """The share of pairs of a kept and another record in which the kept one has the higher probability."""
    score = {name: judged[name].probability or 0.0 for name in among}
    pairs = [(score[k], score[o]) for k in among & kept for o in among - kept]
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


@pytest.fixture(scope="module")
def packaged() -> tuple[dict[str, Judgement], Rows, set[str]]:
    labels = rows(ROOT / "gold" / "abstract.csv")
    ids = half(labels, "ecg-fm-1", "test")
    judged = judge_all(ROOT, ids)
    return judged, labels, {name for name in ids if labels[name]["decision"] != "exclude"}


class TestOnASmallProvisionalSet:
    """The packaged review's `test` half: 60 records labelled by language models, 19 of them kept."""

    def test_it_is_the_half_that_the_marks_were_set_for(
        self, packaged: tuple[dict[str, Judgement], Rows, set[str]]
    ) -> None:
        judged, _, kept = packaged
        assert (len(judged), len(kept)) == (60, 19)

    def test_at_most_one_kept_record_is_missed(self, packaged: tuple[dict[str, Judgement], Rows, set[str]]) -> None:
        judged, _, kept = packaged
        assert sum(not judged[name].decision.kept for name in kept) <= 1

    def test_precision_is_at_least_0_6(self, packaged: tuple[dict[str, Judgement], Rows, set[str]]) -> None:
        judged, _, kept = packaged
        suggested = {name for name in judged if judged[name].decision.kept}
        assert len(suggested & kept) / len(suggested) >= 0.6

    def test_auroc_is_at_least_0_95(self, packaged: tuple[dict[str, Judgement], Rows, set[str]]) -> None:
        judged, _, kept = packaged
        assert auroc(judged, kept, set(judged)) >= 0.95

    def test_auroc_is_at_least_0_8_without_the_easy_half(
        self, packaged: tuple[dict[str, Judgement], Rows, set[str]]
    ) -> None:
        judged, labels, kept = packaged
        assert auroc(judged, kept, {name for name in judged if labels[name]["signal"] == "yes"}) >= 0.8

    def test_every_quote_stands_where_it_is_said_to(
        self, packaged: tuple[dict[str, Judgement], Rows, set[str]]
    ) -> None:
        judged, _, _ = packaged
        records = rows(ROOT / "gold" / "records.csv")
        quotes = [(name, e) for name, j in judged.items() for a in j.answers.values() for e in a.evidence]
        assert len(quotes) > len(judged)
        assert all(records[name][e.document][e.start : e.end] == e.quote for name, e in quotes)


@pytest.mark.slow
@pytest.mark.parametrize("name", SECOND_REVIEWS)
def test_a_second_review_with_human_labels_needs_no_line_of_code(name: str) -> None:
    review = ROOT / "examples" / name
    labels = rows(review / "gold" / "abstract.csv")
    ids = half(labels, f"{name}-1", "dev")
    kept = [i for i in ids if labels[i]["decision"] == "include"][:60]
    others = [i for i in ids if labels[i]["decision"] == "exclude"][:120]
    judged = judge_all(review, kept + others)
    assert auroc(judged, set(kept), set(judged)) > 0.7
    failed = [a for j in judged.values() for a in j.answers.values() if a.value is Value.NO]
    assert all(answer.basis is Basis.CONTRADICTED for answer in failed), "a title was excluded for its silence"


@pytest.mark.parametrize("name", SECOND_REVIEWS)
def test_a_second_review_holds_facts_and_labels_but_no_abstracts(name: str) -> None:
    gold = ROOT / "examples" / name / "gold"
    records, labels = rows(gold / "records.csv"), rows(gold / "abstract.csv")
    assert records.keys() == labels.keys()
    assert set(next(iter(records.values()))) == {"id", "title", "year", "doi"}
    assert "CC-BY" in (gold / "gold.yaml").read_text()
    assert "https://creativecommons.org/licenses/by/4.0/" in (gold / "README.md").read_text()


def test_no_line_of_the_judging_code_knows_the_packaged_review() -> None:
    subject = re.compile(r"\bECGs?\b|electrocard|\bEKG\b|heart|cardi|arrhythm|\bholter\b|PTB-XL|MIT-BIH|self-supervis")
    knowing = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "screener").rglob("*.py"))
        if "examples" not in path.parts  # the packaged reviews are found there by their names
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if subject.search(line)
    ]
    assert knowing == []
