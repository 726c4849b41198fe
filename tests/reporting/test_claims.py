"""What the report claims of people and machines is borne out by the ledger, by the flow, and by itself elsewhere."""

import csv
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import Cli
from support.report import read_page, section

pytestmark = pytest.mark.slow

NAMES = [f"r{number}" for number in range(12)]


@pytest.fixture
def review(blank: Path, cli: Cli) -> Path:
    """A new review with a dozen records, of which a rule removes two; nobody has judged yet."""
    rows = [f"{name},Title {name} of its own kind,Words on {name}.,{2010 if name in ('r10', 'r11') else 2020}" for name in NAMES]  # fmt: skip
    (blank / "some.csv").write_text("\n".join(["id,title,abstract,year", *rows]) + "\n")
    assert cli("import", "some.csv").code == 0
    return blank


def decided_by(review: Path, says: str, stage: str = "abstract") -> None:
    """Change who decides at a stage."""
    protocol = review / "prompts" / "review.yaml"
    before, at, after = protocol.read_text().partition(f"\n  {stage}:")
    assert "{humans: 2, machine: embedded}" in after
    protocol.write_text(before + at + after.replace("{humans: 2, machine: embedded}", says, 1))


def label(cli: Cli, who: str, decisions: dict[str, str], role: str = "human", stage: str = "abstract") -> None:
    Path("said.csv").write_text("id,it\n" + "".join(f"{name},{said}\n" for name, said in decisions.items()))
    assert cli("label", "said.csv", "--stage", stage, "--column", f"it={who}:{role}").code == 0


def figures(cli: Cli) -> Any:
    return cli("report", "--json").json


def told_of(document: Any, words: str) -> str:
    """The one paragraph of the methods text that has some words."""
    [found] = [one for one in document["methods"] if words in one]
    return str(found)


def filled(document: Any, item: str) -> str:
    [found] = [one["filled"] for one in document["checklist"] if one["id"] == item]
    return str(found)


# -- who agrees with whom ---------------------------------------------------------------------------------------------

ANNA = dict.fromkeys(NAMES[:5], "include") | dict.fromkeys(NAMES[5:10], "exclude")


def test_a_ruling_is_no_agreement(review: Path, cli: Cli) -> None:
    label(cli, "anna", ANNA)
    label(cli, "ben", ANNA | {"r0": "exclude"})
    before = figures(cli)["stages"]["abstract"]
    label(cli, "anna", {"r0": "exclude"}, "adjudicator")
    document = figures(cli)
    after = document["stages"]["abstract"]
    assert after["agreement"] == before["agreement"]
    [pair] = after["agreement"]["pairs"]
    kappa = pair["estimates"]["kappa"]
    assert kappa == after["agreement"]["humans"]["decision"]["estimates"]["kappa"]
    assert kappa["value"] == pytest.approx(0.8)
    assert "anna and ben agreed with κ = 0.80" in told_of(document, " reached ")
    assert "anna adjudicated 1 conflict. " in told_of(document, " reached ")
    for names in (("anna", "ben"), ("ben", "anna")):
        told = cli("evaluate", "--stage", "abstract", "--reviewer", names[0], "--reference", names[1], "--json").json
        assert told["agreement"]["kappa"]["value"] == pytest.approx(0.8)


def test_who_only_ruled_is_beside_nobody(review: Path, cli: Cli) -> None:
    label(cli, "anna", ANNA)
    label(cli, "ben", ANNA | {"r0": "exclude"})
    label(cli, "zoe", {"r0": "exclude"}, "adjudicator")
    document = figures(cli)
    state = document["stages"]["abstract"]
    assert [(one["first"], one["second"]) for one in state["agreement"]["pairs"]] == [("anna", "ben")]
    assert "Human reviewers: anna and ben. zoe adjudicated 1 conflict." in told_of(document, " reached ")


# -- who is held against gold -----------------------------------------------------------------------------------------


@pytest.fixture
def labelled(review: Path, cli: Cli) -> Path:
    """The review with gold that anna and ben made, and with the machine's judgements."""
    assert cli("run", "--stage", "abstract").code == 0
    gold(cli, n=10, keep=lambda name: int(name[1:]) % 3 > 0)
    return review


def gold(cli: Cli, *options: str, n: int, keep: Callable[[str], bool]) -> list[str]:
    """Draw gold and have anna and ben label it; the names of the records."""
    drawn = cli("gold", "sample", "--stage", "abstract", "--n", str(n), *options, "--json").json["records"]
    names = [str(one["id"]) for one in drawn]
    for who in ("anna", "ben"):
        label(cli, who, {name: "include" if keep(name) else "exclude" for name in names})
    assert cli("gold", "lock", "--stage", "abstract").code == 0
    return names


def test_who_set_the_labels_is_not_held_against_them(labelled: Path, cli: Cli) -> None:
    label(cli, "carla", dict.fromkeys(NAMES, "include"))
    document = cli("report", "--json", "--output", "page.html").json
    state = document["stages"]["abstract"]
    assert [one["evaluation"]["reviewer"] for one in state["accuracy"]] == ["embedded", "carla"]
    assert state["labellers"] == ["anna", "ben"]
    assert "anna and ben set these labels" in Path("page.html").read_text()
    assert "embedded had a recall of" in told_of(document, " reached ")
    for command in (("--reviewer", "anna"), ("--compare", "embedded", "anna")):
        assert "anna set these labels" in cli("evaluate", "--stage", "abstract", *command).out


def test_a_person_never_stands_in_the_place_of_the_machine(labelled: Path, cli: Cli) -> None:
    label(cli, "carla", dict.fromkeys(NAMES, "include"))
    protocol = labelled / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("They are children.", "They are infants."))
    document = cli("report", "--json", "--output", "page.html").json
    assert [one["evaluation"]["reviewer"] for one in document["stages"]["abstract"]["accuracy"]] == ["carla"]
    assert "recall" not in told_of(document, " reached ")
    assert "<dt>Recall of" not in Path("page.html").read_text()


# -- the methods text beside the flow and the ledger ------------------------------------------------------------------


def test_the_methods_text_counts_what_the_flow_counts_in_its_units(review: Path, cli: Cli) -> None:
    decided_by(review, "{humans: 2, machine: embedded}\n    gate: {recall_low: 0.1}")
    assert cli("run", "--stage", "abstract").code == 0
    names = gold(cli, "--seed", "s", n=8, keep=lambda name: name < "r5")
    assert {"r10", "r11"} - set(names), "the rule removes one that nobody looks at"
    label(cli, "anna", {"r0": "include"}, stage="fulltext")
    document = figures(cli)
    boxes = {box["id"]: box for box in document["flow"]["boxes"]}
    by_rule = boxes["removed"]["parts"][1]["count"]
    assert by_rule > 0
    told = told_of(document, "reached titles and abstracts")
    assert told.startswith(f"{12 - by_rule} records reached")
    told = told_of(document, "reached full text")
    assert told.startswith(f"{boxes['sought']['count']} reports reached full text")
    assert "a report is decided by" in told
    assert filled(document, "R1").startswith(f"Excluded before screening by rules on the records’ fields: {by_rule}. ")


def test_a_sample_that_nobody_has_judged_was_not_checked_by_people(review: Path, cli: Cli) -> None:
    assert cli("run", "--stage", "abstract").code == 0
    assert cli("gold", "elusion", "--stage", "abstract", "--n", "2", "--json").json["frame"] == 2
    told = told_of(figures(cli), "drawn at random")
    assert "drawn at random for people to check; 0 of them are decided so far, and nothing is said before" in told
    assert "checked by people" not in told
    for who in ("anna", "ben"):
        label(cli, who, {"r10": "exclude", "r11": "exclude"})
    assert "2 were drawn at random and checked by people, and 0 were found eligible" in told_of(figures(cli), "drawn")


# -- what people did --------------------------------------------------------------------------------------------------


def test_work_that_was_taken_back_is_not_counted_and_a_merged_record_counts_once(review: Path, cli: Cli) -> None:
    from screener.adjudication.queue import undo
    from screener.core.judgement import Stage
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review

    label(cli, "anna", ANNA)
    label(cli, "ben", {"r0": "include"})
    label(cli, "zoe", {"r1": "include", "r2": "exclude"}, "adjudicator")
    ledger = Ledger.of(review / ".screener")
    undo(ledger, Review(review), Stage.ABSTRACT, "ben")
    undo(ledger, Review(review), Stage.ABSTRACT, "zoe", role="adjudicator")
    ledger.close()
    assert cli("dedup", "merge", "r0", "r3", "--who", "anna").code == 0
    document = figures(cli)
    did = {(one["reviewer"], one["role"]): one["records"] for one in document["effort"]["humans"]}
    assert did == {("anna", "human"): 9, ("zoe", "adjudicator"): 1}
    assert "anna (human) judged 9 records" in filled(document, "M8")
    assert "ben" not in filled(document, "M8")


def test_a_record_that_one_of_two_has_judged_is_not_called_unjudged(review: Path, cli: Cli) -> None:
    label(cli, "anna", {"r0": "include", "r1": "include"})
    label(cli, "ben", {"r1": "include", "r2": "exclude"})
    [waiting] = [box["parts"] for box in figures(cli)["flow"]["boxes"] if box["id"] == "undecided"]
    assert {one["label"]: one["count"] for one in waiting} == {"Too few judgements yet": 2, "Not judged yet": 9}


@pytest.mark.parametrize(
    ("rule", "says", "suggests"),
    [
        ("{humans: 2, machine: embedded}", "by 2 independent human judgements, if they agree, or by an adjudicator", "once humans have decided, or once its gate"),
        ("{humans: 1, machine: embedded}", "by one human judgement, or by an adjudicator in case of conflict", "once humans have decided, or once its gate"),
        ("{humans: 0, machine: embedded}", "by the machine reviewer embedded once its gate is open, or by an adjudicator; no other human judgement is needed", "are final only once its gate"),
        ("{humans: 1}", "by one human judgement, or by an adjudicator in case of conflict", ""),
    ],
)  # fmt: skip
def test_who_decides_is_said_for_any_number_of_people(
    review: Path, cli: Cli, rule: str, says: str, suggests: str
) -> None:
    decided_by(review, rule)
    label(cli, "anna", {"r0": "include"})
    document = cli("report", "--json", "--output", "page.html").json
    protocol = section(read_page(Path("page.html")), "protocol")
    page = next(one.text for one in protocol.all("p") if one.text.startswith("Decided"))
    assert page.startswith(f"Decided {says}.")
    assert suggests in page
    assert ("suggests" in page) == bool(suggests)
    assert f"a record is decided {says}." in told_of(document, " reached ")
    told = filled(document, "M8")
    assert told.startswith(f"titles and abstracts: decided {says}")
    assert "must agree" not in told
    if suggests:
        assert "embedded suggests, and people were blinded to it; full text:" in told


def test_a_review_without_a_machine_describes_none(review: Path, cli: Cli) -> None:
    label(cli, "anna", {"r0": "include"})
    found = {one["id"]: one for one in figures(cli)["checklist"]}
    for item in ("M2", "M3", "M4", "M5", "M6", "M7", "D1"):
        assert (found[item]["filled"], found[item]["person"]) == ("No machine was used.", "")
    assert cli("run", "--stage", "abstract").code == 0
    used = {one["id"]: one for one in figures(cli)["checklist"]}
    assert used["M4"]["filled"].startswith("Title, abstract, year, venue, type and keywords of each record")
    assert "yes, no or unclear" in used["M5"]["filled"]


def test_one_is_said_as_one(review: Path, cli: Cli) -> None:
    from screener.reporting.methods import methods

    decided_by(review, "{humans: 2, machine: embedded}\n    gate: {recall_low: 0.1}")
    assert cli("run", "--stage", "abstract").code == 0
    gold(cli, n=10, keep=lambda name: int(name[1:]) % 3 > 0)
    (review / "late.csv").write_text("id,title,abstract,year\nr12,A late one,Words of it.,2020\n")
    assert cli("import", "late.csv").code == 0
    assert cli("run", "--stage", "abstract").code == 0
    document = figures(cli)
    assert "; 1 record it judged came after the draw and so lies outside its frame" in document["stages"]["abstract"]["gate"]["why"]  # fmt: skip
    document["effort"]["machines"] = [{"calls": 1, "cost_known": 0.0}]
    assert "1 call was sent to language models" in methods(document)[-1]


def test_a_drawing_tells_whole_records(judged_ecg: Path, cli: Cli) -> None:
    assert cli("report").code == 0
    page = Path("report.html").read_text()
    assert re.search(r"Of \d+ records \d+ are eligible", page)


def test_records_until_a_recall_are_those_of_wss_however_long_the_list() -> None:
    from screener.core.judgement import Decision, Judgement
    from screener.evaluation.figures import JudgedPair
    from screener.metrics import Ranking, wss
    from screener.records import Record
    from screener.reporting.accuracy import POINTS, curve

    kept = [number % 7 == 3 for number in range(1_000)]
    scores = [1 - number / 1_000 for number in range(1_000)]
    record = Record(id="r", title="")
    pairs = [
        JudgedPair(record, Judgement(decision=Decision.INCLUDE, probability=score), Judgement(decision=Decision.INCLUDE if keep else Decision.EXCLUDE))
        for keep, score in zip(kept, scores, strict=True)
    ]  # fmt: skip
    found = curve(pairs)
    assert found is not None
    assert len(found["screened"]) <= POINTS + 1
    at = {one["recall"]: one["screened"] for one in found["reached"]}
    assert at[0.95] / 1_000 == pytest.approx(0.95 - wss(Ranking.of(kept, scores)))
    places = [number + 1 for number, keep in enumerate(kept) if keep]
    assert at == {share: places[math.ceil(share * len(places) - 1e-9) - 1] for share in (0.5, 0.75, 0.9, 0.95, 1.0)}


# -- labels that were drawn within strata -----------------------------------------------------------------------------


@pytest.mark.slow
def test_weighted_figures_say_how_their_intervals_were_made_and_of_what_number(judged_ecg: Path, cli: Cli) -> None:
    before = cli("report", "--json", "--output", "plain.html").json
    path = judged_ecg / "gold" / "gold.yaml"
    path.write_text(path.read_text().replace("level: abstract", "level: abstract\ndrawn: stratified"))
    labels = judged_ecg / "gold" / "abstract.csv"
    with labels.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row |= {"stratum": row["decision"], "weight": "9.5" if row["decision"] == "exclude" else "1.5"}
    with labels.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    document = cli("report", "--json", "--output", "page.html").json
    [one] = document["stages"]["abstract"]["accuracy"]
    assert one["evaluation"]["weighted"]
    assert one["estimates"]["precision"]["method"] == "bootstrap"
    page, plain = (" ".join(Path(name).read_text().split()) for name in ("page.html", "plain.html"))
    caption = "95 % intervals; proportions: Wilson; F2: bootstrap; κ: closed form"
    assert caption in plain
    assert caption not in page
    assert "records weighted; bootstrap within strata" in page
    told = told_of(document, " reached ")
    assert "each record is weighted by the inverse of its chance of being drawn" in told
    # Wilson's interval of a share of 1 stands on the effective number, and on nothing else.
    shares = [one["estimates"][name] for name in ("recall", "specificity")]
    assert told.count("effective n = ") == sum(share["method"] == "wilson" for share in shares)
    assert page.count("<span>effective n ") > 0
    assert "effective n" not in plain + told_of(before, " reached ")
