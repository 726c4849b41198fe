"""Thresholds chosen on gold dev: the largest exclusion a required recall allows, and what a run then really does."""

import csv
import dataclasses
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from servers import Server, openai_server
from support import Cli
from support.chat_run import add_reviewer

from screener.core.judgement import Decision, Judgement
from screener.evaluation.threshold_search import Case, choose, decimal, outcome
from screener.protocol import combine
from screener.protocol.model import EnsembleSpec, Until

IN, EX, UN = Decision.INCLUDE, Decision.EXCLUDE, Decision.UNCLEAR
OPEN = Until(exclude_below=0, include_above=1)
SHARED_OUT = EnsembleSpec(kind="ensemble", members=("first", "second"), until=OPEN)
MEAN = EnsembleSpec(kind="ensemble", members=("first", "second"), rule="mean", until=OPEN)
CHOOSE = ("evaluate", "--stage", "abstract", "--thresholds")


def case(
    position: int, probability: float | None, kept: bool, own: Decision | None = None, then: Decision = UN
) -> Case:
    """A case of two members; the first decides as its probability says unless told otherwise."""
    decision = own or (EX if probability is not None and probability < 0.5 else IN)
    first = Judgement(decision=decision, probability=probability)
    return Case(f"r{position}", kept, {"first": first, "second": Judgement(decision=then)})


def cases(*pairs: tuple[float, bool]) -> list[Case]:
    return [case(position, p, kept) for position, (p, kept) in enumerate(pairs)]


def at(spec: EnsembleSpec, until: Until) -> EnsembleSpec:
    return spec.model_copy(update={"until": until})


BY_HAND = cases((0.1, False), (0.2, False), (0.2, True), (0.2, False), (0.4, False), (0.6, True), (0.9, True))


def test_a_record_at_the_threshold_is_kept_with_all_that_tie_with_it() -> None:
    until = choose(SHARED_OUT, BY_HAND, 1.0)
    assert until == Until(exclude_below=0.2, include_above=0.6)
    found = outcome(at(SHARED_OUT, until), BY_HAND)
    assert [c.id for c, _ in found.below] == ["r0"]
    assert [c.id for c, _ in found.above] == ["r5", "r6"]
    first, second = found.parts
    assert (first.asked, first.settled, first.exclude, first.include, first.missed) == (7, 3, 1, 2, 0)
    assert (second.asked, second.settled, second.unclear, second.kept) == (4, 4, 4, 1)


def test_a_smaller_recall_allows_the_misses_it_names_and_no_more() -> None:
    until = choose(SHARED_OUT, BY_HAND, 0.6)  # two of three: one may be lost
    assert until == Until(exclude_below=0.6, include_above=0.6)
    found = outcome(at(SHARED_OUT, until), BY_HAND)
    assert (found.parts[0].exclude, found.parts[0].missed) == (5, 1)
    assert choose(SHARED_OUT, BY_HAND, 0.67) == Until(exclude_below=0.2, include_above=0.6)


def test_a_recall_that_is_met_exactly_is_met() -> None:
    kept = [(0.01 * place, True) for place in range(10, 30)]
    until = choose(SHARED_OUT, cases(*kept), 0.95)  # 19 of 20
    assert until is not None
    assert until.exclude_below == 0.11


def test_equal_probabilities_cannot_be_told_apart() -> None:
    same = cases((0.5, True), (0.5, False), (0.5, False))
    until = choose(SHARED_OUT, same, 1.0)
    assert until == Until(exclude_below=0.5, include_above=1), "a third of those at 0.5 is no precision of 0.95"
    found = outcome(at(SHARED_OUT, until), same)
    assert (found.below, found.above) == ((), ())


def test_without_a_kept_record_there_is_no_recall_to_require() -> None:
    with pytest.raises(ValueError, match="no case is kept"):
        choose(SHARED_OUT, cases((0.2, False)), 0.9)


def stratified(seed: int) -> tuple[list[tuple[float, bool]], list[Case]]:
    """Return 4,000 records by probability and relevance, and 240 of them drawn alike from three strata, with weights."""
    chance = random.Random(seed)
    records = []
    for _ in range(4000):
        kept = chance.random() < 0.1
        records.append((min(0.99, max(0.001, chance.gauss(0.35 if kept else 0.12, 0.2))), kept))
    labelled = []
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 1.0)):
        stratum = [record for record in records if low <= record[0] < high]
        for p, kept in chance.sample(stratum, 80):
            judgements = {"first": Judgement(decision=IN, probability=p), "second": Judgement(decision=UN)}
            labelled.append(Case(f"r{len(labelled)}", kept, judgements, len(stratum) / 80, f"{low}"))
    return records, labelled


def test_labels_that_were_drawn_within_strata_count_as_many_records_as_they_stand_for() -> None:
    recalls: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(12):
        records, labelled = stratified(seed)
        eligible = [p for p, kept in records if kept]
        for weighted, found in recalls.items():
            given = labelled if weighted else [dataclasses.replace(one, weight=1.0) for one in labelled]
            until = choose(SHARED_OUT, given, 0.9)
            assert until is not None
            found.append(sum(p >= until.exclude_below for p in eligible) / len(eligible))
    # Without their weights the many labels of the upper strata hide how many records are lost in the large lower one.
    assert sum(recalls[False]) / 12 < 0.86
    assert 0.89 < sum(recalls[True]) / 12 < 0.92


def test_what_the_last_member_loses_no_threshold_can_save() -> None:
    lost = [case(0, 0.6, True, then=EX), case(1, 0.7, True)]
    assert choose(SHARED_OUT, lost, 1.0) is None
    assert choose(SHARED_OUT, lost, 0.5) is not None


def test_a_record_below_counts_as_excluded_in_choosing_also_where_its_member_is_unclear() -> None:
    """Else a first member that is never wrong by itself would settle everything, and nobody else be asked."""
    unsure = [case(0, 0.1, False), case(1, 0.3, True, own=UN), case(2, 0.4, False, own=UN), case(3, 0.9, True)]
    until = choose(SHARED_OUT, unsure, 1.0)
    assert until is not None
    assert until.exclude_below == 0.3
    half = choose(SHARED_OUT, unsure, 0.5)
    assert half is not None
    found = outcome(at(SHARED_OUT, half), unsure)
    assert [(c.id, d) for c, d in found.below] == [("r0", EX), ("r1", UN), ("r2", UN)]


def test_a_record_that_waits_for_a_later_member_counts_as_lost_until_it_is_settled_before() -> None:
    waiting = Case("w", True, {"first": Judgement(decision=IN, probability=0.9)})
    rest = [case(0, 0.2, False), case(1, 0.95, True), case(2, 0.97, True)]
    assert choose(SHARED_OUT, [waiting, *rest], 1.0) is None
    until = choose(SHARED_OUT, [waiting, *rest], 0.6)
    assert until is not None
    found = outcome(at(SHARED_OUT, Until(exclude_below=0.5, include_above=0.95)), [waiting, *rest])
    assert found.gaps == {"w": "second"}


def test_an_include_above_never_costs_the_required_recall() -> None:
    """A member may exclude what its probability would include; a cascade takes its decision."""
    odd = [case(0, 0.1, False), case(1, 0.8, True, own=EX), case(2, 0.9, True)]
    assert choose(SHARED_OUT, odd, 1.0) == Until(exclude_below=0.8, include_above=0.9)


def test_without_an_opinion_of_the_first_member_the_second_decides() -> None:
    mixed = [case(0, None, False, own=EX), case(1, None, True, own=UN, then=IN), case(2, 0.4, True)]
    until = choose(SHARED_OUT, mixed, 1.0)
    assert until is not None
    assert until.exclude_below == 0.4
    assert [part.settled for part in outcome(at(SHARED_OUT, until), mixed).parts] == [1, 2]


PROBABILITY = st.one_of(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), st.floats(0, 1), st.none())
JUDGEMENT = st.builds(Judgement, decision=st.sampled_from(list(Decision)), probability=PROBABILITY)
CASES = st.lists(st.tuples(st.booleans(), JUDGEMENT, JUDGEMENT, JUDGEMENT), min_size=1, max_size=12)


@given(CASES, st.sampled_from([0.5, 0.8, 0.95, 1.0]), st.sampled_from([None, "mean"]))
def test_no_larger_threshold_would_keep_the_recall(rows: Sequence[Any], required: float, rule: Any) -> None:
    members = ("a", "b", "c")
    found = [Case(str(i), kept, dict(zip(members, said, strict=True))) for i, (kept, *said) in enumerate(rows)]
    if not any(one.kept for one in found):
        return
    spec = EnsembleSpec(kind="ensemble", members=members, rule=rule, until=OPEN)

    def missed(until: Until, *, strictly: bool) -> int:
        done = outcome(at(spec, until), found)
        spared = sum(c.kept and d.kept for c, d in done.below) if strictly else 0
        return sum(part.missed for part in done.parts) + spared

    kept = sum(one.kept for one in found)
    until = choose(spec, found, required)
    chosen = until.exclude_below if until is not None else -1.0
    if until is not None:
        assert (kept - missed(until, strictly=False)) / kept >= required
        assert until.exclude_below <= until.include_above
        printed = yaml.safe_load(f"{{exclude_below: {decimal(chosen)}, include_above: {decimal(until.include_above)}}}")
        assert Until(**printed) == until, "what is pasted is what was counted"
    given = [p for one in found for j in one.judgements.values() if (p := j.probability) is not None]
    means = [
        j.probability
        for one in found
        if (j := combine(at(MEAN, OPEN).model_copy(update={"members": members}), one.judgements))
    ]
    for larger in {*given, *(m for m in means if m is not None), 0.0, 1.0}:
        # Up to the twelfth digit: two probabilities nearer than that cannot be printed apart.
        if larger > chosen + 1e-11:
            other = Until(exclude_below=larger, include_above=1)
            settled = {c.id for c, _ in outcome(at(spec, other), found).below}
            before = {
                c.id for c, _ in outcome(at(spec, Until(exclude_below=max(chosen, 0), include_above=1)), found).below
            }
            assert (kept - missed(other, strictly=True)) / kept < required or settled == before


@pytest.mark.parametrize(("value", "text"), [(0.28, "0.28"), (0.00001, "0.00001"), (1.0, "1"), (0.0, "0")])
def test_a_threshold_is_printed_as_a_number_that_yaml_reads(value: float, text: str) -> None:
    assert decimal(value) == text
    assert yaml.safe_load(text) == value


def test_close_probabilities_get_as_many_digits_as_tell_them_apart() -> None:
    until = choose(SHARED_OUT, cases((0.1234561, False), (0.1234568, True), (0.9, True)), 1.0)
    assert until is not None
    assert until.exclude_below == 0.1234568
    few = choose(SHARED_OUT, cases((0.1, False), (0.7654321, True)), 1.0)
    assert few == Until(exclude_below=0.76, include_above=0.76), "and no more"


# On the packaged review, by the command line.


def embedded_twin(review: Path) -> None:
    loose = ", ".join(f"{name}: {{no_below: 0.05, yes_from: 0.4}}" for name in ("signal", "pretraining", "development"))
    add_reviewer(review, f"twin: {{kind: embedded, thresholds: {{abstract: {{{loose}}}}}}}")


def paste(review: Path, line: str) -> None:
    protocol = review / "prompts" / "review.yaml"
    text, done = re.subn(r"until: \{.*?\}", line, protocol.read_text())
    assert done == 1
    protocol.write_text(text)


def agrees_with_a_run(ecg: Path, cli: Cli, name: str, recall: str) -> dict[str, Any]:
    """Choose, paste what was printed, run, evaluate on dev: all counts are those that were printed."""
    said = cli(*CHOOSE, recall, "--reviewer", name)
    assert said.code == 0, said.err
    [line] = [line.strip() for line in said.out.splitlines() if line.strip().startswith("until:")]
    chosen = cli(*CHOOSE, recall, "--reviewer", name, "--json").json
    assert line == chosen["yaml"]
    paste(ecg, line)
    assert cli("run", "--stage", "abstract", "--reviewer", name).code == 0
    real = cli("evaluate", "--stage", "abstract", "--reviewer", name, "--split", "dev", "--json").json
    assert real["n"] == chosen["n"] == 60
    assert (real["fn"], real["tp"] + real["fn"]) == (chosen["missed"], chosen["kept"])
    assert real["fn"] + real["tn"] == chosen["exclude"]
    assert real["unclear"] == chosen["unclear"]
    assert real["recall"] == chosen["recall"]
    assert real["recall"]["value"] >= float(recall)
    return dict(chosen)


@pytest.fixture
def jev(judged_ecg: Path, cli: Cli) -> Iterator[Server]:
    """A probability model in its own process that has judged everything."""
    with openai_server() as server:
        add_reviewer(judged_ecg, f"jev: {{kind: probability, model: jev, base_url: '{server.root}'}}")
        assert cli("run", "--stage", "abstract", "--reviewer", "jev").code == 0
        yield server


@pytest.mark.parametrize("recall", ["0.95", "0.8"])
def test_a_cascade_does_on_dev_what_was_printed(judged_ecg: Path, cli: Cli, recall: str) -> None:
    embedded_twin(judged_ecg)
    add_reviewer(
        judged_ecg, "both: {kind: ensemble, members: [embedded, twin], until: {exclude_below: 0, include_above: 1}}"
    )
    assert cli("run", "--stage", "abstract", "--reviewer", "twin").code == 0
    chosen = agrees_with_a_run(judged_ecg, cli, "both", recall)
    assert [one["name"] for one in chosen["members"]] == ["embedded", "twin"]
    assert chosen["members"][0]["settled"] + chosen["members"][1]["asked"] == 60


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["", "rule: mean, "])
def test_a_probability_model_as_a_member_does_too(judged_ecg: Path, cli: Cli, jev: Server, rule: str) -> None:
    add_reviewer(
        judged_ecg,
        f"both: {{kind: ensemble, members: [embedded, jev], {rule}until: {{exclude_below: 0.02, include_above: 0.9}}}}",
    )
    calls = jev.stats()["calls"]
    agrees_with_a_run(judged_ecg, cli, "both", "0.5")
    assert jev.stats()["calls"] == calls, "stored judgements are enough; nobody is asked"


def test_a_reviewer_by_itself_leaves_the_rest_to_the_next(judged_ecg: Path, cli: Cli) -> None:
    found = cli(*CHOOSE, "0.95").out
    assert "split dev" in found
    assert "PROVISIONAL GOLD" in found
    assert "no evidence" in found
    assert "eligible in provisional gold" in found
    assert "left for the next member" in found
    assert "19 eligible records: recall 0.95 needs no miss at all; its lower bound is 0.83." in found
    chosen = cli(*CHOOSE, "0.95", "--json").json
    assert chosen["until"] == {"exclude_below": 0.28, "include_above": 0.72}
    assert chosen["below"] == 36
    assert chosen["exclude"] + len(chosen["below_not_excluded"]) == 36
    assert chosen["members"][1]["asked"] == 60 - 36 - chosen["above"]


def test_labels_of_test_change_nothing(judged_ecg: Path, cli: Cli) -> None:
    before = cli(*CHOOSE, "0.9", "--json").json
    changed = relabel(
        judged_ecg, lambda row: row["split"] == "test", lambda now: "exclude" if now == "include" else "include"
    )
    assert changed == 60
    assert cli(*CHOOSE, "0.9", "--json").json == before
    assert cli(*CHOOSE, "0.9", "--split", "dev", "--json").json == before


def test_gold_that_keeps_nothing_on_dev_is_one_line(judged_ecg: Path, cli: Cli) -> None:
    assert relabel(judged_ecg, lambda row: row["split"] == "dev", lambda _: "exclude") == 60
    done = cli(*CHOOSE, "0.9")
    assert done.code == 2
    assert "keeps none" in done.err
    assert len(done.err.strip().splitlines()) == 1


def relabel(review: Path, which: Any, new: Any) -> int:
    path = review / "gold" / "abstract.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = [row for row in rows if which(row)]
    for row in chosen:
        row["decision"] = new(row["decision"])
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return len(chosen)


def test_records_that_are_not_judged_are_counted_and_named(ecg: Path, cli: Cli) -> None:
    assert cli("run", "--stage", "abstract", "--limit", "100").code == 0
    chosen = cli(*CHOOSE, "0.9", "--json").json
    assert chosen["n"] + len(chosen["missing"]) == 60
    assert chosen["missing"]
    said = cli(*CHOOSE, "0.9").out
    assert f"{len(chosen['missing'])} records of gold dev are not judged and left out: {chosen['missing'][0]}" in said


def test_a_cascade_that_was_run_can_be_tuned_without_asking_for_more(judged_ecg: Path, cli: Cli) -> None:
    """Nobody asked the second member about what the first settled at the present thresholds."""
    embedded_twin(judged_ecg)
    add_reviewer(
        judged_ecg,
        "both: {kind: ensemble, members: [embedded, twin], until: {exclude_below: 0.05, include_above: 0.9}}",
    )
    assert cli("run", "--stage", "abstract", "--reviewer", "both").code == 0
    chosen = cli(*CHOOSE, "0.95", "--reviewer", "both", "--json").json
    assert chosen["gaps"] == []
    assert cli("run", "--stage", "abstract", "--reviewer", "twin").code == 0
    assert cli(*CHOOSE, "0.95", "--reviewer", "both", "--json").json == chosen


def test_a_member_that_was_asked_little_is_named_with_what_waits_for_it(judged_ecg: Path, cli: Cli) -> None:
    embedded_twin(judged_ecg)
    add_reviewer(
        judged_ecg, "both: {kind: ensemble, members: [embedded, twin], until: {exclude_below: 0.1, include_above: 0.9}}"
    )
    done = cli(*CHOOSE, "0.9", "--reviewer", "both")
    assert done.code == 2
    assert "run `screener run --stage abstract --reviewer twin` first" in done.err
    assert cli("run", "--stage", "abstract", "--reviewer", "twin", "--limit", "30").code == 0
    done = cli(*CHOOSE, "0.9", "--reviewer", "both")
    assert done.code == 0
    assert "have no judgement yet (`screener run --stage abstract --reviewer twin`)" in " ".join(done.out.split())
    assert "until:" not in done.out, "kept records that wait count as missed"
    assert "No exclude_below reaches recall 0.9; at 0 it is" in done.out
    chosen = cli(*CHOOSE, "0.9", "--reviewer", "both", "--json").json
    assert chosen["until"] is chosen["yaml"] is None
    assert {gap["needs"] for gap in chosen["gaps"]} == {"twin"}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("0.95", "--split", "test"), "gold dev only"),
        (("0.95", "--reference", "anna"), "gold dev only"),
        (("95",), "such as 0.95"),
        (("0",), "such as 0.95"),
        (("nan",), "such as 0.95"),
        (("0.95", "--reviewer", "nobody"), "nobody"),
        (("0.95", "--reviewer", "vote"), "the rule majority has no thresholds"),
        (("0.95", "--reviewer", "alone"), "this one has no other"),
    ],
)
def test_what_cannot_be_chosen_is_one_line(judged_ecg: Path, cli: Cli, more: tuple[str, ...], says: str) -> None:
    add_reviewer(judged_ecg, "vote: {kind: ensemble, members: [embedded], rule: majority}")
    add_reviewer(
        judged_ecg, "alone: {kind: ensemble, members: [embedded], until: {exclude_below: 0.1, include_above: 0.9}}"
    )
    done = cli(*CHOOSE, *more)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.strip().splitlines()) == 1
