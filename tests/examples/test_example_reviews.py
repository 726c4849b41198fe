"""The reviews under `examples/`: each is made and run by the commands of its README, and says whose it is."""

import csv
import io
import json
import re
import shlex
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from servers.services.look_ups import Paper, SemanticScholarPapers
from support import ROOT, Cli
from support.tables import extract

from screener.core.judgement import ItemAnswer
from screener.examples import packaged_reviews
from screener.forms import derive
from screener.protocol.model import Review
from screener.stages.form import form_of

REAL = {"nagtegaal-2019": "Nagtegaal_2019", "kitchenham-2010": "Kitchenham_2010"}


def commands(name: str) -> list[list[str]]:
    """The commands of the first block of an example's README, without the program's name and what follows a `#`."""
    text = (ROOT / "examples" / name / "README.md").read_text("utf-8")
    lines = re.search(r"```text\n(.*?)```", text, re.DOTALL)[1].splitlines()  # type: ignore[index]
    return [shlex.split(part, comments=True) for line in lines for part in line.split(" && ")]


def made(name: str, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, limit: int = 0, run: int = 0) -> Path:
    """Do what the README of an example says, where there is a limit with so many of its records, or judging so many; the folder."""
    monkeypatch.chdir(tmp_path)
    for program, *arguments in commands(name):
        if program == "cd":
            monkeypatch.chdir(arguments[0])
            if limit:
                shorten(limit)
            continue
        assert program == "screener"
        done = cli(*arguments, *(["--limit", str(run)] if run and arguments[0] == "run" else []))
        assert done.code == 0, (arguments, done.err)
    return Path.cwd()


def shorten(limit: int) -> None:
    """Leave so many records of the gold set in the present folder."""
    for file in ("records.csv", "abstract.csv"):
        path = Path("gold", file)
        path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[: limit + 1]), "utf-8")


def test_each_review_that_is_offered_says_of_which_field_it_is_and_what_there_is_to_try() -> None:
    offered = packaged_reviews()
    assert [each.name for each in offered] == [
        "ecg",
        "reminders",
        "nagtegaal-2019",
        "kitchenham-2010",
        "invented-trials",
        "documents",
    ]
    assert all(each.field and each.about.endswith(".") for each in offered)
    listed = (ROOT / "examples" / "README.md").read_text("utf-8")
    assert all(f"`{each.name}`" in listed for each in offered)
    for each in offered:
        invented = "INVENTED" in each.title.upper() or "SYNTHETIC" in each.title
        assert invented == ("invented" in each.field), each.name


@pytest.mark.parametrize("name", REAL)
def test_a_real_review_is_made_and_run_by_two_commands(
    name: str, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert [arguments[1] for arguments in commands(name)][::2] == ["init", "run"]
    folder = made(name, cli, monkeypatch, tmp_path, limit=30)
    assert cli("check").code == 0
    assert len({row["decision"] for row in cli("export", "--json").json} - {""}) > 0
    assert cli("evaluate", "--stage", "abstract", "--json").json["reference_status"] == "human"
    credit = (folder / "gold" / "README.md").read_text("utf-8")
    assert "CC-BY 4.0" in credit
    assert "Changed from the source" in credit


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_real_review_is_checked_against_people_and_meets_its_abstracts_in_the_labelled_file(
    name: str, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared: Path
) -> None:
    made(name, cli, monkeypatch, tmp_path, run=400)
    found = cli("evaluate", "--stage", "abstract", "--json").json
    assert found["reference_status"] == "human"
    assert found["n"] + len(found["missing"]) > 800
    assert found["auroc"] > 0.5  # better than chance on titles alone; a direction, not a mark
    told = cli("import", shared / "screening" / f"{REAL[name]}.csv", "--json").json
    assert told["files"][0]["duplicate"] > 0.95 * told["files"][0]["read"]


def test_an_abstract_that_is_looked_up_by_title_alone_waits_for_a_person(
    serve: Any, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    cli("init", "few", "--example", "nagtegaal-2019")
    monkeypatch.chdir("few")
    shorten(3)
    with (shared / "screening" / "Nagtegaal_2019.csv").open(encoding="utf-8", newline="") as file_:
        rows = [row for _, row in zip(range(3), csv.DictReader(file_), strict=False)]
    serve(SemanticScholarPapers([Paper(row["title"], row["abstract"]) for row in rows]))
    assert cli("run", "--stage", "abstract", "--json").json["decided"] == 3
    told = cli("retrieve", "--enrich", "--service", "Semantic Scholar", "--json").json
    assert len(told["candidates"]) == 3
    numbers = [option for each in told["candidates"] for option in ("--accept", str(each["number"]))]
    assert cli("retrieve", *numbers).code == 0
    assert {row["has_abstract"] for row in cli("export", "--json").json} == {"yes"}


class TestTheInventedTrials:
    @pytest.fixture
    def folder(self, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        return made("invented-trials", cli, monkeypatch, tmp_path)

    def test_every_quote_of_gold_stands_in_the_paper(self) -> None:
        example = ROOT / "examples" / "invented-trials"
        text = {path.stem: shown(path) for path in (example / "full-texts").glob("*.html")}
        lines = [json.loads(line) for line in (example / "gold" / "extraction.jsonl").read_text("utf-8").splitlines()]
        assert Counter(line["id"] for line in lines) == {"inv-01": 80, "inv-02": 80}
        assert all((line["status"] == "reported") == bool(line["quote"]) for line in lines)
        assert [line for line in lines if line["quote"] and line["quote"] not in text[line["id"]]] == []
        assert all("INVENTED" in paper for paper in text.values())

    @pytest.mark.slow
    def test_its_tables_hold_outcomes_and_the_risk_of_bias_once_a_person_has_extracted(
        self, folder: Path, cli: Cli
    ) -> None:
        kept = cli("export", "--stage", "fulltext", "--json").json
        assert {row["id"] for row in kept if row["decision"] == "include"} == {"inv-01", "inv-02"}
        extract_as_gold(folder)
        rows = [dict(row) for row in csv.DictReader(io.StringIO(cli("export", "--table", "effects").out))]
        stopped, severity = ([row for row in rows if bool(row["ai"]) == counts] for counts in (True, False))
        assert [(row["ai"], row["n1i"], row["ci"], row["n2i"]) for row in stopped] == [
            ("29", "42", "17", "42"), ("19", "30", "14", "28"),
        ]  # fmt: skip
        assert [(row["m1i"], row["sd1i"], row["complete"]) for row in severity] == [
            ("2.8", "1.9", "yes"),
            ("3", "", "no"),
        ]
        bias = cli("export", "--table", "risk_of_bias", "--json").json["rows"]
        assert {(row["study"][:21], row["Comparison"], row["Measurement"], row["overall"]) for row in bias} == {
            ("Invented Authors 2021", "low", "low", "low"), ("Invented Authors 2019", "some", "high", "high"),
        }  # fmt: skip


def shown(path: Path) -> str:
    """The text of a paper without its markup, its blanks one each."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", path.read_text("utf-8"))).split())


def extract_as_gold(folder: Path) -> None:
    """Enter what gold says of the two papers as what a person extracted, and what the form's rules make of it."""
    items: dict[str, dict[str, ItemAnswer]] = {}
    for line in (folder / "gold" / "extraction.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        answer = ItemAnswer.model_validate({name: item[name] for name in ("status", "value", "other")})
        items.setdefault(item["id"], {})[item["path"]] = answer
    form = form_of(Review(folder))
    for name, answers in items.items():
        extract(folder, name, "anna", answers | derive(form, answers))
