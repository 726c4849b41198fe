"""What `screener evaluate` says beside recall: groups, agreement, calibration, humans, weights, and Markdown."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from support import Cli, Later

sk = Later("sklearn.metrics")

pytestmark = pytest.mark.slow

EVALUATE = ("evaluate", "--stage", "abstract")


@pytest.fixture
def judged(judged_ecg: Path, cli: Cli) -> Path:
    """The packaged review, judged by the embedded reviewer."""
    return judged_ecg


def gold_rows(review: Path) -> list[dict[str, str]]:
    with (review / "gold" / "abstract.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def label(review: Path, cli: Cli, name: str, wrong: int, rows: int = 120) -> None:
    """A human who says what gold says, save for every `wrong`-th record."""
    said = []
    for place, row in enumerate(gold_rows(review)[:rows]):
        decision = row["decision"]
        if place % wrong == 0:
            decision = "include" if decision == "exclude" else "exclude"
        said.append(f"{row['id']},{decision}")
    path = review / f"{name}.csv"
    path.write_text("id,decision\n" + "\n".join(said) + "\n")
    assert cli("label", path, "--reviewer", name, "--stage", "abstract").code == 0


def change(review: Path, old: str, new: str) -> None:
    path = review / "gold" / "gold.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_groups_come_worst_recall_first_and_hide_none(judged: Path, cli: Cli) -> None:
    whole = cli(*EVALUATE, "--json").json
    for field in ("source", "year", "criterion", "language", "has_abstract"):
        found = cli(*EVALUATE, "--by", field, "--json").json
        assert {key: found[key] for key in ("n", "tp", "fp", "fn", "tn")} == {
            key: whole[key] for key in ("n", "tp", "fp", "fn", "tn")
        }
        groups = found["by"]["groups"]
        recalls = [group["recall"]["value"] for group in groups]
        known = [value for value in recalls if value is not None]
        assert recalls == sorted(known) + [None] * (len(recalls) - len(known)), field
        if field in ("year", "language", "has_abstract"):
            assert sum(group["n"] for group in groups) == whole["n"]
        for group in groups:
            assert (group["recall"]["value"] is None) == (group["tp"] + group["fn"] == 0)
    shown = cli(*EVALUATE, "--by", "criterion").out
    assert "signal = no" in shown
    assert "not defined" in shown
    assert "nan" not in shown.lower()


def test_agreement_and_calibration_are_those_of_scikit_learn(judged: Path, cli: Cli) -> None:
    found = cli(*EVALUATE, "--json").json
    decisions = {row["id"]: row["decision"] for row in csv.DictReader(cli("export").out.splitlines())}
    chances = {row["id"]: float(row["probability"]) for row in csv.DictReader(cli("export").out.splitlines())}
    test = [row for row in gold_rows(judged) if row["split"] == "test"]
    gold = [row["decision"] != "exclude" for row in test]
    machine = [decisions[row["id"]] != "exclude" for row in test]
    assert found["agreement"]["kappa"]["value"] == pytest.approx(sk.cohen_kappa_score(gold, machine))
    assert found["agreement"]["raw"]["value"] == pytest.approx(
        sum(a == b for a, b in zip(gold, machine, strict=True)) / 60
    )
    order = ["exclude", "unclear", "include"]
    linear = sk.cohen_kappa_score(
        [row["decision"] for row in test], [decisions[row["id"]] for row in test], labels=order, weights="linear"
    )
    assert found["agreement"]["kappa_linear"]["value"] == pytest.approx(linear)
    brier = sk.brier_score_loss(gold, [chances[row["id"]] for row in test])
    assert found["calibration"]["brier"]["value"] == pytest.approx(brier, abs=1e-3)  # the export has rounded numbers
    assert sum(one["n"] for one in found["calibration"]["bins"]) == 60
    gaps = sum(one["n"] * abs(one["predicted"] - one["observed"]["value"]) for one in found["calibration"]["bins"]) / 60
    error = found["calibration"]["ece"]
    assert error["value"] == pytest.approx(gaps)
    assert 0 <= error["low"] < error["high"] <= 1
    assert f"expected calibration error {gaps:.2f} ({error['low']:.2f}" in " ".join(cli(*EVALUATE).out.split())
    criterion = found["per_criterion"]["pretraining"]
    assert {"raw", "positive", "negative", "kappa", "pabak", "ac1"} <= set(criterion)
    assert criterion["pabak"]["value"] == pytest.approx(2 * criterion["raw"]["value"] - 1)


def test_humans_are_compared_with_each_other_only_where_two_judged(judged: Path, cli: Cli) -> None:
    assert cli(*EVALUATE, "--json").json["humans"] is None
    label(judged, cli, "anna", wrong=7)
    assert cli(*EVALUATE, "--json").json["humans"] is None
    label(judged, cli, "ben", wrong=10, rows=90)
    two = cli(*EVALUATE, "--json").json["humans"]
    assert (two["reviewers"], two["records"]) == (["anna", "ben"], 90)
    differ = sum((place % 7 == 0) != (place % 10 == 0) for place in range(90))
    # What gold calls unclear is kept, so only what turns into or out of `exclude` differs: here each change does.
    assert two["decision"]["raw"]["value"] == pytest.approx(1 - differ / 90)
    assert -1 <= two["decision"]["alpha"]["low"] <= two["decision"]["alpha"]["value"] <= 1
    label(judged, cli, "cleo", wrong=5, rows=30)
    three = cli(*EVALUATE, "--json").json["humans"]
    assert three["records"] == 90
    assert (three["decision"]["fleiss_m"], three["decision"]["fleiss_n"]) == (0, 0), "the thirty have three ratings"
    assert three["decision"]["fleiss"]["value"] is None
    assert three["decision"]["n"] == 90, "α takes them all"
    assert "raw" not in three["decision"]
    assert "inter-rater agreement: anna, ben, cleo" in cli(*EVALUATE).out


def test_markdown_has_the_numbers_of_the_text_and_calls_gold_provisional(judged: Path, cli: Cli) -> None:
    text, md = cli(*EVALUATE, "--by", "year").out, cli(*EVALUATE, "--by", "year", "--format", "md").out
    number = re.compile(r"\d\.\d\d")
    assert sorted(number.findall(text)) == sorted(number.findall(md))
    tables = [block for block in md.split("\n\n") if block.startswith("|")]
    assert len(tables) == 4
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, (
            "as many cells in each row"
        )
    titles = [line for line in md.splitlines() if line.startswith("**")]
    assert titles
    assert all("provisional gold" in title for title in titles)
    assert "PROVISIONAL GOLD" in md
    change(judged, "status: provisional", "status: human")
    assert "provisional" not in cli(*EVALUATE, "--format", "md").out.lower()


def test_a_title_cannot_break_a_markdown_page() -> None:
    from screener.cli.page import TextPage

    page = TextPage("a | b")
    page.table("t", ["x"], [["one | two *three*\nfour"]])
    page.entry("head <b>", "[link](x)")
    assert page.markdown().splitlines() == [
        "## a \\| b", "", "**t**", "", "| x |", "| :--- |", "| one \\| two \\*three\\* four |", "",
        "- head \\<b\\>  ", "  \\[link\\](x)",
    ]  # fmt: skip


def test_an_interval_without_width_is_not_shown_as_certainty() -> None:
    from screener.cli.page import interval
    from screener.metrics import Estimate

    assert interval(Estimate(1.0, 1.0, 1.0)) == "1.00 (no spread)"
    assert interval(Estimate(1.0, 1 - 2e-16, 1.0)) == "1.00 (no spread)", "weights add up to 1 but for rounding"
    assert interval(Estimate(None)) == "not defined"
    assert interval(Estimate(0.5)) == "0.50"


@pytest.mark.parametrize(("drawn", "says"), [("", "chosen"), ("drawn: random\n", "at random, as gold.yaml says")])
def test_how_labels_were_drawn_is_said_beside_the_figures(judged: Path, cli: Cli, drawn: str, says: str) -> None:
    change(judged, "level: abstract\n", f"level: abstract\n{drawn}")
    shown = cli(*EVALUATE).out
    assert says in shown
    assert ("descriptive" in shown) == (not drawn)
    assert cli(*EVALUATE, "--json").json["reference_drawn"] == (drawn[7:-1] or "chosen")
    label(judged, cli, "anna", wrong=7)
    compare = (*EVALUATE, "--compare", "embedded", "anna")
    shown = cli(*compare).out
    assert says in shown
    assert ("descriptive" in shown) == (not drawn)
    assert "Wilson; F2 bootstrap" in shown
    assert cli(*compare, "--json").json["reference_drawn"] == (drawn[7:-1] or "chosen")


def test_what_a_person_happens_to_have_judged_is_descriptive(judged: Path, cli: Cli) -> None:
    label(judged, cli, "anna", wrong=7, rows=50)
    shown = " ".join(cli(*EVALUATE, "--reference", "anna").out.split())
    assert "The records that anna has judged are no random sample: descriptive of these records" in shown


def test_an_exclusion_without_a_criterion_is_listed_as_such(judged: Path, cli: Cli) -> None:
    label(judged, cli, "anna", wrong=3)
    listed = cli(*EVALUATE, "--reviewer", "anna").out
    assert ("no criterion named" in listed, "failed: None" in listed) == (True, False)


def test_two_who_share_no_record_are_not_said_to_agree(judged: Path, cli: Cli) -> None:
    rows = gold_rows(judged)
    for name, one in (("anna", rows[0]), ("ben", rows[1])):
        (judged / f"{name}.csv").write_text(f"id,decision\n{one['id']},include\n")
        assert cli("label", f"{name}.csv", "--stage", "abstract", "--reviewer", name).code == 0
    shown = cli(*EVALUATE, "--reviewer", "anna", "--reference", "ben").out
    assert "No record was judged by both" in shown
    assert "wrong decisions" not in shown


@pytest.mark.parametrize("drawn", ["", "drawn: random\n"])
def test_thresholds_say_when_their_labels_were_chosen(judged: Path, cli: Cli, drawn: str) -> None:
    change(judged, "level: abstract\n", f"level: abstract\n{drawn}")
    assert ("descriptive of these records" in cli(*EVALUATE, "--thresholds", "0.9").out) == (not drawn)


def test_every_proportion_says_of_how_many_records_it_is(judged: Path, cli: Cli) -> None:
    shown = " ".join(cli(*EVALUATE).out.split())
    included = sum(row["decision"] == "include" for row in gold_rows(judged))
    alone = re.search(r"recall by include alone [\d.]+ \([^)]*\) of (\d+)\.", shown)
    assert alone is not None
    assert 0 < int(alone[1]) < included
    told = cli(*EVALUATE, "--json").json
    assert f"of {told['tn'] + told['fn']};" in shown, "negative predictive value: of what was excluded"


def stratify(review: Path, weights: dict[str, str]) -> None:
    change(review, "level: abstract\n", "level: abstract\ndrawn: stratified\n")
    rows = gold_rows(review)
    with (review / "gold" / "abstract.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "weight", "stratum"])
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {"weight": weights[row["decision"]], "stratum": row["decision"]})


@pytest.mark.slow
def test_a_stratified_draw_is_weighted_back(judged: Path, cli: Cli) -> None:
    before = cli(*EVALUATE, "--json").json
    stratify(judged, {"include": "1", "unclear": "1", "exclude": "9"})
    found: dict[str, Any] = cli(*EVALUATE, "--json").json
    assert found["weighted"]
    assert [found[key] for key in ("tp", "fp", "fn", "tn")] == [before[key] for key in ("tp", "fp", "fn", "tn")]
    tp, fp = before["tp"], before["fp"]
    assert found["precision"]["value"] == pytest.approx(tp / (tp + 9 * fp))
    assert found["precision"]["low"] < found["precision"]["value"] < found["precision"]["high"]
    assert found["recall"]["value"] == pytest.approx(before["recall"]["value"]), "within the kept nothing is weighted"
    everything = before["tp"] + before["fn"] + 9 * (before["fp"] + before["tn"])
    assert found["kept_share"] == pytest.approx((tp + 9 * fp) / everything)
    assert before["kept_share"] == pytest.approx((tp + fp) / before["n"])
    said = {row["id"]: row["decision"] for row in csv.DictReader(cli("export").out.splitlines())}
    unsure = [row for row in gold_rows(judged) if row["split"] == "test" and said[row["id"]] == "unclear"]
    assert {row["decision"] for row in unsure} > {"exclude"}
    assert before["unclear_share"] == pytest.approx(len(unsure) / before["n"])
    assert found["unclear_share"] == pytest.approx(sum(float(row["weight"]) for row in unsure) / everything)
    shown = cli(*EVALUATE).out
    assert "each counts 1/chance" in shown
    assert "records, weighted" in shown, "the bins of the calibration hold weights"
    label(judged, cli, "anna", wrong=7)
    compared = cli(*EVALUATE, "--compare", "embedded", "anna").out
    assert "bootstrap in strata" in compared
    assert ", unweighted" in compared


@pytest.mark.parametrize("weight", ["", "0.5", "x", "nan", "inf"])
def test_a_stratified_draw_needs_a_weight_in_each_row(judged: Path, cli: Cli, weight: str) -> None:
    stratify(judged, {"include": "1", "unclear": "1", "exclude": weight})
    done = cli(*EVALUATE)
    assert done.code == 2
    assert "1/chance" in done.err
    assert "abstract.csv:" in done.err


def test_records_of_one_study_are_drawn_together(judged: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli(*EVALUATE, "--json").json["by_study"] is None
    from screener.ledger import reads

    test = [row["id"] for row in gold_rows(judged) if row["split"] == "test"]
    links = [(test[i], test[i + 1]) for i in range(0, 40, 2)]
    monkeypatch.setattr(reads, "same_study", lambda _: links)
    found = cli(*EVALUATE, "--json").json
    for name, one in found["by_study"].items():
        assert one["value"] == pytest.approx(found[name]["value"])
    assert "40 records share a study" in cli(*EVALUATE).out


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--by", "venue"), "none of source, year"),
        (("--format", "html"), "neither text nor md"),
        (("--format", "md", "--json"), "leave out one"),
        (("--compare", "embedded", "embedded"), "against itself"),
        (("--compare", "embedded", "gold"), "two other reviewers"),
        (("--compare", "embedded", "anna", "--by", "year"), "leave out the other options"),
        (("--confidence", "0.9"), "goes with --thresholds"),
        (("--thresholds", "0.9", "--looks", "3"), "goes with --confidence"),
        (("--thresholds", "0.9", "--confidence", "1.5"), "between 0 and 1"),
        (("--thresholds", "0.9", "--confidence", "0.9", "--looks", "0"), "at least 1"),
        (("--thresholds", "1", "--confidence", "0.9"), "cannot be promised from any sample"),
        (("--reference", "embedded"), "embedded against itself says nothing"),
        (("--reviewer", "gold"), "gold against itself says nothing"),
        (("--reviewer", "anna"), "`screener adjudicate --reviewer anna` first"),
        ((), "`screener run --stage abstract --reviewer embedded` first"),
    ],
)
def test_what_makes_no_sense_is_one_line(ecg: Path, cli: Cli, more: tuple[str, ...], says: str) -> None:
    done = cli(*EVALUATE, *more)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_two_reviewers_are_told_apart_by_name_and_record(judged: Path, cli: Cli) -> None:
    label(judged, cli, "anna", wrong=7, rows=100)
    found = cli(*EVALUATE, "--compare", "embedded", "anna", "--json").json
    assert found["n"] + len(found["missing"]["anna"]) == 60
    one, two = found["figures"]["embedded"], found["figures"]["anna"]
    for name in ("recall", "specificity", "precision", "f2"):
        assert found["differences"][name]["value"] == pytest.approx(one[name]["value"] - two[name]["value"])
    right = {"recall": {"embedded": 0, "anna": 0}, "specificity": {"embedded": 0, "anna": 0}}
    for each in found["disagreements"]:
        kept = each["reference"] != "exclude"
        assert ({"embedded": each["first"], "anna": each["second"]}[each["right"]] != "exclude") == kept
        right["recall" if kept else "specificity"][each["right"]] += 1
    for name, test in found["mcnemar"].items():
        assert (test["first_only"], test["second_only"]) == (right[name]["embedded"], right[name]["anna"])
        assert 0 < test["p"] <= 1
    back = cli(*EVALUATE, "--compare", "anna", "embedded", "--json").json
    assert back["differences"]["recall"]["value"] == pytest.approx(-found["differences"]["recall"]["value"])
    for form in ("text", "md"):
        shown = cli(*EVALUATE, "--compare", "embedded", "anna", "--format", form).out
        assert "PROVISIONAL GOLD" in shown
        assert "provisional gold" in shown
        assert "anna is right" in shown


def test_two_who_say_the_same_are_not_shown_to_be_surely_equal(judged: Path, cli: Cli) -> None:
    for name in ("anna", "ben"):
        label(judged, cli, name, wrong=7)
    shown = cli(*EVALUATE, "--compare", "anna", "ben").out
    assert "+0.00 (-0.17 to +0.17)" in shown  # recall, of 19
    assert "+0.00 to" not in shown


def test_only_what_differs_is_read_in_full(judged: Path) -> None:
    from screener.core.judgement import Stage
    from screener.evaluation.evaluate import evaluate
    from screener.ledger.store import Ledger
    from screener.protocol.model import Review

    review = Review(judged)
    result = evaluate(Ledger.of(review.hidden), review, Stage.ABSTRACT, "embedded")
    for pair in result.pairs:
        reasons = [answer.reason for answer in pair.judged.answers.values()]
        assert any(reasons) == pair.wrong


def test_quality_of_provisional_gold_claims_nothing_and_every_line_says_what_to_do(judged: Path, cli: Cli) -> None:
    found = cli(*EVALUATE, "--quality", "--json").json
    whole = cli(*EVALUATE, "--json").json
    [machine] = found["reviewers"]
    assert (machine["n"], machine["lost"]) == (whole["n"], whole["fn"])
    assert machine["recall"] == whole["recall"]
    assert machine["bound"] == whole["quality"]["bound"]
    assert (machine["bound"]["verdict"], machine["bound"]["reason"]) == ("cannot_be_said", "provisional")
    codes = [one["code"] for one in found["missing"]]
    assert codes == ["provisional", "no_agreement", "no_gate", "positives", "groups", "no_elusion"]
    assert all("screener " in one["do"] for one in found["missing"])
    text = cli(*EVALUATE, "--quality").out
    assert "PROVISIONAL GOLD" in text
    assert "cannot be said" in text
    assert "promise" not in text
    assert "Still missing" in cli(*EVALUATE, "--quality", "--format", "md").out
    assert "Worst group: " in cli(*EVALUATE).out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--quality", "--by", "year"), "--quality goes with"),
        (("--quality", "--reference", "anna"), "--quality goes with"),
        (("--quality", "--target", "95"), "does not lie between 0 and 1"),
        (("--quality", "--reviewer", "nobody"), "nobody is no machine reviewer"),
        (("--thresholds", "0.9", "--target", "0.9"), "--target is for one reviewer"),
    ],
)
def test_quality_refuses_what_means_nothing_beside_it(
    judged: Path, cli: Cli, options: tuple[str, ...], said: str
) -> None:
    done = cli(*EVALUATE, *options)
    assert done.code == 2
    assert said in " ".join(done.err.split())
