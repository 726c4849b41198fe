"""Full texts as a user brings them in: a folder matched to records, files by hand, and the search for what is missing."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas
from support import Cli
from support.documents import LOREM, WIDTH, draw
from support.scans import write_partly_scanned, write_pictures, write_scan

from screener.core.judgement import Stage
from screener.documents.report import Attached, Report
from screener.ledger.documents import attached
from screener.ledger.store import Ledger
from screener.protocol.model import find_review
from screener.stages.state import records_for

pytestmark = pytest.mark.slow


def gold_documents(review: Path) -> list[dict[str, str]]:
    with (review / "gold" / "documents.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def holdings(review: Path) -> dict[str, dict[str, str]]:
    """What is attached now: by record, the name of each document and its file."""
    with Ledger.of(review / ".screener").read() as connection:
        found = attached(connection)
    return {
        name: {one.name: Path(one.file).name for one in documents} for name, documents in found.items() if documents
    }


def attachment_of(review: Path, record_id: str) -> Attached:
    """The one document of a record."""
    with Ledger.of(review / ".screener").read() as connection:
        [document] = attached(connection)[record_id]
    return document


def by_file(done: Any) -> dict[str, dict[str, Any]]:
    return {Path(one["path"]).name: one for one in done["pdfs"]}


def rows(cli: Cli, stage: str = "fulltext") -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in csv.DictReader(io.StringIO(cli("export", "--stage", stage).out))}


def report_counts(cli: Cli) -> Any:
    return cli("status", "--json").json["stages"]["fulltext"]["reports"]


def write_paper(path: Path, title: str, *paragraphs: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join([title, *paragraphs]), encoding="utf-8")
    return path


def label(cli: Cli, folder: Path, stage: str, reviewer: str, decisions: Sequence[dict[str, str]]) -> None:
    file = folder / f"{reviewer}-{stage}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(decisions[0]))
        writer.writeheader()
        writer.writerows(decisions)
    done = cli("label", file, "--reviewer", reviewer, "--stage", stage, "--json")
    assert done.json["rejected"] == []


# -- a folder ---------------------------------------------------------------------------------------------------------


def test_every_file_of_the_folder_has_one_entry_and_goes_to_its_own_record(documents: Path, cli: Cli) -> None:
    done = cli("import", "--pdfs", "pdfs", "--json")
    assert done.code == 0
    assert "imported 14 records" in done.err
    found = by_file(done.json)
    assert len(done.json["pdfs"]) == len(found) == 12
    for row in gold_documents(documents):
        entry = found[row["file"]]
        assert {"path", "status", "record", "pages", "reason"} <= set(entry)
        assert entry["status"] in ("matched", "ambiguous")
        assert entry["pages"] == len(PdfReader(documents / "pdfs" / row["file"]).pages)
        assert entry["reason"]
        if entry["status"] == "matched":
            assert (entry["record"], entry["document"]) == (row["id"], row["document"])
        else:  # a first page that names two records is for a person
            assert entry["record"] is None
            assert row["id"] in entry["candidates"]
            assert cli("attach", row["id"], f"pdfs/{row['file']}").code == 0
    expected: dict[str, dict[str, str]] = {}
    for row in gold_documents(documents):
        expected.setdefault(row["id"], {})[row["document"]] = row["file"]
    assert holdings(documents) == expected


def test_what_people_read_of_an_import_says_why_and_what_next(documents: Path, cli: Cli) -> None:
    done = cli("import", "--pdfs", "pdfs")
    assert "DOI on page one" in done.out
    assert "syn-10 (supplement)" in done.out
    assert "of 12 files." in done.out
    assert "screener attach RECORD FILE" in done.out


def test_the_files_are_kept_by_their_hash(documents: Path, cli: Cli) -> None:
    cli("import", "--pdfs", "pdfs")
    cli("attach", "syn-01", "pdfs/0101_final_v3.pdf")
    with Ledger.of(documents / ".screener").read() as connection:
        for one in [one for found in attached(connection).values() for one in found]:
            kept = documents / ".screener" / "documents" / f"{one.sha256}.pdf"
            assert kept.read_bytes() == (documents / one.file).read_bytes()
    copies = documents / ".screener" / "documents"
    assert not list(copies.glob("*.partial"))
    names = {path.name for path in copies.iterdir()}
    next(iter(copies.iterdir())).unlink()
    cli("import", "--pdfs", "pdfs")
    assert {path.name for path in copies.iterdir()} == names, "what is matched is there, also what was attached before"


def test_importing_again_adds_nothing_and_respects_what_was_done_by_hand(documents: Path, cli: Cli) -> None:
    first = by_file(cli("import", "--pdfs", "pdfs", "--json").json)
    open_ = next(name for name, one in first.items() if one["status"] == "ambiguous")
    cli("attach", "syn-09", f"pdfs/{open_}")
    cli("attach", "syn-01", "--remove", "main", "--reviewer", "anna")
    before = holdings(documents)
    again = by_file(cli("import", "--pdfs", "pdfs", "--json").json)
    assert holdings(documents) == before
    assert (again[open_]["status"], again[open_]["record"], again[open_]["known"]) == ("matched", "syn-09", True)
    taken = again["0101_final_v3.pdf"]
    assert (taken["status"], taken["record"]) == ("ambiguous", None)
    assert "anna" in taken["reason"]
    assert all(one["known"] for name, one in again.items() if name != "0101_final_v3.pdf")


def test_an_unreadable_file_is_one_entry_and_stops_nothing(documents: Path, cli: Cli) -> None:
    whole = (documents / "pdfs" / "paper.pdf").read_bytes()
    (documents / "some").mkdir()
    (documents / "some" / "cut.pdf").write_bytes(whole[: len(whole) // 3])
    (documents / "some" / "empty.pdf").write_bytes(b"")
    shutil.copy(documents / "pdfs" / "afmc-263.pdf", documents / "some")
    done = cli("import", "--pdfs", "some", "--json")
    assert done.code == 3
    found = by_file(done.json)
    assert {name: one["status"] for name, one in found.items()} == {
        "cut.pdf": "unreadable",
        "empty.pdf": "unreadable",
        "afmc-263.pdf": "matched",
    }
    for name in ("cut.pdf", "empty.pdf"):
        assert name in found[name]["reason"]
        assert "\n" not in found[name]["reason"]
        assert (found[name]["record"], found[name]["pages"]) == (None, 0)


def test_a_file_name_that_is_no_text_stops_nothing(documents: Path) -> None:
    (documents / "some").mkdir()
    shutil.copy(documents / "pdfs" / "afmc-263.pdf", documents / "some" / os.fsdecode(b"caf\xe9.pdf"))
    # In a process of its own, where a stream of UTF-8 takes no such name.
    command = [sys.executable, "-c", "from screener.cli.main import main; main()", "import", "--pdfs", "some", "--json"]
    strict = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(command, cwd=documents, env=strict, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout.decode("utf-8"))["pdfs"]
    assert (one["status"], one["record"]) == ("matched", "syn-03")
    assert holdings(documents)["syn-03"] == {"main": "caf\ufffd.pdf"}


def test_a_file_that_is_attached_to_two_records_is_pointed_out(documents: Path, cli: Cli) -> None:
    assert "same file" not in cli("attach", "syn-01", "pdfs/afmc-263.pdf").out
    done = cli("attach", "syn-02", "pdfs/afmc-263.pdf")
    assert done.code == 0
    assert "syn-01 has the same file" in done.out


def test_a_folder_of_text_files_is_matched_too(documents: Path, cli: Cli) -> None:
    write_paper(documents / "texts" / "syn-12.txt", "Notes", "The encoder was pre-trained on 1,300 sleepers.")
    title = "Cardiograin: masked autoencoding of eight independent leads at the grain of single waves"
    write_paper(documents / "texts" / "a.md", f"# {title}", "We hide pieces of waves.")
    write_paper(documents / "texts" / "._a.md", "resource fork of a Mac")
    done = cli("import", "--pdfs", "texts", "--json")
    assert done.code == 0
    found = by_file(done.json)
    assert {name: (one["status"], one["record"], one["pages"]) for name, one in found.items()} == {
        "syn-12.txt": ("matched", "syn-12", 1),
        "a.md": ("matched", "syn-02", 1),
    }


@pytest.mark.parametrize("folder", ["nowhere", "gold/gold.yaml", "bare"])
def test_a_folder_that_cannot_be_used_is_one_line(documents: Path, cli: Cli, folder: str) -> None:
    (documents / "bare").mkdir()
    done = cli("import", "--pdfs", folder)
    assert done.code == 2
    assert folder in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_without_any_records_a_folder_has_nothing_to_be_matched_with(blank: Path, cli: Cli) -> None:
    write_paper(blank / "texts" / "a.txt", "A title")
    done = cli("import", "--pdfs", "texts")
    assert done.code == 2
    assert "screener import FILE" in done.err


def test_a_second_main_document_is_never_attached_in_silence(documents: Path, cli: Cli) -> None:
    title = "Cardiograin: masked autoencoding of eight independent leads at the grain of single waves"
    one = write_paper(documents / "texts" / "first.txt", title, "The first version.")
    two = write_paper(documents / "texts" / "second.txt", title, "The second version.")
    found = by_file(cli("import", "--pdfs", "texts", "--json").json)
    assert found["first.txt"]["status"] == "matched"
    assert found["second.txt"]["status"] == "ambiguous"
    assert "syn-02" in found["second.txt"]["reason"]
    assert "first.txt" in found["second.txt"]["reason"]
    assert holdings(documents) == {"syn-02": {"main": one.name}}
    done = cli("attach", "syn-02", two)
    assert "replaces first.txt" in done.out
    assert holdings(documents) == {"syn-02": {"main": two.name}}


@pytest.mark.parametrize(
    ("name", "head", "role"),
    [
        ("1-s2.0-S0010482522001234-mmc1.txt", "", "supplement"),
        ("41467_2022_MOESM2_ESM.txt", "", "supplement"),
        ("cardiograin_supplementary_material.txt", "", "supplement"),
        ("cardiograin-suppl.txt", "", "supplement"),
        ("file.txt", "Supplementary Material", "supplement"),
        ("file.txt", "Online Appendix", "supplement"),
        ("README.md", "", "readme"),
        ("cardiograin.txt", "", "main"),
        ("file.txt", "Journal of Invented Signals, Volume 3, Supplement 2", "main"),
        ("file.txt", "Supplementary material is available online.", "main"),
        ("file.txt", "Settings and further results are in the\nsupplement.", "main"),
    ],
)
def test_what_a_file_is_to_its_paper_is_told_by_name_and_heading(
    documents: Path, cli: Cli, name: str, head: str, role: str
) -> None:
    title = "Cardiograin: masked autoencoding of eight independent leads at the grain of single waves"
    write_paper(documents / "texts" / name, *([head] if head else []), title, "Some more words of it.")
    assert by_file(cli("import", "--pdfs", "texts", "--json").json)[name]["document"] == role


def test_a_word_of_the_title_makes_no_supplement(blank: Path, cli: Cli) -> None:
    title = "Iron supplement use in long-distance runners of the northern hills"
    (blank / "records.csv").write_text(f"id,title\na1,{title}\n")
    cli("import", "records.csv")
    write_paper(blank / "texts" / f"{title}.txt", title, "We asked runners.")
    [one] = cli("import", "--pdfs", "texts", "--json").json["pdfs"]
    assert (one["record"], one["document"]) == ("a1", "main")


def test_a_scan_is_attached_and_listed_as_without_text_until_a_text_replaces_it(judged: Path, cli: Cli) -> None:
    documents = judged
    (documents / "scans").mkdir()
    write_scan(documents / "scans" / "syn-12.pdf")
    done = cli("import", "--pdfs", "scans", "--json")
    assert done.code == 0
    [one] = done.json["pdfs"]
    assert (one["status"], one["record"], one["pages"], one["scan"]) == ("matched", "syn-12", 2, True)
    assert "OCR" in one["reason"]
    missing = {each["id"]: each for each in cli("run", "--stage", "fulltext", "--json").json["without_full_text"]}
    assert missing["syn-12"]["status"] == "no_text"
    assert "no text (scan)" in cli("run", "--stage", "fulltext").out
    counts = report_counts(cli)
    assert (counts["retrieved"], counts["no_text"]) == (1, 1)
    assert rows(cli)["syn-12"]["documents"] == "main: syn-12.pdf (scan)"
    write_paper(documents / "texts" / "syn-12.txt", "Plumbline", "We pre-trained an encoder on 1,300 sleepers.")
    [two] = cli("import", "--pdfs", "texts", "--json").json["pdfs"]
    assert (two["status"], two["replaced"]) == ("matched", "syn-12.pdf")
    assert holdings(documents) == {"syn-12": {"main": "syn-12.txt"}}
    assert report_counts(cli)["no_text"] == 0


def test_pages_of_which_no_text_can_be_read_are_told_when_a_file_is_attached(documents: Path, cli: Cli) -> None:
    (documents / "partly").mkdir()
    file = write_partly_scanned(documents / "partly" / "syn-12.pdf", "We pre-trained an encoder")
    told = "pages without text: 2-3: what is on them is not read"
    for _ in range(2):  # the second time the file is known already
        [one] = cli("import", "--pdfs", "partly", "--json").json["pdfs"]
        assert (one["status"], one["record"], one["pages"], one["scan"]) == ("matched", "syn-12", 4, False)
        assert (one["unread"], one["warnings"]) == ([2, 3], ["pages without text: 2-3"])
        assert told in one["reason"]
    by_hand = cli("attach", "syn-01", file)
    assert told in by_hand.out
    assert len(by_hand.out.splitlines()) == 1
    assert cli("attach", "syn-02", file, "--json").json["unread"] == [2, 3]
    whole = write_paper(documents / "whole.txt", "Plumbline", "We pre-trained an encoder on 1,300 sleepers.")
    assert "not read" not in cli("attach", "syn-03", whole).out


def test_a_scan_is_read_when_text_recognition_is_there_and_judged_anew(
    documents: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rapidocr", reason="text is recognised with rapidocr: install screener[ocr]")

    def printed(canvas: Canvas) -> None:
        canvas.setPageSize((WIDTH, 200))  # each part of a page takes its time
        for number, line in enumerate(LOREM):
            canvas.drawString(60, 160 - 20 * number, line)

    (documents / "scans").mkdir()
    scan = write_pictures(documents / "scans" / "paper-7.pdf", draw(documents / "printed.pdf", printed))
    by_hand = cli("attach", "syn-01", scan)
    assert "no text on its pages: a scan; text recognition (OCR) is switched off" in by_hand.out
    assert attachment_of(documents, "syn-01").scan
    monkeypatch.setenv("SCREENER_OCR", "1")
    [one] = cli("import", "--pdfs", "scans", "--json").json["pdfs"]
    assert (one["status"], one["record"], one["scan"], one["unread"]) == ("matched", "syn-01", False, [])
    assert "page 1 read by text recognition (OCR)" in one["reason"]
    assert holdings(documents) == {"syn-01": {"main": "paper-7.pdf"}}
    first = attachment_of(documents, "syn-01")
    assert not first.scan
    [again] = cli("import", "--pdfs", "scans", "--json").json["pdfs"]
    assert again["known"]  # it is not recognised at each import
    assert attachment_of(documents, "syn-01") == first


# -- by hand ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["syn-01", "10.5555/syn.2023.0101", "https://doi.org/10.5555/SYN.2023.0101"])
def test_a_record_is_named_by_its_id_or_doi(documents: Path, cli: Cli, name: str) -> None:
    done = cli("attach", name, "pdfs/paper.pdf", "--json")
    assert done.code == 0
    assert done.json["record"] == "syn-01"
    assert holdings(documents) == {"syn-01": {"main": "paper.pdf"}}


def test_a_report_has_documents_of_several_roles(documents: Path, cli: Cli) -> None:
    for number, role in enumerate(("supplement", "readme", "model_card", "supplement", "main")):
        file = write_paper(documents / f"{number}.txt", f"document {number}")
        assert cli("attach", "syn-01", file, "--role", role).code == 0
    assert list(holdings(documents)["syn-01"].items()) == [
        ("main", "4.txt"),
        ("supplement", "0.txt"),
        ("supplement_2", "3.txt"),
        ("readme", "1.txt"),
        ("model_card", "2.txt"),
    ]


def test_a_file_has_one_role(documents: Path, cli: Cli) -> None:
    cli("attach", "syn-01", "pdfs/mmc1.pdf")
    assert "has had" in cli("attach", "syn-01", "pdfs/mmc1.pdf").out
    cli("attach", "syn-01", "pdfs/mmc1.pdf", "--role", "supplement")
    assert holdings(documents)["syn-01"] == {"supplement": "mmc1.pdf"}


def test_an_encrypted_file_opens_with_its_password_and_the_password_is_not_kept(documents: Path, cli: Cli) -> None:
    writer = PdfWriter(clone_from=documents / "pdfs" / "paper.pdf")
    writer.encrypt("open-sesame-17", algorithm="RC4-128")
    writer.write(documents / "locked.pdf")
    refused = cli("attach", "syn-05", "locked.pdf")
    assert refused.code == 2
    assert "no password was given" in refused.err
    assert "password given does not open it" in cli("attach", "syn-05", "locked.pdf", "--password", "sesame").err
    done = cli("attach", "syn-05", "locked.pdf", "--password", "open-sesame-17", "--json")
    assert done.code == 0, done.err
    assert done.json["pages"] == 2
    Ledger.of(documents / ".screener").close()
    for path in (documents / ".screener").glob("ledger.db*"):
        assert b"open-sesame" not in path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nobody", "pdfs/paper.pdf"), "nobody"),
        (("syn-01", "pdfs/paper.pdf", "--role", "appendix"), "appendix"),
        (("syn-01", "pdfs/nothing.pdf"), "nothing.pdf"),
        (("syn-01",), "--not-retrieved"),
        (("syn-01", "pdfs/paper.pdf", "--no-full-text", "none"), "--no-full-text"),
        (("syn-01", "--not-retrieved", "  "), "why"),
        (("syn-01", "--no-full-text", ""), "why"),
        (("syn-01", "--remove", "main"), "main"),
    ],
)
def test_what_cannot_be_attached_is_one_line(judged: Path, cli: Cli, arguments: tuple[str, ...], named: str) -> None:
    done = cli("attach", *arguments)
    assert done.code == 2
    assert named in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert holdings(judged) == {}


def test_a_document_that_is_taken_off_is_gone_from_the_report_and_kept_on_disk(documents: Path, cli: Cli) -> None:
    cli("attach", "syn-01", "pdfs/paper.pdf")
    cli("attach", "syn-01", "pdfs/mmc1.pdf", "--role", "supplement")
    assert cli("attach", "syn-01", "--remove", "main", "--json").json == {"record": "syn-01", "removed": "main"}
    assert holdings(documents) == {"syn-01": {"supplement": "mmc1.pdf"}}
    assert len(list((documents / ".screener" / "documents").iterdir())) == 2
    refused = cli("attach", "syn-01", "--remove", "main")
    assert refused.code == 2
    assert "supplement" in refused.err
    cli("attach", "syn-01", "pdfs/paper.pdf")
    assert holdings(documents)["syn-01"]["main"] == "paper.pdf"


def test_documents_go_with_their_records_through_merge_and_split(documents: Path, cli: Cli) -> None:
    cli("attach", "syn-08", "pdfs/2399.90002v1.pdf")
    cli("attach", "syn-09", "pdfs/jsct-4-519-published.pdf")
    cli("attach", "syn-09", "pdfs/mmc1.pdf", "--role", "supplement")
    merged = cli("dedup", "merge", "syn-08", "syn-09", "--json").json["record"]
    assert holdings(documents) == {
        merged: {"main": "2399.90002v1.pdf", "main_2": "jsct-4-519-published.pdf", "supplement": "mmc1.pdf"}
    }
    assert cli("attach", "syn-09", "--remove", "main_2", "--json").json["record"] == merged  # by its alias
    cli("attach", merged, "pdfs/paper.pdf", "--role", "supplement")
    assert holdings(documents)[merged] == {
        "main": "2399.90002v1.pdf",
        "supplement": "mmc1.pdf",
        "supplement_2": "paper.pdf",
    }
    cli("dedup", "split", merged)
    assert holdings(documents) == {
        "syn-08": {"main": "2399.90002v1.pdf", "supplement_2": "paper.pdf"},
        "syn-09": {"supplement": "mmc1.pdf"},
    }


# -- the search for what is missing -----------------------------------------------------------------------------------


def test_only_a_person_ends_the_search_and_attempts_are_counted(judged: Path, cli: Cli) -> None:
    missing = {one["id"]: one for one in cli("run", "--stage", "fulltext", "--json").json["without_full_text"]}
    assert len(missing) == 12
    assert {(one["status"], one["attempts"], one["at"]) for one in missing.values()} == {("sought", 0, None)}
    assert cli("attach", "syn-12", "--not-retrieved", "no  library\nhas it", "--json").json == {
        "record": "syn-12", "status": "not_retrieved", "reason": "no library has it", "attempts": 1,
    }  # fmt: skip
    assert "2 attempts" in cli("attach", "syn-12", "--not-retrieved", "the authors do not answer").out
    assert cli("attach", "syn-11", "--no-full-text", "a meeting abstract").code == 0
    for _ in range(2):  # running changes nothing of it
        missing = {one["id"]: one for one in cli("run", "--stage", "fulltext", "--json").json["without_full_text"]}
    assert len(missing) == 12
    one = missing["syn-12"]
    assert (one["status"], one["reason"], one["attempts"]) == ("not_retrieved", "the authors do not answer", 2)
    assert one["at"].endswith("Z")
    assert (missing["syn-11"]["status"], missing["syn-11"]["reason"]) == ("no_full_text_exists", "a meeting abstract")
    assert missing["syn-10"]["status"] == "sought"
    shown = cli("run", "--stage", "fulltext").out
    assert "Missing full texts: 12 reports" in shown
    assert "no full text exists" in shown
    assert "the authors do not answer" in shown
    cli("attach", "syn-11", "--sought", "there is one after all")
    assert rows(cli)["syn-11"]["retrieval"] == "sought"


def test_a_document_ends_the_search_and_nothing_else_can_be_said_beside_it(judged: Path, cli: Cli) -> None:
    cli("attach", "syn-12", "--not-retrieved", "not in the library")
    cli("attach", "syn-12", "pdfs/paper.pdf")
    row = rows(cli)["syn-12"]
    assert (row["retrieval"], row["retrieval_reason"], row["attempts"]) == ("retrieved", "", "1")
    refused = cli("attach", "syn-12", "--not-retrieved", "lost")
    assert refused.code == 2
    assert "paper.pdf" in refused.err
    cli("attach", "syn-12", "--remove", "main")
    assert rows(cli)["syn-12"]["retrieval"] == "not_retrieved"


def test_a_supplement_alone_ends_no_search(judged: Path, cli: Cli) -> None:
    cli("attach", "syn-12", "pdfs/mmc1.pdf", "--role", "supplement")
    missing = {one["id"]: one for one in cli("run", "--stage", "fulltext", "--json").json["without_full_text"]}
    assert missing["syn-12"]["status"] == "sought"
    assert report_counts(cli)["retrieved"] == 0


def test_no_report_vanishes_from_the_export(judged: Path, cli: Cli) -> None:
    cli("import", "--pdfs", "pdfs")
    cli("run", "--stage", "fulltext", "--limit", "1")
    cli("attach", "syn-12", "--no-full-text", "a meeting abstract")
    found = rows(cli)
    assert set(found) == {f"syn-{number:02}" for number in range(1, 13)}
    assert found["syn-10"]["retrieval"] == "retrieved"
    assert found["syn-10"]["documents"] == "main: tidewire_main.pdf; supplement: mmc1.pdf"
    assert found["syn-01"]["status"] == "suggested"
    assert found["syn-01"]["flow"] == "awaiting_decision"  # a machine suggests, and decides nothing
    none = found["syn-12"]
    assert (none["retrieval"], none["retrieval_reason"], none["documents"]) == (
        "no_full_text_exists",
        "a meeting abstract",
        "",
    )
    assert (none["status"], none["decision"], none["flow"]) == ("pending", "", "no_full_text_exists")
    lines = [json.loads(line) for line in cli("export", "--stage", "fulltext", "--format", "jsonl").out.splitlines()]
    assert {line["id"]: line["flow"] for line in lines} == {name: row["flow"] for name, row in found.items()}


FAILED = {"development": "yes", "adaptation": "yes", "language": "yes"}


def test_the_flow_counts_every_report_once_whoever_decided(judged: Path, cli: Cli) -> None:
    cli("import", "--pdfs", "pdfs")
    cli("attach", "syn-12", "--not-retrieved", "no answer")
    out = {"id": "syn-07", "decision": "exclude", "pretraining": "yes", "human_ecg": "no", "reason": "horses", **FAILED}
    for who in ("anna", "ben"):
        label(cli, judged, "fulltext", who, [out, {**out, "id": "syn-01", "decision": "include", "human_ecg": "yes"}])
    counts = report_counts(cli)
    assert counts["reached"] == 12
    assert counts["retrieved"] + counts["sought"] + counts["not_retrieved"] + counts["no_full_text_exists"] == 12
    assert counts["flow"] == {
        "included": 1, "excluded": 1, "awaiting_decision": counts["retrieved"] - 2, "awaiting_classification": 0, "ongoing": 0, "sought": counts["sought"],
        "not_retrieved": 1, "no_full_text_exists": 0,
    }  # fmt: skip
    assert counts["excluded_by"] == {"human_ecg": 1}
    row = rows(cli)["syn-07"]
    assert (row["flow"], row["failed_criterion"], row["reason"]) == ("excluded", "human_ecg", "horses")
    shown = cli("status").out
    assert "12 reports: " in shown
    assert "1 not retrieved" in shown
    assert "1 included, 1 excluded (not human ECG 1)" in shown
    assert "awaiting a decision" in shown


def test_two_people_who_exclude_for_other_reasons_are_in_conflict_at_full_text(judged: Path, cli: Cli) -> None:
    cli("import", "--pdfs", "pdfs")
    horses = {"id": "syn-07", "decision": "exclude", "pretraining": "yes", "human_ecg": "no", **FAILED}
    unread = {**horses, "pretraining": "no"}
    label(cli, judged, "fulltext", "anna", [horses])
    label(cli, judged, "fulltext", "ben", [unread])
    row = rows(cli)["syn-07"]
    assert (row["status"], row["flow"], row["failed_criterion"]) == ("conflict", "awaiting_decision", "")
    label(cli, judged, "fulltext", "ben", [horses])
    assert rows(cli)["syn-07"]["status"] == "final"


def test_a_report_drops_out_and_comes_in_with_its_abstracts_decision(judged: Path, cli: Cli) -> None:
    cli("attach", "syn-01", "pdfs/0101_final_v3.pdf")
    cli("run", "--stage", "fulltext")
    assert "syn-01" in rows(cli)
    assert "syn-13" not in rows(cli)
    for who in ("anna", "ben"):
        label(
            cli,
            judged,
            "abstract",
            who,
            [{"id": "syn-01", "decision": "exclude"}, {"id": "syn-13", "decision": "include"}],
        )
    found = rows(cli)
    assert "syn-01" not in found
    assert found["syn-13"]["retrieval"] == "sought"
    assert report_counts(cli)["reached"] == len(found) == 12


def test_with_all_what_a_machine_would_exclude_is_taken_along(judged: Path, cli: Cli) -> None:
    some = cli("run", "--stage", "fulltext", "--json").json["without_full_text"]
    every = cli("run", "--stage", "fulltext", "--all", "--json").json["without_full_text"]
    assert {one["id"] for one in every} - {one["id"] for one in some} == {"syn-13", "syn-14"}


def test_a_run_with_nothing_to_judge_says_why_and_what_comes_first(documents: Path, cli: Cli) -> None:
    for stage in ("fulltext", "extraction"):
        for more in ((), ("--dry-run",)):
            done = cli("run", "--stage", stage, *more)
            said = " ".join(done.out.split())
            assert (done.code, said.count("Nothing to judge: ")) == (0, 1)
            assert "no record has passed titles and abstracts yet. Next: `screener run --stage abstract`" in said
    cli("run", "--stage", "abstract")
    told = cli("run", "--stage", "abstract", "--dry-run").out
    assert (
        told == "embedded: 14 records, all judged already: nothing to ask. Next: `screener status` says what waits.\n"
    )
    assert (
        "wait for a full text. Next: `screener import --pdfs FOLDER`."
        in cli("run", "--stage", "fulltext", "--dry-run").out
    )


def test_a_dry_run_counts_only_what_can_be_read(judged: Path, cli: Cli) -> None:
    cli("attach", "syn-01", "pdfs/paper.pdf")
    assert cli("run", "--stage", "fulltext", "--dry-run", "--json").json["records"] == 1


# -- the extraction table ---------------------------------------------------------------------------------------------


@pytest.fixture
def extracted(judged: Path, cli: Cli) -> Path:
    """Two included studies, one of them with a text, extracted by the embedded reviewer."""
    cli("attach", "syn-01", "pdfs/0101_final_v3.pdf")
    decided = [{"id": name, "decision": "include"} for name in ("syn-01", "syn-12")]
    for who in ("anna", "ben"):
        label(cli, judged, "fulltext", who, decided)
    assert cli("run", "--stage", "extraction").code == 0
    return judged


def test_the_extraction_table_has_one_row_an_item_with_its_evidence(extracted: Path, cli: Cli) -> None:
    table = list(csv.DictReader(io.StringIO(cli("export", "--stage", "extraction").out)))
    items = {row["item"]: row for row in table if row["id"] == "syn-01"}
    assert len(items) == sum(row["id"] == "syn-01" for row in table) > 20
    known = next(row for row in items.values() if row["status"] == "reported" and " | " not in row["evidence"])
    assert known["value"]
    assert known["evidence"]
    assert (known["reviewer"], known["standing"]) == ("embedded", "suggested")
    assert (known["document"], known["match"]) == ("main", "exact")
    assert known["page"] in ("1", "2")
    assert all("\n" not in cell for row in table for cell in row.values())
    several = next(row for row in items.values() if " | " in row["evidence"])
    assert len({len(several[name].split(" | ")) for name in ("evidence", "document", "page", "match")}) == 1


def test_a_study_without_items_keeps_its_row(extracted: Path, cli: Cli) -> None:
    lines = [json.loads(line) for line in cli("export", "--stage", "extraction", "--format", "jsonl").out.splitlines()]
    [row] = [line for line in lines if line["id"] == "syn-12"]
    assert (row["item"], row["standing"]) == ("", "pending")
    known = next(line for line in lines if line["status"] == "reported")
    assert len(known["evidence"]) == len(known["page"]) >= 1
    assert isinstance(known["page"][0], int)
    told = cli("export", "--stage", "extraction", "-o", "items.csv")
    assert "items in items.csv" in told.err


def test_a_run_names_the_table_of_its_stage(extracted: Path, cli: Cli) -> None:
    assert (
        "screener export --stage extraction --format csv -o extraction.csv" in cli("run", "--stage", "extraction").out
    )
    assert "screener export --stage fulltext --format csv -o fulltext.csv" in cli("run", "--stage", "fulltext").out


def test_a_report_knows_its_documents_in_order(judged: Path, cli: Cli) -> None:
    cli("attach", "syn-10", "pdfs/mmc1.pdf", "--role", "supplement")
    cli("attach", "syn-10", "pdfs/tidewire_main.pdf")
    review = find_review(judged)
    [report] = [one for one in records_for(Ledger.of(review.hidden), review, Stage.FULLTEXT) if one.id == "syn-10"]
    assert isinstance(report, Report)
    assert list(report.documents) == ["main", "supplement"]
    assert "Tidewire" in report.documents["main"].text
