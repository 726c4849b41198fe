"""What “Can I trust it?” says of gold, gate, elusion and stopping, as they come to be."""

from pathlib import Path

import pytest
from support import Cli
from support.gold import ALL, drawn, gate, locked, said
from support.ranked import ranked_review, screen

from screener.core.judgement import Stage
from screener.protocol import Review
from screener.review.own_ledger import ledger_to_read
from screener.review.results import read_results
from screener.review.trust import Trust, read_trust
from screener.review.trust_line import TrustLine

pytestmark = pytest.mark.slow


def trust_of(folder: Path) -> Trust:
    review = Review(folder)
    ledger = ledger_to_read(review)
    try:
        return read_trust(read_results(ledger, review), review)
    finally:
        ledger.close()


def lines(folder: Path) -> dict[str, TrustLine]:
    [part] = [part for part in trust_of(folder).parts if part.stage is Stage.ABSTRACT]
    return {line.topic: line for line in part.lines}


def test_gold_is_missing_then_drawn_then_labelled_then_opens_the_gate(review: Path, cli: Cli) -> None:
    at_first = lines(review)
    assert (at_first["Gold labels"].sign, at_first["Gate"].sign, at_first["Elusion"].sign) == ("missing",) * 3
    names = drawn(cli, ALL)
    said(cli, "anna", names)
    begun = lines(review)["Gold labels"]
    assert (begun.sign, begun.screen) == ("missing", "abstract")
    assert begun.says == "A sample of 90 is drawn; 90 of them have fewer than 2 judgements."
    said(cli, "ben", names)
    assert lines(review)["Gold labels"].do == "Lock them"
    version = locked(cli, "--test-share", "1")["version"]
    unchecked = lines(review)
    assert unchecked["Gold labels"].says == "90 labels, 0 of them dev and 90 test by anna and ben, drawn at random."
    assert (unchecked["Lock"].sign, unchecked["Lock"].says.split(",")[0]) == ("holds", f"Version {version}")
    told = gate(cli)
    opened = lines(review)
    assert told["open"]
    assert opened["Gate"].sign == "holds"
    assert f"{told['kept']} of {told['positives']} eligible test records kept" in opened["Gate"].says
    assert "target 0.9; 1 check of this sample" in opened["Gate"].says
    assert opened["Recall of embedded"].sign == "holds"
    assert "reached" in opened["Recall of embedded"].says


def test_a_lock_of_other_criteria_and_labels_that_are_stale_fail(review: Path, cli: Cli) -> None:
    names = drawn(cli, ALL)
    for who in ("anna", "ben"):
        said(cli, who, names)
    locked(cli, "--test-share", "1")
    gate(cli)
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("Do hearts beat?", "Do all hearts beat?"))
    changed = lines(review)
    assert (changed["Lock"].sign, changed["Gate"].sign, changed["Stale judgements"].sign) == ("fails", "fails", "fails")
    assert "90 by anna" in changed["Stale judgements"].says


def test_an_elusion_sample_is_unfinished_then_bounds_what_was_lost(review: Path, cli: Cli) -> None:
    done = cli("gold", "elusion", "--stage", "abstract", "--n", "20", "--json")
    assert done.code == 0, done.err
    unfinished = lines(review)["Elusion"]
    assert (unfinished.sign, unfinished.do) == ("missing", "Label them")
    assert "0 of 20 labelled" in unfinished.says
    names = [f"r{n:02}" for n in range(ALL)]
    for who in ("anna", "ben"):
        said(cli, who, names)
    bound = lines(review)["Elusion"]
    assert bound.says.startswith("0 eligible in sample 1, 20 of 45 records excluded without a human.")
    assert bound.sign == "holds"  # a recall of 45/49 at least, and the gate asks for 0.9


def test_a_rule_for_stopping_says_go_on_until_it_says_stop(tmp_path: Path, cli: Cli) -> None:
    review = ranked_review(tmp_path / "review", cli, records=60)
    screen(review, {"r1", "r2"}, 10)
    going = lines(review.root)
    assert (going["Rule for stopping"].sign, going["Rule for stopping"].do) == ("missing", "Go on")
    assert going["Elusion"].says.startswith("No sample drawn")
    screen(review, {"r1", "r2"})
    assert lines(review.root)["Rule for stopping"].sign == "holds"
