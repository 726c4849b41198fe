"""“Can I trust it?”: verdicts with the report's own figures, what is missing most, and nothing that colours a judgement."""

from pathlib import Path

import pytest
from support import Cli
from support.results import STAGE, judged_review
from support.two_stages import two_stage_review

from screener.core.judgement import Stage
from screener.examples import new_review
from screener.protocol import Review
from screener.review.own_ledger import ledger_to_read
from screener.review.results import HIDDEN_LINES, Results, read_results
from screener.review.trust import Trust, read_trust
from screener.review.trust_line import TrustLine

WHOLE = None


def results_of(review: Review) -> Results:
    ledger = ledger_to_read(review)
    try:
        return read_results(ledger, review)
    finally:
        ledger.close()


def line(trust: Trust, stage: Stage | None, topic: str) -> TrustLine:
    [found] = [line for part in trust.parts if part.stage is stage for line in part.lines if line.topic == topic]
    return found


def signs(trust: Trust, stage: Stage | None) -> dict[str, str]:
    return {line.topic: line.sign for part in trust.parts if part.stage is stage for line in part.lines}


def test_a_review_without_anything_misses_its_records_most(tmp_path: Path) -> None:
    new_review(tmp_path)
    review = Review(tmp_path)
    trust = read_trust(results_of(review), review)
    assert trust.sentence == "Not yet. What is missing most: records (the whole review). There are no records yet."
    assert {line.sign for part in trust.parts for line in part.lines} == {"missing"}


def test_lines_have_the_figures_of_the_report(tmp_path: Path, cli: Cli) -> None:
    review = judged_review(tmp_path)
    results = results_of(review)
    trust, told = read_trust(results, review), cli("report", "--review", tmp_path, "--json").json
    assert {**results.document, "made": ""} == {**told, "made": ""}
    humans = told["stages"]["abstract"]["agreement"]["humans"]
    kappa = humans["decision"]["estimates"]["kappa"]
    agreement = line(trust, STAGE, "Agreement of people")
    assert (agreement.sign, humans["records"]) == ("holds", 12)
    assert f"κ {kappa['value']:.2f} (95 % interval {kappa['low']:.2f}–{kappa['high']:.2f}; n = 12)" in agreement.says
    row = told["stages"]["abstract"]["quality"]["reviewers"][0]
    assert line(trust, STAGE, "Recall of embedded").says.startswith(f"{row['relevant']} of {row['relevant']}, 1.00 (")
    assert line(trust, STAGE, "Conflicts").says == "2 open, of 12 records that two or more judged."
    standing = cli("status", "--review", tmp_path, "--json").json["stages"]["abstract"]
    assert (standing["final"], standing["conflict"]) == (10, 2)
    evaluated = cli("evaluate", "--stage", "abstract", "--review", tmp_path, "--json").json
    shown = evaluated["quality"]["recall"]
    assert (
        f"1.00 ({shown['low']:.2f}–{shown['high']:.2f}) of gold test" in line(trust, STAGE, "Recall of embedded").says
    )
    assert line(trust, STAGE, "Decisions").says == "10 of 14 records are decided; 4 wait for people."
    assert "0 of 28 quotes" in line(trust, STAGE, "Quotes").says
    assert signs(trust, STAGE) == {
        "Decisions": "missing", "Agreement of people": "holds", "Conflicts": "missing", "Gold labels": "missing",
        "Recall of embedded": "missing", "Quotes": "fails", "Stale judgements": "holds", "Abstracts": "holds",
    }  # fmt: skip
    assert "PROVISIONAL" in line(trust, STAGE, "Gold labels").says


def test_nothing_tells_how_others_judge_where_somebody_still_does(tmp_path: Path) -> None:
    review = judged_review(tmp_path)
    results = results_of(review)
    trust = read_trust(results, review, {STAGE})
    hidden = {topic for topic, sign in signs(trust, STAGE).items() if sign == "hidden"}
    assert hidden == {"Agreement of people", "Conflicts", "Recall of embedded", "Quotes"}
    words = " ".join(line.says for part in trust.parts for line in part.lines)
    assert not any(tell in words for tell in ("κ", "of 28 quotes", "lower bound", "2 open"))
    assert "4 lines are hidden while you judge." in trust.sentence
    flow = {box["id"]: box for box in results.without({STAGE}).document["flow"]["boxes"]}
    assert {part["label"] for part in flow["undecided"]["parts"]} == set()
    assert flow["undecided"]["notes"] == [HIDDEN_LINES]
    assert HIDDEN_LINES in results.without({STAGE}).drawn("flow")
    assert "Conflict between reviewers" in results.drawn("flow")


def test_full_texts_that_are_sought_are_what_decisions_wait_for(tmp_path: Path, cli: Cli) -> None:
    folder = two_stage_review(tmp_path / "review", cli, 4)
    for who in ("ada", "bo"):
        (folder / "all.csv").write_text(
            "title,decision\n" + "".join(f"Ordering of tests by their cost number {n},include\n" for n in range(4))
        )
        assert cli("label", folder / "all.csv", "--stage", "abstract", "--reviewer", who, "--review", folder).code == 0
    review = Review(folder)
    trust = read_trust(results_of(review), review)
    assert line(trust, Stage.ABSTRACT, "Decisions").sign == "holds"
    waiting = line(trust, Stage.FULLTEXT, "Decisions")
    assert (waiting.sign, waiting.screen) == ("missing", "full-texts")
    assert line(trust, Stage.FULLTEXT, "Full texts").says == "Of 4 reports 4 still sought."
    # Nobody asks for gold where no machine judges.
    assert "Gold labels" not in signs(trust, Stage.ABSTRACT)


@pytest.mark.parametrize("name", ["flow", "recall-abstract-embedded"])
def test_drawings_are_files_of_their_own_and_unknown_ones_are_refused(tmp_path: Path, name: str) -> None:
    results = results_of(judged_review(tmp_path))
    assert results.drawing_file(name, "svg").startswith(b"<svg xmlns=")
    with pytest.raises(Exception, match="no such drawing"):
        results.drawing_file("../flow", "svg")
