"""What stands for a record in the formats of other tools, and what other parsers find in them."""

import csv
import io
import json
from pathlib import Path

import pytest
from bibtexparser.entrypoint import parse_string
from support import Cli
from support.web_app import small_review

from screener.core.judgement import Decision, Stage
from screener.exchange.export import columns_of
from screener.exchange.exporters import as_csv
from screener.exchange.other_tools import ToolRecord
from screener.exchange.writers import as_bibtex, as_eppi, as_nbib
from screener.exchange.writers.columns import COLUMNS, bibliographic
from screener.protocol import Review
from screener.records import Record, read_file


def handed(final: Decision | None = None, reason: str = "", **fields: object) -> ToolRecord:
    return ToolRecord(Record.model_validate({"id": "r 1", "title": "Mice", **fields}), final, reason, {}, [])


def test_another_parser_of_bibtex_finds_every_entry_and_nothing_broken() -> None:
    odd = [handed(title=title) for title in ("50% {of} \\alpha", "a } b { c", '"quoted" # $5', "@article{x,", "")]
    library = parse_string(as_bibtex(odd))
    assert (len(library.entries), library.failed_blocks) == (5, [])
    assert [entry.key for entry in library.entries] == ["r-1", "r-1-2", "r-1-3", "r-1-4", "r-1-5"]


def test_bibtex_names_the_kind_and_fields_that_styles_read() -> None:
    thesis = as_bibtex(
        [handed(reference_type="THES", publisher="MIT", authors=["Zhu, X.", "World Health Organization"])]
    )
    assert thesis.startswith("@phdthesis{r-1,\n")
    assert "  school = {MIT},\n" in thesis
    assert "  author = {Zhu, X. and {World Health Organization}},\n" in thesis
    paper = as_bibtex([handed(reference_type="CPAPER", venue="Proc. X", year=2024, pages="4–9",
                              dates=[{"kind": "published", "value": "2024-03-09"}])])  # fmt: skip
    assert paper.startswith("@inproceedings{")
    for line in ("booktitle = {Proc. X}", "year = {2024}", "month = mar", "day = {9}", "pages = {4--9}"):
        assert f"  {line},\n" in paper


def test_what_is_final_stands_in_bibtex_and_medlines_lines_with_its_reason_and_nothing_else_does() -> None:
    final, still_open = handed(Decision.EXCLUDE, "no {mice}\n& rats"), handed()
    assert "  screening = {exclude},\n" in as_bibtex([final])
    assert r"screening_reason = {no \textbraceleft{}mice\textbraceright{} \& rats}" in as_bibtex([final])
    assert "GN  - Screening: exclude; no {mice} & rats\n" in as_nbib([final])
    assert "screening" not in as_bibtex([still_open])
    assert "GN  -" not in as_nbib([still_open])


def test_medlines_lines_are_read_with_records_that_have_no_pmid(tmp_path: Path) -> None:
    path = tmp_path / "a.nbib"
    path.write_text(as_nbib([handed(), handed(pmid="12"), handed(), handed(reference_type="THES")]), encoding="utf-8")
    read = read_file(path)
    assert (read.format, [hit.entry.pmid for hit in read.hits]) == ("MEDLINE", [None, "12", None, None])
    assert [hit.entry.reference_type for hit in read.hits] == ["GEN", "GEN", "GEN", "THES"]


def test_eppi_reviewer_gets_a_code_for_what_is_final() -> None:
    document = json.loads(as_eppi([
        handed(Decision.INCLUDE), handed(Decision.EXCLUDE, "signal"), handed(Decision.UNCLEAR), handed(reference_type="THES"),
    ]))  # fmt: skip
    (codes,) = [code_set["Attributes"]["AttributesList"] for code_set in document["CodeSets"]]
    kinds = {code["AttributeId"]: (code["AttributeName"], code["AttributeType"]) for code in codes}
    given = [
        [(*kinds[code["AttributeId"]], code["AdditionalText"]) for code in r["Codes"]] for r in document["References"]
    ]
    assert given == [[("Include", "Include", "")], [("Exclude", "Exclude", "signal")], [("Unclear", "Include", "")], []]
    assert [r["ItemStatus"] for r in document["References"]] == ["I", "E", "I", "I"]
    assert [(r["ItemId"], r["OldItemId"]) for r in document["References"]][:2] == [(1, "r 1"), (2, "r 1")]
    assert document["References"][3]["TypeName"] == "Dissertation"


def test_new_columns_stand_behind_those_that_programs_rely_on_and_a_criterion_keeps_its_own(ecg: Path) -> None:
    protocol = Review(ecg).stage(Stage.ABSTRACT)
    columns = columns_of(Stage.ABSTRACT, protocol)
    assert columns[:4] == ["id", "title", "doi", "year"]
    assert len(set(columns)) == len(columns)
    assert set(COLUMNS) <= set(columns)
    assert columns.index("text_changed_since") < columns.index("authors")
    renamed = protocol.criteria[0].model_copy(update={"id": "language"})
    clashing = columns_of(Stage.ABSTRACT, protocol.model_copy(update={"criteria": [renamed]}))
    assert clashing.count("language") == 1
    assert clashing.index("language") < clashing.index("has_abstract")


def test_an_apostrophe_that_defuses_a_cell_is_taken_away_again(tmp_path: Path) -> None:
    titles = ["=1+1", "-omics of mice", "'=1+1", "'quoted' mice", "+1", "@home"]
    rows = [bibliographic(handed().record) | {"title": title, "doi": f"10.1000/{n}"} for n, title in enumerate(titles)]
    path = tmp_path / "a.csv"
    path.write_bytes(as_csv([{name: row[name] for name in ("title", "doi")} for row in rows], ["title", "doi"]))
    written = [row["title"] for row in csv.DictReader(io.StringIO(path.read_text()))]
    assert written == ["'=1+1", "'-omics of mice", "''=1+1", "'quoted' mice", "'+1", "'@home"]
    assert [hit.entry.title for hit in read_file(path).hits] == titles


@pytest.mark.parametrize("format", ["csv", "ris"])
def test_an_export_imported_into_another_review_brings_records_and_decisions(
    tmp_path: Path, cli: Cli, format: str
) -> None:
    first, other, path = tmp_path / "first", tmp_path / "other", tmp_path / f"all.{format}"
    small_review(first, 3)
    small_review(other, 1)
    labels = tmp_path / "labels.csv"
    labels.write_text("id,ada,ben\nr0,include,include\nr1,exclude,exclude\n")
    people = ("--column", "ada=ada", "--column", "ben=ben")
    assert cli("label", labels, "--stage", "abstract", *people, "--review", first).code == 0
    assert cli("export", "--format", format, "-o", path, "--review", first).code == 0
    assert cli("import", path, "--source", "elsewhere", "--review", other).code == 0
    reviewer = () if format == "ris" else ("--reviewer", "cem")
    done = cli("label", path, "--stage", "abstract", *reviewer, "--review", other, "--json").json
    entered = {name: said["entered"] for name, said in done["reviewers"].items()}
    assert entered == ({"ada": 2, "ben": 2} if format == "ris" else {"cem": 2})
    assert done["rejected"] == []
