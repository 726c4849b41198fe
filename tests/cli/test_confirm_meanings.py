"""`screener evaluate --stage extraction`: both figures, and a person who confirms meanings without knowing whose each is."""

import io
import json
from pathlib import Path

import pytest
from support import ROOT, Cli
from support.tables import extract, reported, trials, without

pytestmark = pytest.mark.slow
GOLD_YAML = "name: small\nstatus: provisional\nlevel: final\nsplit: {salt: s}\n"
EVALUATE = ("evaluate", "--stage", "extraction", "--split", "all", "--reviewer", "ann")
CONFIRM = (*EVALUATE, "--confirm", "--who", "Zoe")


def line(study: str, path: str, value: object, other: str | None = None, quote: str | None = None) -> str:
    status = "not_reported" if value is None else "reported"
    gold = {"id": study, "path": path, "status": status, "value": value, "other": other, "quote": quote}
    return json.dumps(gold) + "\n"


@pytest.fixture
def review(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two studies that Ann has extracted, with a fault of each kind against gold."""
    folder = trials(tmp_path / "review", cli)
    form = folder / "prompts" / "form.py"
    text = (
        form.read_text()
        .replace("import Coded,", "import Coded, Key,")
        .replace("from pydantic", "from typing import Annotated\nfrom pydantic", 1)
    )
    for name in ("drug: Item[str]", "outcome: Item[str]"):
        field, kind = name.split(": ")
        assert name in text
        text = text.replace(name, f"{field}: Annotated[{kind}, Key()]")
    form.write_text(text)
    (folder / "gold").mkdir()
    (folder / "gold" / "gold.yaml").write_text(GOLD_YAML)
    results = "arms[0].name.measured"
    (folder / "gold" / "extraction.jsonl").write_text(
        line("ada", "trial.design", "other", other="stepped wedge")
        + line("ada", "trial.countries", ["France"])
        + line("ada", "arms[0].name.drug", "aspirin tablets")
        + line("ada", "arms[0].name.code", "code C01")
        + line("ada", f"{results}[0].outcome", "death")
        + line("ada", f"{results}[0].events_treated", 12, quote="12 of the treated died")
        + line("ada", f"{results}[1].outcome", "stroke")
        + line("bo", "trial.design", "other", other="stepped wedge")
        + line("bo", "trial.countries", None)
    )  # fmt: skip
    (folder / "ada.txt").write_text("Of the treated 1 2 died. Aspirin tablets were given in France.\n")
    assert cli("attach", "ada", folder / "ada.txt", "--review", folder).code == 0
    extract(folder, "ada", "ann", {
        "trial.design": reported("other", "a stepped wedge design"),
        "trial.countries": reported(["France"]),
        "arms[0].name.drug": reported("Aspirin tablet"),
        "arms[0].name.code": reported("its code: C01"),
        f"{results}[0].outcome": reported("Death"),
        f"{results}[0].events_treated": reported(21),
        f"{results}[1].outcome": reported("bleeding"),
    })  # fmt: skip
    extract(folder, "bo", "ann", {
        "trial.design": reported("other", "a stepped wedge design"), "trial.countries": without("unclear"),
    })  # fmt: skip
    monkeypatch.chdir(folder)
    return folder


def answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """What the person types."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_each_kind_of_fault_is_told_apart(review: Path, cli: Cli) -> None:
    found = cli(*EVALUATE, "--json").json
    assert found["totals"] == {"correct": 3, "wrong": 4, "missed": 1, "fabricated": 1, "not_reported": 0, "unclear": 1}
    told = {
        (row["id"], row["item"], row["outcome"]): (row["entry"], row["same_meaning"], row["not_in_text"])
        for row in found["wrong"]
    }
    results = "arms[0].name.measured"
    assert told == {
        ("ada", "trial.design", "wrong"): ("", "open", False),
        ("ada", "arms[0].name.code", "wrong"): ("matched", "open", False),
        ("ada", f"{results}[0].events_treated", "wrong"): ("matched", None, True),  # the page parts the digits
        ("ada", f"{results}[1].outcome", "missed"): ("missing", None, False),
        ("ada", f"{results}[1].outcome", "fabricated"): ("extra", None, False),
        ("bo", "trial.design", "wrong"): ("", "open", False),
    }
    assert found["same_meaning"] | {"embedder": ""} == {
        "offered": 3, "confirmed": 0, "refused": 0, "open": 3, "least_cosine": 0.35, "embedder": "",
    }  # fmt: skip
    assert found["not_in_text"] == 1
    assert found["entries"]["arms.name.measured"] == {"matched": 1, "missing": 1, "extra": 1, "open": 0}
    assert found["parts"]["trial"] == {
        "items": 4, "right": 1, "confirmed": 0, "wrong": 2, "missed": 0, "fabricated": 0, "unclear": 1, "offered": 2,
        "not_in_text": 0,
    }  # fmt: skip
    assert found["micro"]["accuracy"]["value"] == found["micro_confirmed"]["accuracy"]["value"] == 3 / 10


def test_a_persons_word_makes_the_second_figure_and_leaves_the_strict_one(
    review: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "q")
    design_is_first = "stepped wedge" in cli(*CONFIRM).out
    answers(monkeypatch, *(("y", "", "n") if design_is_first else ("n", "", "y")))
    asked = cli(*CONFIRM)
    assert (asked.code, "2 pairs of values" in asked.out, "1 the same, 1 not, 0 still open" in asked.out) == (
        0,
        True,
        True,
    )
    # One verdict on the design serves both studies; which of the two pairs came first a hash decides.
    assert asked.out.count("stepped wedge design") == 1
    assert "(ada, bo)" in asked.out
    found = cli(*EVALUATE, "--json").json
    assert (found["same_meaning"]["confirmed"], found["same_meaning"]["refused"]) == (2, 1)
    assert found["micro"]["accuracy"]["value"] == 3 / 10
    assert found["micro_confirmed"]["accuracy"]["value"] == (3 + 2) / 10
    assert cli(*CONFIRM).out.startswith("Nothing to look at: all 3 offered values were looked at.\n")
    page = cli(*EVALUATE).out
    assert "given 'other', gold 'other'" not in page
    assert "Quotes found in the documents: none was given." in page
    assert "1 value of gold that the reviewer did not give stands nowhere" in " ".join(page.split())
    assert "3 offered, 2 confirmed, 1 refused, 0 not yet looked at" in " ".join(page.split())
    # The table in the documentation is this one.
    shown = {" ".join(line.split()) for line in page.splitlines()}
    documented = (
        (ROOT / "docs" / "how-to" / "evaluate.md").read_text().partition(" part of the form")[2].partition("```")[0]
    )
    assert {" ".join(line.split()) for line in documented.splitlines()[1:] if line.strip()} <= shown


def test_an_answer_is_kept_at_once_and_can_be_taken_back(
    review: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "u", "y", "u", "n", "s")
    asked = cli(*CONFIRM).out
    assert "You have said nothing that could be taken back." in asked
    assert "Taken back: “" in asked
    assert "0 the same, 1 not, 1 still open" in asked
    assert "1 skipped, still open." in asked
    assert "`screener evaluate --stage extraction --reviewer ann --split all` shows both figures." in asked
    # What was said in an earlier sitting is taken back too, and shown next; where the input ends, that quits.
    answers(monkeypatch, "u", "y")
    asked = cli(*CONFIRM).out
    assert asked.count("1 of 2") == 1
    assert "1 the same, 0 not, 1 still open" in asked
    found = cli(*EVALUATE, "--json").json["same_meaning"]
    assert (found["refused"], found["confirmed"] + found["open"]) == (0, 3)


def test_the_last_answer_can_be_taken_back_when_all_are_looked_at(
    review: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "y", "y", "u", "n", "q")
    asked = cli(*CONFIRM).out
    assert "All are looked at." in asked
    assert "1 the same, 1 not, 0 still open" in asked
    answers(monkeypatch, "u", "y")
    assert "Taken back: “" in cli(*CONFIRM).out
    assert cli(*EVALUATE, "--json").json["same_meaning"]["refused"] == 0


def embedded(report: Path) -> list[dict[str, object]]:
    """The wrong items among the figures that a report has embedded."""
    figures = json.loads(report.read_text().partition('id="figures">')[2].partition("</script")[0])
    wrong: list[dict[str, object]] = figures["stages"]["extraction"]["accuracy"][0]["evaluation"]["wrong"]
    return wrong


def test_data_for_programs_do_not_tell_whose_a_value_is_before_somebody_has_looked(
    review: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("report", "-o", "r.html").code == 0
    for wrong in (cli(*EVALUATE, "--json").json["wrong"], embedded(review / "r.html")):
        waiting = [row for row in wrong if row["same_meaning"] == "open"]
        assert waiting
        for row in waiting:
            assert row["withheld"] is True
            assert (row["value"], row["gold"], row["evidence"], row["gold_quote"]) == (None, None, [], None)
            assert isinstance(row["values"], list)
            assert len(row["values"]) == 2
    answers(monkeypatch, "y", "n")
    assert cli(*CONFIRM).code == 0
    told = [row for row in cli(*EVALUATE, "--json").json["wrong"] if row["same_meaning"] in ("confirmed", "refused")]
    assert told
    assert all(row["value"] is not None and not row["withheld"] for row in told)


def test_other_entries_do_not_give_away_which_value_is_golds(review: Path, cli: Cli) -> None:
    gold = review / "gold" / "extraction.jsonl"
    results = "arms[0].name.measured"
    with gold.open("a") as file:
        file.write(line("ada", "arms[1].name.code", "code C01"))
    page = cli(*EVALUATE).out
    assert "perhaps the same in other words: " in page
    assert "gold 'code C01'" not in page
    assert f"{results}[1].outcome: missed" in page
    assert cli("report", "-o", "r.html").code == 0
    listed = (
        (review / "r.html").read_text().partition("<script")[0].partition('id="wrong"')[2].partition("</section>")[0]
    )
    assert "code C01" not in listed
    for wrong in (cli(*EVALUATE, "--json").json["wrong"], embedded(review / "r.html")):
        rows = {row["item"]: row for row in wrong}
        assert (rows["arms[1].name.code"]["withheld"], rows["arms[1].name.code"]["gold"]) == (True, None)


def test_no_page_tells_whose_a_value_is_before_somebody_has_looked(review: Path, cli: Cli) -> None:
    page = cli(*EVALUATE).out
    assert "perhaps the same in other words" in page
    assert "screener evaluate --stage extraction --reviewer ann --split all --confirm" in " ".join(page.split())
    for told in ("given 'other'", "given 'its code: C01'", "gold 'code C01'"):
        assert told not in page
    assert "gold's value is not in the text as read" in page
    assert "(the whole entry is one too many)" in page
    assert cli("report", "-o", "r.html").code == 0
    body = (review / "r.html").read_text().partition("<script")[0]
    assert "its code: C01" not in body.partition('id="wrong"')[2].partition("</section>")[0]


def test_who_gave_the_values_confirms_none_and_nothing_is_asked_elsewhere(review: Path, cli: Cli) -> None:
    for args, told in (
        ((*EVALUATE, "--confirm", "--who", "ann"), "cannot be the one who confirms"),
        ((*EVALUATE, "--confirm", "--who", "embedded"), "not the name of a human"),
        ((*EVALUATE, "--confirm", "--json"), "--confirm asks a person"),
        ((*EVALUATE, "--who", "Zoe"), "--who goes with --confirm"),
        (("evaluate", "--stage", "extraction", "--compare", "ann", "bob", "--confirm"), "--confirm asks a person"),
    ):
        result = cli(*args)
        assert (result.code, told in result.err) == (2, True), result.err


def test_two_readings_are_counted_strictly_and_with_what_was_confirmed(
    review: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract(review, "bo", "bea", {"trial.design": reported("other", "a stepped wedge design")})
    compare = ("evaluate", "--stage", "extraction", "--split", "all", "--compare", "ann", "bea")
    before = cli(*compare, "--json").json
    assert before["figures"]["agree_wrong"]["value"] == before["figures_confirmed"]["agree_wrong"]["value"] == 1 / 2
    answers(monkeypatch, "y", "y")
    assert "2 the same" in cli(*CONFIRM).out
    after = cli(*compare, "--json").json
    assert after["figures"] == before["figures"]
    assert (after["figures_confirmed"]["agree_wrong"]["value"], after["figures_confirmed"]["agree_right"]["value"]) == (
        0,
        1 / 2,
    )
    assert "With what people confirmed, agree and right" in " ".join(cli(*compare).out.split())
