"""What becomes of gold when records are merged or linked, the wording changes, or somebody draws again."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import Cli
from support.gold import ALL, by_year, drawn, gate, labels, locked, said

from screener.adjudication.queue import adjudicate, conflicts, enter, next_record, progress
from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger.samples import samples
from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.running.fitting import human_labels

pytestmark = pytest.mark.slow

ABSTRACT = Stage.ABSTRACT


def both_said(cli: Cli, names: list[str]) -> None:
    for who in ("anna", "ben"):
        said(cli, who, names)


def halves(folder: Path) -> dict[str, str]:
    return {row["id"]: row["split"] for row in labels(folder)}


def learned(folder: Path) -> set[str]:
    here = Review(folder)
    return set(human_labels(Ledger.of(here.hidden), here, ABSTRACT))


def merge(cli: Cli, *names: str) -> str:
    """Merge records that say the same; the id that stands for them."""
    done = cli("dedup", "merge", *names)
    assert done.code == 0, done.err
    return min(names)


def test_a_record_keeps_its_half_after_a_merge(review: Path, cli: Cli) -> None:
    names = drawn(cli, 40, "--seed", "s")
    both_said(cli, names)
    locked(cli)
    before = halves(review)
    spare = [f"r{n:02}" for n in range(ALL) if f"r{n:02}" not in before]
    moved = {}
    for half in ("dev", "test"):
        for name in [one for one, where in before.items() if where == half][-6:]:
            other = next((one for one in spare if one < name and by_year(one) == by_year(name)), None)
            if other is not None:
                spare.remove(other)
                moved[merge(cli, other, name)] = half
    assert set(moved.values()) == {"dev", "test"}
    locked(cli)
    after = halves(review)
    assert {name: after[name] for name in moved} == moved
    assert not {name for name in learned(review) if after.get(name) == "test"}


def test_a_record_of_both_halves_is_measured_in_neither_and_becomes_dev(review: Path, cli: Cli) -> None:
    names = drawn(cli, 40, "--seed", "s")
    both_said(cli, names)
    locked(cli)
    kept = {half: [n for n, h in halves(review).items() if h == half and by_year(n) == "include"] for half in ("dev", "test")}  # fmt: skip
    pair = kept["dev"][0], kept["test"][0]
    counted = {half: len([n for n, h in halves(review).items() if h == half]) for half in kept}
    one = merge(cli, *pair)
    cli("run", "--stage", "abstract")
    of = {half: cli("evaluate", "--stage", "abstract", "--split", half, "--json").json for half in kept}
    assert of["test"]["n"] == counted["test"] - 1
    assert of["dev"]["n"] == counted["dev"]
    assert f"{pair[1]}: left out of test, since it was merged with a record of dev" in of["test"]["remarks"]
    locked(cli)
    assert halves(review)[one] == "dev"


def test_what_was_drawn_still_counts_when_it_is_merged_with_what_was_only_mixed_in(review: Path, cli: Cli) -> None:
    names = drawn(cli, 12, "--seed", "s")
    with Ledger.of(review / ".screener").read() as connection:
        (sample,) = samples(connection, ABSTRACT, "gold")
    filler = next(one.record_id for one in sample.members if not one.counts)
    name = next(one for one in names if by_year(one) == by_year(filler))
    both_said(cli, [*names, filler])
    one = merge(cli, filler, name)
    with Ledger.of(review / ".screener").read() as connection:
        (sample,) = samples(connection, ABSTRACT, "gold")
    assert one in {member.record_id for member in sample.counted}
    assert one not in learned(review)
    assert locked(cli)["labels"] == 12


def test_another_report_of_a_tested_study_is_not_learned_from(review: Path, cli: Cli) -> None:
    names = drawn(cli, 30, "--seed", "s")
    both_said(cli, [f"r{n:02}" for n in range(ALL)])
    locked(cli)
    test = next(name for name, half in halves(review).items() if half == "test")
    twin = next(name for n in range(ALL) if (name := f"r{n:02}") not in names and by_year(name) == by_year(test))
    assert twin in learned(review)
    assert cli("dedup", "merge", test, twin, "--same-study").code == 0
    assert twin not in learned(review)


def test_no_record_of_a_pilot_is_drawn_for_gold(review: Path, cli: Cli) -> None:
    pilot = cli("gold", "sample", "--stage", "abstract", "--pilot", "20", "--json").json["records"]
    gold = drawn(cli, ALL - 20)
    assert not {one["id"] for one in pilot} & set(gold)
    assert "0 can be drawn" in cli("gold", "sample", "--stage", "abstract", "--n", "1").err
    both_said(cli, gold)
    assert locked(cli)["drawn"] == "random"


def test_two_samples_with_a_pilot_between_them_are_still_drawn_at_random(review: Path, cli: Cli) -> None:
    names = drawn(cli, 10)
    assert cli("gold", "sample", "--stage", "abstract", "--pilot", "5", "--json").code == 0
    names += drawn(cli, 10)
    both_said(cli, names)
    assert locked(cli)["drawn"] == "random"


def test_a_lock_tells_of_labels_that_were_given_under_an_earlier_wording(review: Path, cli: Cli) -> None:
    names = drawn(cli, 4)
    ledger = Ledger.of(review / ".screener")

    def judge(who: str, some: list[str]) -> None:
        for name in some:
            enter(ledger, Review(review), ABSTRACT, name, who, Judgement(decision=Decision(by_year(name)), stated=True))

    judge("anna", names)
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("Do hearts beat?", "Do hearts beat at night?"))
    judge("ben", names)
    assert locked(cli)["earlier_wording"] == 4
    judge("anna", names[:3])  # who says the same again says it under the present wording
    assert locked(cli)["earlier_wording"] == 1
    judge("anna", names[3:])
    assert locked(cli)["earlier_wording"] == 0


def test_a_second_elusion_sample_is_a_second_look(review: Path, cli: Cli) -> None:
    def audit() -> str:
        assert cli("gold", "elusion", "--stage", "abstract", "--n", "20").code == 0
        with Ledger.of(review / ".screener").read() as connection:
            sample = samples(connection, ABSTRACT, "elusion")[-1]
        both_said(cli, [member.record_id for member in sample.counted])
        return cli("gold", "elusion", "--stage", "abstract").out

    assert "one look" in audit()
    (review / "more.csv").write_text("id,title,year\nx1,On kidneys and what they filter,2001\n")
    cli("import", "more.csv")
    cli("run", "--stage", "abstract")
    second = audit()
    assert "2 looks" in second
    assert "one look" not in second


@pytest.mark.slow
def test_a_finished_elusion_sample_keeps_its_bound_for_the_records_it_was_drawn_from(review: Path, cli: Cli) -> None:
    def told() -> dict[str, Any]:
        found: dict[str, Any] = cli("gold", "elusion", "--stage", "abstract", "--json").json
        return found

    assert cli("gold", "elusion", "--stage", "abstract", "--n", "20").code == 0
    with Ledger.of(review / ".screener").read() as connection:
        sample = samples(connection, ABSTRACT, "elusion")[-1]
    names = [member.record_id for member in sample.counted]
    both_said(cli, names)
    before = told()
    assert (before["current"], before["outside"], before["frame"]) == (True, 0, 45)
    assert before["recall_at_least"] is not None or before["eligible_at_most"] == 4
    (review / "more.csv").write_text(
        "id,title,year\nx1,On kidneys and what they filter,2001\nx2,Livers and all they do for us,2002\n"
    )
    cli("import", "more.csv")
    assert told()["eligible_at_most"] == before["eligible_at_most"]
    cli("run", "--stage", "abstract")
    after = told()
    assert (after["current"], after["outside"], after["frame"]) == (False, 2, 45)
    assert after["eligible_at_most"] == before["eligible_at_most"]
    assert (after["recall_at_least"], after["buscar"]) == (None, None), "of the present review it says nothing"
    merge(cli, names[0], names[1])
    merged = told()
    assert (merged["labelled"], merged["outside"]) == (19, 2)
    assert merged["eligible_at_most"] >= before["eligible_at_most"]
    sentence = cli("gold", "elusion", "--stage", "abstract").out
    assert f"the 45 records that were removed when the sample was drawn, on {sample.at[:10]}" in sentence
    assert "2 records that are removed now were not then: nothing is known of them" in sentence
    assert "recall is at least" not in sentence
    figures = cli("report", "--json").json["stages"]["abstract"]["elusion"]
    assert (figures["drawn_at"], figures["outside"], figures["recall_at_least"]) == (sample.at, 2, None)
    assert figures["sentence"] in sentence


def test_an_elusion_sample_that_is_not_finished_is_void_after_an_import(review: Path, cli: Cli) -> None:
    assert cli("gold", "elusion", "--stage", "abstract", "--n", "20").code == 0
    (review / "more.csv").write_text("id,title,year\nx1,On kidneys and what they filter,2001\n")
    cli("import", "more.csv")
    cli("run", "--stage", "abstract")
    refused = cli("gold", "elusion", "--stage", "abstract")
    assert (refused.code, "is void" in refused.err) == (2, True)
    assert cli("report", "--json").json["stages"]["abstract"]["elusion"]["why"] == "void"


def standing(cli: Cli, name: str) -> tuple[str, str]:
    rows = map(json.loads, cli("export", "--format", "jsonl").out.splitlines())
    return next((row["status"], row["decision"]) for row in rows if row["id"] == name)


@pytest.mark.parametrize("again", ["include", "exclude"])
def test_who_judged_the_parts_differently_settles_it_by_judging_the_whole(review: Path, cli: Cli, again: str) -> None:
    said(cli, "anna", ["r01"], lambda _: "exclude")
    said(cli, "anna", ["r00"], lambda _: "include")
    said(cli, "ben", ["r00"], lambda _: again)
    merge(cli, "r00", "r01")
    here = Review(review)
    ledger = Ledger.of(here.hidden)
    assert standing(cli, "r00")[0] == "conflict"
    assert list(conflicts(ledger, ABSTRACT)) == ["r00"]
    assert progress(ledger, here, ABSTRACT).agreement.records == 1
    said(cli, "anna", ["r00"], lambda _: again)
    assert standing(cli, "r00") == ("final", again)
    assert not conflicts(ledger, ABSTRACT)


def test_what_one_says_in_the_browser_of_a_merged_record_replaces_what_they_said_of_its_parts(
    review: Path, cli: Cli
) -> None:
    said(cli, "anna", ["r01"], lambda _: "exclude")
    merge(cli, "r00", "r01")
    here = Review(review)
    ledger = Ledger.of(here.hidden)
    for who in ("anna", "ben"):
        enter(ledger, here, ABSTRACT, "r00", who, Judgement(decision=Decision.INCLUDE, stated=True))
    assert standing(cli, "r00") == ("final", "include")
    assert not conflicts(ledger, ABSTRACT)


def test_all_of_a_pilot_is_given_to_everybody_also_what_two_of_them_have_settled(review: Path, cli: Cli) -> None:
    done = cli("gold", "sample", "--stage", "abstract", "--pilot", "6", "--json")
    names = [one["id"] for one in done.json["records"]]
    said(cli, "anna", names, lambda _: "include")
    said(cli, "ben", names[:3], lambda _: "exclude")
    said(cli, "ben", names[3:], lambda _: "include")
    here = Review(review)
    ledger = Ledger.of(here.hidden)
    for name in names[:3]:
        ruling = Judgement(decision=Decision.INCLUDE, stated=True)
        adjudicate(ledger, here, ABSTRACT, name, "anna", ruling.model_copy(update={"reason": "talked it over"}))
    given = []
    while (record := next_record(ledger, here, ABSTRACT, "carl")) is not None and record.id in names:
        given.append(record.id)
        enter(ledger, here, ABSTRACT, record.id, "carl", Judgement(decision=Decision.INCLUDE, stated=True))
    assert sorted(given) == sorted(names)


def test_a_changed_wording_closes_the_gate_until_gold_is_locked_again(review: Path, cli: Cli) -> None:
    both_said(cli, drawn(cli, ALL))
    locked(cli, "--test-share", "1")
    assert gate(cli)["open"] is True
    (review / "gold" / "screening-guide.md").write_text("A heart is what beats.")
    closed = gate(cli)
    assert (closed["open"], "have changed since gold" in closed["why"]) == (False, True)
    assert standing(cli, "r50")[0] == "final"  # people have judged it, whatever the gate
    assert locked(cli, "--test-share", "1")["version"] == 2
    assert gate(cli)["open"] is True
