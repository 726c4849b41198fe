"""A person has one name: no capital makes a second reviewer of them, and nothing invisible a machine's namesake."""

from pathlib import Path

import pytest
from support import Cli
from support.web_app import STAGE, human, small_review

from screener.core.errors import BadInput
from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.stages.people import canonical_reviewer_name, check_name


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return small_review(tmp_path / "review")


@pytest.mark.parametrize("name", ["gold", "Gold ", "gold\u200b", "ｇｏｌｄ", "EMBEDDED", "", " \u200b ", "x" * 81])
def test_a_name_that_is_no_persons_or_only_looks_like_one_is_refused(review: Review, name: str) -> None:
    with pytest.raises(BadInput, match="--reviewer"):
        check_name(review, name)


@pytest.mark.parametrize(
    ("given", "name"), [(" Ada  L. ", "Ada L."), ("José", "José"), ("李雷", "李雷"), ("a\x1bda", "ada")]
)
def test_a_name_is_tidied(review: Review, given: str, name: str) -> None:
    assert check_name(review, given) == name


def label(cli: Cli, review: Review, who: str, decision: str) -> None:
    (review.root / "said.csv").write_text(f"id,decision\nr1,{decision}\n")
    done = cli("label", review.root / "said.csv", "--reviewer", who, "--stage", STAGE, "--review", review.root)
    assert done.code == 0, done.err


def test_nobody_fills_two_slots_by_another_spelling_of_their_name(review: Review, cli: Cli) -> None:
    label(cli, review, "Ada", "include")
    label(cli, review, "ada ", "include")
    assert human(review.root, "ada") == human(review.root, "ada ") == {}
    assert human(review.root, "Ada").keys() == {"r1"}
    ledger = Ledger.of(review.hidden)
    assert canonical_reviewer_name(ledger, review, ["ADA", "ben"]) == {"ADA": "Ada", "ben": "ben"}
    assert canonical_reviewer_name(ledger, review, ["Ben", "ben"]) == {"Ben": "Ben", "ben": "Ben"}


def test_a_machine_that_the_protocol_does_not_name_any_more_keeps_its_name(review: Review) -> None:
    path = review.prompts / "review.yaml"
    path.write_text(
        path.read_text().replace("embedded: {kind", "other: {kind").replace("machine: embedded", "machine: other")
    )
    ledger = Ledger.of(review.hidden)
    with pytest.raises(BadInput, match="a machine of this name has judged here"):
        canonical_reviewer_name(ledger, Review(review.root), ["Embedded"])
