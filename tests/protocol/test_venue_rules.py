"""Rules on venues in the sources file, and the criterion by rule whose place they take."""

from pathlib import Path

import pytest
from support import Cli
from support.imports import a_file
from support.venues import RULE, sources, venue_review

from screener.core.errors import BadInput
from screener.core.judgement import Stage
from screener.ledger import Ledger, add_files
from screener.protocol import Review
from screener.records import Entry
from screener.stages import venue_standings

CRITERION = "{id: journal, kind: rule, question: Is it one of ours?, venues: [First Hearts]}"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("all", "is `any`, or has jcr"),
        ("{}", "is `any`, or has jcr"),
        ("{jcr: {files: ../jcr, year: 2024, categories: [HEARTS]}}", "not in the folder of the protocol"),
        ("{jcr: {files: /etc, year: 2024, categories: [HEARTS]}}", "not in the folder of the protocol"),
        ("{conferences: ../core.csv}", "not in the folder of the protocol"),
        ("{jcr: {files: jcr, year: 2024, categories: []}}", "categories"),
        ("{jcr: {files: jcr, categories: [HEARTS]}}", "year"),
        ("{jcr: {files: jcr, year: 2024, categories: [HEARTS], quartiles: [Q5]}}", "quartiles"),
    ],
)
def test_a_faulty_rule_is_told_with_its_line(tmp_path: Path, rule: str, message: str) -> None:
    review = venue_review(tmp_path)
    (review.prompts / "sources.yaml").write_text(sources(rule))
    with pytest.raises(BadInput, match=rf"sources\.yaml:2: .*{message}"):
        _ = Review(tmp_path).sources


def test_a_criterion_on_venues_is_read_as_a_rule_with_a_note(tmp_path: Path, cli: Cli) -> None:
    with_criterion, without = venue_review(tmp_path / "a", "any", [CRITERION]), venue_review(tmp_path / "b", "any")
    for review in (with_criterion, without):
        text = (review.prompts / "sources.yaml").read_text()
        (review.prompts / "sources.yaml").write_text(text.replace(", venues: any", ""))
    review = Review(with_criterion.root)
    assert [c.id for c in review.stage(Stage.ABSTRACT).criteria] == ["ordering", "software"]
    assert review.fingerprint(Stage.ABSTRACT, "embedded") != without.fingerprint(Stage.ABSTRACT, "embedded")

    ledger = Ledger.of(review.hidden)
    rows = [Entry(given_id=name, title=f"The order of {name} things", venue=venue)
            for name, venue in (("a", "First Hearts"), ("b", "Others"))]  # fmt: skip
    add_files(ledger, [a_file(rows, "a", "A source that nobody listed")])
    found = {name: str(standing.status) for name, standing in venue_standings(ledger, review).records.items()}
    assert found == {"a": "kept", "b": "queued"}, "nothing is removed by it, as before"
    checked = cli("check", "--review", review.root)
    assert checked.code == 0
    assert "the criterion `journal` on venues is read as a rule of every source" in checked.out
    assert "venues: {eligible: [First Hearts]}" in checked.out


def test_a_criterion_beside_a_rule_is_a_mistake(tmp_path: Path, cli: Cli) -> None:
    venue_review(tmp_path, RULE, [CRITERION])
    checked = cli("check", "--review", tmp_path)
    assert checked.code == 2
    assert (
        "sources.yaml:2: sources.0.venues: venues are a rule here and a criterion in review.yaml (`journal`)"
        in checked.err
    )
