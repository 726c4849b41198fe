"""Two reports of one study: linked by a person, extracted together, compared with gold once, and taken apart again."""

from pathlib import Path

import pytest
from support import Cli

from screener.ledger import documents, reads
from screener.ledger.store import Ledger


@pytest.fixture
def pair(judged: Path, cli: Cli) -> Path:
    """The preprint and the journal version of one synthetic study, each with its PDF and through full text."""
    for record, name in (("syn-08", "2399.90002v1.pdf"), ("syn-09", "jsct-4-519-published.pdf")):
        assert cli("attach", record, judged / "pdfs" / name).code == 0
    assert cli("run", "--stage", "fulltext", "--json").json["include"] == 2
    return judged


@pytest.mark.slow
def test_reports_of_one_study_are_extracted_together_and_compared_once(pair: Path, cli: Cli) -> None:
    assert "reports of one study" in cli("dedup", "merge", "syn-08", "syn-09", "--same-study").out
    assert cli("run", "--stage", "extraction", "--json").json["decided"] == 1
    rows = cli("export", "--stage", "extraction", "--json").json
    assert {row["id"] for row in rows} == {"syn-09"}  # the later report speaks for the study
    assert all("syn-08" in row["reports"] for row in rows)
    found = cli("evaluate", "--stage", "extraction", "--split", "all", "--json").json
    assert found["n"] == 1
    assert not {"syn-08", "syn-09"} & set(found["missing"])


@pytest.mark.slow
def test_a_study_is_taken_apart_again(pair: Path, cli: Cli) -> None:
    cli("dedup", "merge", "syn-08", "syn-09", "--same-study", "--who", "ada")
    [link] = cli("dedup", "list", "--json").json["links"]
    assert (link["kind"], link["who"], link["active"]) == ("same_study", "ada", True)
    assert cli("dedup", "split", "syn-08", "--same-study").code == 0
    assert cli("run", "--stage", "extraction", "--json").json["decided"] == 2
    assert cli("evaluate", "--stage", "extraction", "--split", "all", "--json").json["n"] == 2
    again = cli("dedup", "split", "syn-08", "--same-study")
    assert (again.code, "linked to no other record" in again.err) == (2, True)


def test_one_record_is_no_pair(pair: Path, cli: Cli) -> None:
    refused = cli("dedup", "merge", "syn-08", "syn-08", "--same-study")
    assert (refused.code, "one study already" in refused.err) == (2, True)


def test_gold_may_name_a_study_by_a_report_that_does_not_speak_for_it(pair: Path, cli: Cli) -> None:
    gold = pair / "gold" / "extraction.jsonl"
    lines = [line for line in gold.read_text(encoding="utf-8").splitlines() if '"syn-09"' not in line]
    gold.write_text("\n".join(lines) + "\n", encoding="utf-8")
    cli("dedup", "merge", "syn-08", "syn-09", "--same-study")
    cli("run", "--stage", "extraction")
    found = cli("evaluate", "--stage", "extraction", "--split", "all", "--json").json
    assert found["n"] == 1
    assert "syn-08" not in found["missing"]


def test_a_file_that_several_reports_of_a_study_have_is_in_the_study_once(blank: Path, cli: Cli) -> None:
    (blank / "records.csv").write_text(
        "id,title,year\na,An early report on sleepers,2019\nb,A report on runners,2020\nc,The last report of all,2021\n"
    )
    cli("import", "records.csv")
    (blank / "main.txt").write_text("The last report of all. We asked 90 runners.")
    (blank / "more.txt").write_text("Table S1. The daily dose was 7 mg.")
    for name in ("a", "b"):
        cli("attach", name, "more.txt", "--role", "supplement")
    cli("attach", "c", "main.txt")
    cli("dedup", "merge", "a", "b", "--same-study")
    cli("dedup", "merge", "b", "c", "--same-study")
    ledger = Ledger.of(blank / ".screener")
    with ledger.read() as connection:
        records = reads.records(connection)
    [study] = documents.as_studies(ledger, documents.reports(ledger, records))
    assert sorted(study.study) == ["a", "b", "c"]
    assert [one.name for one in study.attached] == ["main", "a supplement"]
