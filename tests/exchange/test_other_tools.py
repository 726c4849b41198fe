"""Exports that other screening tools read back: RIS with Rayyan's and ASReview's notes, ASReview's table, a workbook."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest
from support import BroughtOnce, Cli, Later
from support.web_app import small_review

from screener.exchange.xlsx import workbook
from screener.records import read_file

openpyxl = Later("openpyxl")


@pytest.fixture
def folder(tmp_path: Path, cli: Cli, brought_once: BroughtOnce) -> Path:
    """Two people agree on r0 and r1, differ on r2, and one of them is unsure of r4."""
    folder = tmp_path / "review"
    brought_once("judged-by-two", folder, lambda: judged_by_two(tmp_path, folder, cli))
    return folder


def judged_by_two(tmp_path: Path, folder: Path, cli: Cli) -> None:
    small_review(folder, 6)
    labels = tmp_path / "labels.csv"
    labels.write_text(
        'id,decision,reviewer,reason\nr0,include,ada,\nr0,include,"Ben ""B"" O",\nr1,exclude,ada,"mice, and | rats"\n'
        'r1,exclude,"Ben ""B"" O",mice\nr2,include,ada,\nr2,exclude,"Ben ""B"" O",no ECG\nr4,unclear,ada,\n'
    )
    done = cli("label", labels, "--stage", "abstract", "--review", folder)
    assert done.code == 0, done.err + done.out


def exported(cli: Cli, folder: Path, *more: str) -> str:
    done = cli("export", "--review", folder, *more)
    assert done.code == 0, done.err
    return done.out


def test_ris_is_read_back_with_every_persons_decision(folder: Path, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "all.ris").write_text(exported(cli, folder, "--format", "ris"), encoding="utf-8")
    again = tmp_path / "again"
    small_review(again, 6)
    done = cli("label", tmp_path / "all.ris", "--stage", "abstract", "--review", again, "--json").json
    assert done["format"] == "screener (RIS)"
    assert {name: said["entered"] for name, said in done["reviewers"].items()} == {"ada": 4, 'Ben "B" O': 3}
    assert done["rejected"] == []
    assert done["agreement"]["records"] == 3
    assert done["agreement"]["same"] == 2


def test_a_ruling_is_in_what_stands_and_not_among_the_people(folder: Path, cli: Cli, tmp_path: Path) -> None:
    ruled = tmp_path / "ruled.csv"
    ruled.write_text("id,zoe\nr2,exclude\n")
    assert cli("label", ruled, "--stage", "abstract", "--column", "zoe=zoe:adjudicator", "--review", folder).code == 0
    record = exported(cli, folder, "--format", "ris").split("ER  - ")[2]
    assert "ID  - r2\n" in record
    assert "ASReview_irrelevant" in record
    assert [line for line in record.splitlines() if "zoe" in line] == [
        line for line in record.splitlines() if "SCREENER-JUDGEMENTS" in line
    ]


def test_ris_carries_reasons_criteria_and_adjudications_and_matches_by_its_ids(
    folder: Path, cli: Cli, tmp_path: Path
) -> None:
    rulings = tmp_path / "ruled.csv"
    rulings.write_text("id,decision,criterion,reason\nr2,exclude,signal,no <b>ECG</b> & none\n")
    assert cli("label", rulings, "--stage", "abstract", "--reviewer", "zoe:adjudicator", "--review", folder).code == 0
    path = tmp_path / "all.ris"
    path.write_text(
        exported(cli, folder, "--format", "ris").replace("TI  - Paper 2 on the ECG", "TI  - Paper 2 on the EC…")
    )
    again = tmp_path / "again"
    small_review(again, 6)
    done = cli("label", path, "--stage", "abstract", "--review", again, "--json").json
    assert done["rejected"] == []
    assert said_of(again) == said_of(folder)
    assert ("r2", "zoe", "adjudicator", "exclude", "no <b>ECG</b> & none", {"signal": {"value": "no"}}) in said_of(
        again
    )
    # What was decided in Rayyan since is newer; what Rayyan does not hold stays.
    text = path.read_text().replace('"ada"=>"Included", "Ben', '"ada"=>"Excluded", "Ben', 1)
    path.write_text(text)
    cli("label", path, "--stage", "abstract", "--review", again)
    assert [row[3] for row in said_of(again) if row[:2] == ("r0", "ada")] == ["exclude", "include"]
    assert len(said_of(again)) == len(said_of(folder)) + 1
    # A note that was cut off is no decision, and told.
    path.write_text(text.replace("]}\nN1  - ASReview_", "\nN1  - ASReview_", 1))
    damaged = cli("label", path, "--stage", "abstract", "--review", again, "--json")
    assert "is damaged" in damaged.json["rejected"][0]["reason"]


def said_of(folder: Path) -> list[tuple[object, ...]]:
    """What people said, as far as RIS carries it."""
    with sqlite3.connect(folder / ".screener" / "ledger.db") as connection:
        query = (
            "SELECT record_id, reviewer, role, decision, body FROM judgements WHERE role IN ('human', 'adjudicator')"
        )
        bodies = [(*row[:4], json.loads(row[4])) for row in connection.execute(query)]
    return sorted(
        ((*row, body.get("reason", ""), body.get("answers", {})) for *row, body in bodies), key=lambda row: row[:4]
    )


@pytest.mark.slow
def test_a_real_review_comes_back_as_it_was(tmp_path: Path, cli: Cli, shared: Path) -> None:
    file, said = shared / "screening" / "SLR_on_TCP.csv", {}
    for name in ("first", "second"):
        folder = tmp_path / name
        small_review(folder, 1)
        assert cli("import", file, "--review", folder).code == 0
        labels = file if name == "first" else tmp_path / "all.ris"
        done = cli("label", labels, "--stage", "abstract", "--review", folder, "--json").json
        said[name] = (done["agreement"]["records"], done["agreement"]["same"])
        (tmp_path / "all.ris").write_text(exported(cli, folder, "--format", "ris"), encoding="utf-8")
    assert said["first"] == said["second"] == (778, 605)


def test_ris_has_what_the_records_say_and_tags_as_labels(folder: Path, cli: Cli, tmp_path: Path) -> None:
    from screener.core.judgement import Stage
    from screener.ledger.store import Ledger
    from screener.ledger.tags import set_tag

    with Ledger.of(folder / ".screener").write() as connection:
        set_tag(connection, Stage.ABSTRACT, "r0", "ada", "to discuss")
    path = tmp_path / "all.ris"
    path.write_text(exported(cli, folder, "--format", "ris"), encoding="utf-8")
    read = read_file(path)
    assert [hit.entry.given_id for hit in read.hits] == [f"r{n}" for n in range(6)]
    assert read.hits[0].entry.title == "Paper 0 on the ECG"
    assert read.hits[0].entry.abstract.startswith("We train a model 0")
    assert read.hits[0].entry.year == 2020
    text = path.read_text()
    assert "RAYYAN-LABELS: to discuss" in text
    assert "RAYYAN-EXCLUSION-REASONS: mice; and / rats,mice" in text
    notes = [line[6:] for line in text.splitlines() if "ASReview_" in line]
    assert notes == ["ASReview_relevant", "ASReview_irrelevant", *["ASReview_not_seen"] * 4]


def test_one_list_at_a_time_for_tools_that_read_no_decisions(folder: Path, cli: Cli) -> None:
    def ids(only: str) -> list[str]:
        return [
            line[6:]
            for line in exported(cli, folder, "--format", "ris", "--only", only).splitlines()
            if line[:2] == "ID"
        ]

    assert (ids("kept"), ids("excluded"), ids("open")) == (["r0"], ["r1"], ["r2", "r3", "r4", "r5"])
    assert cli("export", "--review", folder, "--format", "ris", "--only", "some").code == 2
    assert cli("export", "--review", folder, "--only", "kept").code == 2


def test_asreviews_table_has_a_label_where_something_is_final_and_is_read_back(
    folder: Path, cli: Cli, tmp_path: Path
) -> None:
    text = exported(cli, folder, "--format", "asreview")
    assert [row["included"] for row in csv.DictReader(io.StringIO(text))] == ["1", "0", "", "", "", ""]
    path = tmp_path / "asreview.csv"
    path.write_text(text, encoding="utf-8")
    done = cli("label", path, "--reviewer", "cem", "--stage", "abstract", "--review", folder, "--json").json
    assert (done["format"], done["entered"], done["unjudged"]) == ("ASReview", 2, 4)


def test_a_workbook_holds_the_same_table_and_no_formula(folder: Path, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "decisions.xlsx"
    assert cli("export", "--review", folder, "--format", "xlsx").code == 2
    assert cli("export", "--review", folder, "--format", "xlsx", "-o", path).code == 0
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    plain = list(csv.reader(io.StringIO(exported(cli, folder))))
    assert list(rows[0]) == plain[0]
    assert [row[0] for row in rows[1:]] == [row[0] for row in plain[1:]]
    assert rows[1][3] == 2020
    made = io.BytesIO(workbook([{"a": "=1+1", "b": "x\x00<&>\n  y"}], ["a", "b"]))
    cells = next(openpyxl.load_workbook(made).active.iter_rows(min_row=2))  # type: ignore[union-attr]
    assert [cell.data_type for cell in cells] == ["s", "s"]
    assert [cell.value for cell in cells] == ["=1+1", "x<&>\n  y"]


def test_no_cell_of_asreviews_table_is_a_formula_and_no_name_ends_rayyans_list_early() -> None:
    from screener.core.judgement import Decision, Judgement
    from screener.exchange.decisions.notes import rayyan
    from screener.exchange.other_tools import ToolRecord, as_asreview, rayyan_note
    from screener.records import Record

    record = Record.model_validate({"id": "r1", "title": "=HYPERLINK(1)", "abstract": "@x", "venue": "+v"})
    said = Judgement(decision=Decision.EXCLUDE, stated=True, reason="-1 | RAYYAN")
    one = ToolRecord(record, Decision.EXCLUDE, said.reason, {'a}"b': said, "cem": said}, ["odd | tag"])
    (row,) = csv.DictReader(io.StringIO(as_asreview([one])))
    assert [row[name] for name in ("title", "abstract", "journal", "notes")] == [
        "'=HYPERLINK(1)", "'@x", "'+v", "'-1 | RAYYAN",
    ]  # fmt: skip
    assert [opinion.reviewer for opinion in rayyan(rayyan_note(one))] == ['a)"b', "cem"]
    assert "odd / tag" in rayyan_note(one)


@pytest.mark.parametrize("format", ["ris", "asreview"])
def test_json_of_a_format_for_other_tools_is_one_document_with_the_text_of_the_file(
    folder: Path, cli: Cli, tmp_path: Path, format: str
) -> None:
    text = exported(cli, folder, "--format", format)
    printed = cli("export", "--review", folder, "--format", format, "--json").json
    assert printed == {"format": format, "records": 6, "path": None, "content": text}
    path = tmp_path / "out.txt"
    written = cli("export", "--review", folder, "--format", format, "--json", "-o", path).json
    assert written == {"format": format, "records": 6, "path": str(path), "content": None}
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx"])
def test_json_prints_all_rows_and_writes_the_file_that_was_asked_for(
    folder: Path, cli: Cli, tmp_path: Path, format: str
) -> None:
    path = tmp_path / f"out.{format}"
    printed = cli("export", "--review", folder, "--format", format, "--json", "-o", path).json
    assert [row["id"] for row in printed] == [f"r{n}" for n in range(6)]
    assert path.stat().st_size > 0


def judged(cli: Cli, folder: Path) -> dict[str, tuple[str, str]]:
    """Return what people have decided, and why, by record."""
    rows = map(json.loads, exported(cli, folder, "--format", "judgements").splitlines())
    return {row["record"]: (row["decision"], row.get("reason", "")) for row in rows}


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx", "asreview", "bibtex", "nbib", "eppi"])
def test_what_is_final_comes_back_from_every_format_that_carries_it(
    format: str, folder: Path, cli: Cli, tmp_path: Path
) -> None:
    out = tmp_path / f"out.{format}"
    assert cli("export", "--review", folder, "--format", format, "-o", out).code == 0
    again = tmp_path / "again"
    small_review(again, 6)
    done = cli("label", out, "--stage", "abstract", "--reviewer", "zoe", "--review", again, "--json").json
    assert (done["rejected"], done["reviewers"]) == ([], {"zoe": {"role": "human", "entered": 2, "unchanged": 0}})
    decided = judged(cli, again)
    assert {record: decision for record, (decision, _) in decided.items()} == {"r0": "include", "r1": "exclude"}
    assert "mice" in decided["r1"][1]


def test_codes_of_another_tool_decide_by_their_kind_and_an_exclusion_has_its_name(
    folder: Path, cli: Cli, tmp_path: Path
) -> None:
    report = json.loads(exported(cli, folder, "--format", "eppi"))
    (codes,) = report["CodeSets"]
    codes["SetDescription"] = ""
    parent, *rest = codes["Attributes"]["AttributesList"]
    codes["Attributes"]["AttributesList"] = [parent | {"Attributes": {"AttributesList": rest}}]
    for code in rest:
        code["AttributeName"] = "EXCLUDE on species"
    for reference in report["References"]:
        reference["OldItemId"] = "7"
        for code in reference["Codes"]:
            code["AdditionalText"] = ""
    (tmp_path / "eppi.json").write_text(json.dumps(report), encoding="utf-8")
    again = tmp_path / "again"
    small_review(again, 6)
    done = cli(
        "label", tmp_path / "eppi.json", "--stage", "abstract", "--reviewer", "zoe", "--review", again, "--json"
    ).json
    assert (done["entered"], done["unjudged"], done["rejected"]) == (2, 4, [])
    assert judged(cli, again) == {"r0": ("include", ""), "r1": ("exclude", "EXCLUDE on species")}


@pytest.mark.parametrize("format", ["bibtex", "nbib", "eppi"])
def test_a_file_without_decisions_needs_them_said(format: str, cli: Cli, tmp_path: Path) -> None:
    review, out = tmp_path / "review", tmp_path / "out"
    small_review(review, 2)
    assert cli("export", "--review", review, "--format", format, "-o", out).code == 0
    refused = cli("label", out, "--stage", "abstract", "--reviewer", "zoe", "--review", review)
    assert (refused.code, "say --decision" in refused.err) == (2, True)
    done = cli(
        "label", out, "--stage", "abstract", "--reviewer", "zoe", "--decision", "include", "--review", review, "--json"
    )
    assert done.json["entered"] == 2


def test_a_workbook_that_cuts_a_text_names_its_record(cli: Cli, tmp_path: Path) -> None:
    review, long = tmp_path / "review", tmp_path / "long.csv"
    small_review(review, 2)
    long.write_text(f"id,title,abstract\nlong,A title of its own for hearts,{'word ' * 7_000}\n", encoding="utf-8")
    assert cli("import", long, "--review", review).code == 0
    done = cli("export", "--review", review, "--format", "xlsx", "-o", tmp_path / "out.xlsx")
    assert (done.code, "1 record has a text longer than the 32,767 characters of a cell" in done.err) == (0, True)
    assert "(long)" in done.err
    done = cli("export", "--review", review, "--format", "csv", "-o", tmp_path / "out.csv")
    assert (done.code, "longer" in done.err) == (0, False)
