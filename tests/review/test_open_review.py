"""The Python interface does what the commands do: each method's document is what its command prints with --json."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Cli, Later

import screener
from screener.examples import copy_example
from screener.review.importing import NothingImported

pd = Later("pandas")


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path]:
    """The packaged example with PDFs twice, both with four of its papers."""
    folders = tmp_path / "by-python", tmp_path / "by-command"
    for folder in folders:
        copy_example("documents", folder)
        for path in sorted((folder / "pdfs").glob("*.pdf"))[4:]:
            path.unlink()
    return folders


def same(document: Any, folder: Path) -> Any:
    """A document without what differs from one run to the next, and without the folder that it is about."""
    if isinstance(document, dict):
        left_out = ("run_id", "seconds", "at", "made", "ledger")
        return {key: same(value, folder) for key, value in document.items() if key not in left_out}
    if isinstance(document, list | tuple):
        return [same(part, folder) for part in document]
    return document.replace(str(folder), "FOLDER") if isinstance(document, str) else document


@pytest.mark.slow
def test_the_whole_way_through_python_is_the_way_through_the_commands(
    twins: tuple[Path, Path], cli: Cli, tmp_path: Path
) -> None:
    python, command = twins
    review = screener.open(python)

    def by_command(*arguments: str | Path) -> Any:
        return same(cli(*arguments, "--review", command, "--json").json, command)

    def printed(*arguments: str | Path) -> Any:
        return same(cli(*arguments, "--review", python, "--json").json, python)

    def by_python(result: Any) -> Any:
        return same(json.loads(json.dumps(result.as_json())), python)

    imported = review.import_files(python / "gold" / "records.csv", source="Example")
    assert imported.new == imported.records == 14
    assert by_python(imported) == by_command("import", command / "gold" / "records.csv", "--source", "Example")

    assert by_python(review.plan("abstract")) == by_command("run", "--stage", "abstract", "--dry-run")
    run = review.run("abstract")
    assert run.include + run.exclude + run.unclear == run.decided == 14
    assert by_python(run) == by_command("run", "--stage", "abstract")

    decisions = tmp_path / "decisions.csv"
    decisions.write_text(
        "id,decision,reviewer\nsyn-01,include,ada\nsyn-01,include,ben\nsyn-02,exclude,ada\nnobody,include,ada\n"
    )
    labelled = review.label(decisions, "abstract")
    assert (labelled.entered, [row for row, _ in labelled.rejected]) == (3, [4])
    assert by_python(labelled) == by_command("label", decisions, "--stage", "abstract")

    pdfs = review.import_pdfs(python / "pdfs")
    assert pdfs.counts["matched"] == 4
    assert by_python(pdfs) == by_command("import", "--pdfs", command / "pdfs")
    for stage in ("fulltext", "extraction"):
        assert by_python(review.run(stage)) == by_command("run", "--stage", stage)

    for stage, split in (("abstract", "dev"), ("fulltext", "test"), ("extraction", "all")):
        evaluated = review.evaluate(stage, split=split)
        document = by_python(evaluated)
        assert evaluated.n == document["n"] > 0
        assert document == printed("evaluate", "--stage", stage, "--split", split)
    recall = review.evaluate("fulltext").figures["recall"]
    document = review.evaluate("fulltext").as_json()["recall"]
    assert (recall.value, recall.low, recall.high) == (document["value"], document["low"], document["high"])

    for stage in ("abstract", "fulltext", "extraction"):
        assert by_python(review.export(stage)) == printed("export", "--stage", stage)
    assert by_python(review.report()) == printed("report")
    assert by_python(review.status()) == printed("status")

    merged = review.merge("syn-03", "syn-04", who="ada")
    assert cli("dedup", "merge", "syn-03", "syn-04", "--who", "ada", "--review", command, "--json").json == {
        "record": merged
    }
    links = review.links()
    assert [(link.kind, link.who) for link in links] == [("duplicate", "ada")]
    assert [link.as_json() for link in links] == printed("dedup", "list")["links"]
    assert review.split(merged, who="ada") == by_command("dedup", "split", merged, "--who", "ada")["records"]
    linked = review.link_study("syn-08", "syn-09", who="ada")
    assert by_python(linked) == by_command("dedup", "merge", "syn-08", "syn-09", "--same-study", "--who", "ada")
    assert review.unlink_study("syn-08") == 1


def test_rows_are_frozen_dataclasses_and_a_frame_with_their_fields(ecg: Path) -> None:
    with screener.open(ecg) as review:
        review.run("abstract", limit=20)
        records, judgements = review.records("abstract"), review.judgements("abstract", reviewer="embedded")
        assert len(judgements) == 20 < len(records) == len(review.records())
        judged = {row.record_id: row for row in judgements}
        row = next(row for row in records if row.status == "suggested")
        assert row.decision == judged[row.id].decision
        assert row.decided_by == judged[row.id].reviewer == "embedded"
        assert not any(row.status for row in review.records())
        assert review.judgements("abstract", role="human") == ()
        with pytest.raises(dataclasses.FrozenInstanceError):
            row.decision = "include"  # type: ignore[misc]
        frame = records.frame()
        assert isinstance(frame, pd.DataFrame)
        assert list(frame.columns) == [field.name for field in dataclasses.fields(row)]
        assert list(frame["id"]) == [row.id for row in records]
        exported = review.export()
        assert list(exported.frame().columns) == list(exported.columns)
        assert len(exported.frame()) == exported.count == len(records)


def test_files_are_written_only_where_one_is_named(ecg: Path, cli: Cli, tmp_path: Path) -> None:
    review = screener.open(ecg)
    review.run("abstract", limit=5)
    result = review.export(format="csv", output=tmp_path / "decisions.csv")
    assert (tmp_path / "decisions.csv").read_bytes() == result.content == cli("export").out.encode()
    assert (
        review.export(format="ris", only="open").content.decode()
        == cli("export", "--format", "ris", "--only", "open").out
    )
    before = set(ecg.iterdir())
    assert review.report().path is None
    assert set(ecg.iterdir()) == before
    page = review.report(tmp_path / "page.html")
    assert page.path is not None
    assert "</html>" in page.path.read_text()
    audit = review.report(tmp_path / "audit.zip", audit=True, texts=False)
    assert audit.audit is not None
    assert cli("check", "--audit", tmp_path / "audit.zip", "--json").code == 0
    assert audit.as_json()["texts"] is False


def test_what_cannot_be_used_is_one_clear_line(ecg: Path, tmp_path: Path) -> None:
    with pytest.raises(screener.BadInput, match="no such folder; make a review with"):
        screener.open(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(screener.BadInput, match=r"no review here \(prompts/review\.yaml is missing\)"):
        screener.open(tmp_path / "empty")
    # A folder inside a review is not the review: only the command line looks further up.
    with pytest.raises(screener.BadInput, match="no review here"):
        screener.open(ecg / "gold")
    review = screener.open(ecg)
    assert not (ecg / ".screener").exists()
    for call, line in (
        (lambda: review.run("abstracts"), "stage: `abstracts` is none of abstract, fulltext, extraction"),
        (lambda: review.run("abstract", "nobody"), "no reviewer is named `nobody`"),
        (lambda: review.export(format="docx"), "`docx` is none of"),
        (lambda: review.export(only="kept"), "--only: goes with"),
        (lambda: review.evaluate("abstract", split="all"), "`all` is neither test nor dev"),
        (lambda: review.label(tmp_path / "none.csv", "abstract"), "no such file"),
    ):
        with pytest.raises(screener.BadInput, match=line) as raised:
            call()
        assert "\n" not in str(raised.value)


def test_files_that_cannot_be_read_stop_no_other_one_and_none_at_all_is_an_error(blank: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("title,year\nA title of a record,2024\n")
    bad.write_text("")
    review = screener.open(blank)
    with pytest.raises(NothingImported, match="the file is empty") as raised:
        review.import_files([bad])
    assert raised.value.result.as_json()["files"][0]["path"] == str(bad)
    assert not (blank / ".screener").exists()
    result = review.import_files([str(bad), good])
    assert ([file.path for file in result.failed], result.records) == ([bad], 1)


def test_a_listener_is_told_of_what_a_run_does(ecg: Path) -> None:
    from screener.review.running import RunListener

    heard: list[str] = []
    listener = RunListener(
        first_records=lambda imported: heard.append(f"{imported.new} records"),
        started=lambda tasks: heard.extend(task.name for task in tasks),
        progress=lambda summary, left: heard.append(f"{summary.decided} and {left} left"),
    )
    screener.open(ecg).run("abstract", limit=3, listener=listener)
    assert heard[0].endswith(" records")
    assert heard[1] == "embedded"
    assert heard[-1] == "3 and 0 left"


def test_the_package_says_that_it_is_typed_and_imports_nothing_heavy_by_itself() -> None:
    assert (ROOT / "screener" / "py.typed").is_file()
    program = (
        "import sys, screener; print(*(n for n in ('numpy', 'pandas', 'sqlalchemy', 'pydantic') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""
    with pytest.raises(AttributeError, match="no attribute 'close'"):
        screener.close  # noqa: B018
