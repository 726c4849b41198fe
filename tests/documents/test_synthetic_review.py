"""The synthetic example review: its PDFs, its gold and its source agree, and every value stands on a quote."""

import csv
import importlib.util
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pypdf import PdfReader
from support import ROOT

from screener.forms import Coded, Group, Item, Quantity
from screener.text.normalise import normalise
from screener.text.quotes import locate

REVIEW = ROOT / "tests" / "reviews" / "documents"
Line = dict[str, Any]


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


MODULE = load(REVIEW / "prompts" / "form.py", "synthetic_form")
FORM: type[Group] = MODULE.Form
Extent = MODULE.Extent


def table(name: str) -> list[dict[str, str]]:
    with (REVIEW / "gold" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def gold() -> list[Line]:
    text = (REVIEW / "gold" / "extraction.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def readers() -> dict[tuple[str, str], PdfReader]:
    return {(row["id"], row["document"]): PdfReader(REVIEW / "pdfs" / row["file"]) for row in table("documents.csv")}


@pytest.fixture(scope="module")
def pages(readers: dict[tuple[str, str], PdfReader]) -> dict[tuple[str, str], list[str]]:
    return {key: [page.extract_text() for page in reader.pages] for key, reader in readers.items()}


# -- the papers -------------------------------------------------------------------------------------------------------


def test_there_are_at_least_ten_small_papers_each_marked_synthetic_on_every_page(
    pages: dict[tuple[str, str], list[str]],
) -> None:
    files = sorted((REVIEW / "pdfs").iterdir())
    assert {file.name for file in files} == {row["file"] for row in table("documents.csv")}
    assert len(files) >= 10
    assert all(file.stat().st_size < 60_000 for file in files)
    for (_, document), texts in pages.items():
        assert (1 if document == "supplement" else 2) <= len(texts) <= 4
        assert all("SYNTHETIC: an invented paper" in text for text in texts)
        assert "synthetic authors" in normalise(texts[0]).text
        assert any(re.search(r"^references", text, re.IGNORECASE | re.MULTILINE) for text in texts)


@pytest.mark.slow
def test_the_source_makes_these_very_files(tmp_path: Path) -> None:
    reportlab = pytest.importorskip("reportlab", reason="ReportLab, which typesets the papers, is not installed")
    make = load(REVIEW / "make.py", "synthetic_make")
    for folder in (tmp_path / "one", tmp_path / "two"):
        make.make(folder)
    made = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()}
    for path in made:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), (
            f"{path} is not repeatable"
        )
    for path in sorted(made):
        fresh, kept = tmp_path / "one" / path, REVIEW / path
        if path.suffix != ".pdf" or reportlab.__version__ == make.MADE_WITH:
            assert fresh.read_bytes() == kept.read_bytes(), f"{path} is not what `papers/` says; run make.py"
        else:  # another version may write the same page in other bytes
            assert [page.extract_text() for page in PdfReader(fresh).pages] == [
                page.extract_text() for page in PdfReader(kept).pages
            ], f"{path} is not what `papers/` says; run make.py"


def test_what_the_papers_plant_is_there(
    gold: list[Line], pages: dict[tuple[str, str], list[str]], readers: dict[tuple[str, str], PdfReader]
) -> None:
    def text(name: str, document: str = "main") -> str:
        return normalise(" ".join(pages[name, document])).text

    told = {(line["id"], line["path"]): line for line in gold}
    # syn-03: abstract and body differ, and the gold is the body's.
    assert "1.4 million" in text("syn-03")
    assert told["syn-03", "models[0].pretraining.recordings_total"]["value"] == 1_040_000
    # syn-04: nothing on the code, and yet a link to code.
    assert told["syn-04", "models[0].reproducibility.code.availability"]["status"] == "not_reported"
    assert "https://" in text("syn-04")
    # syn-05: the link is behind words.
    link = told["syn-05", "models[0].reproducibility.code.url"]
    assert link["value"] not in text("syn-05")
    assert link["value"] in annotations(readers["syn-05", "main"], link["page"])
    # syn-08 and syn-09: one study, two reports that differ.
    assert [row["id"] for row in table("studies.csv")] == ["syn-08", "syn-09"]
    differ = {
        path
        for name, path in told
        if name == "syn-08" and told[name, path]["value"] != told.get(("syn-09", path), {}).get("value")
    }
    assert "models[0].pretraining.recordings_total" in differ
    assert "models[0].identity.window_s" not in differ
    # syn-10: some values only in the supplement.
    assert {line["document"] for line in gold if line["id"] == "syn-10"} == {"main", "supplement", None}
    # Figures that differ by the share of labels are entries of their own; that of an ablation is none.
    shares = {
        line["value"][0]: told["syn-10", path.replace("condition", "plus_minus")]["value"]
        for (name, path), line in told.items()
        if name == "syn-10" and path.endswith(".condition") and line["value"]
    }
    assert shares == {"20% of the labels": 0.008, "50% of the labels": 0.006}
    assert "0.722" in text("syn-10", "supplement")
    assert not any(line["value"] == 0.722 for line in gold)
    # syn-11: two models.
    assert told["syn-11", "models[1].identity.name"]["value"] == "Fathom-T"
    # Words are divided at the ends of lines.
    assert sum(len(re.findall(r"[a-z]-\n[a-z]", page)) for texts in pages.values() for page in texts) > 20


# -- the gold ---------------------------------------------------------------------------------------------------------


def annotations(reader: PdfReader, page: int) -> list[str]:
    """The URLs behind the links of a page, which is counted from 1."""
    found = reader.pages[page - 1].get("/Annots") or []
    links = [annotation.get_object().get("/A", {}).get("/URI") for annotation in found]
    return [str(link) for link in links if link]


def test_every_quote_is_on_its_page(gold: list[Line], pages: dict[tuple[str, str], list[str]]) -> None:
    for line in gold:
        if line["status"] == "reported":
            text = pages[line["id"], line["document"]][line["page"] - 1]
            assert locate(line["quote"], text).status in ("exact", "normalized"), line
        else:
            assert {line[name] for name in ("value", "other", "document", "page", "quote")} == {None}, line


def test_every_quote_is_on_its_page_as_another_reader_sees_it(gold: list[Line]) -> None:
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2, the second reader of PDFs, is not installed")
    files = {
        (row["id"], row["document"]): pdfium.PdfDocument(REVIEW / "pdfs" / row["file"])
        for row in table("documents.csv")
    }
    texts = {
        # The mark that PDFium puts for a hyphen at the end of a line.
        key: [page.get_textpage().get_text_range().replace("\ufffe", "-\n") for page in file]
        for key, file in files.items()
    }
    for line in gold:
        if line["status"] == "reported":
            assert locate(line["quote"], texts[line["id"], line["document"]][line["page"] - 1]).status != "missing", (
                line
            )


NUMBER_WORDS = dict(
    zip(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), range(1, 11), strict=True)
)
_SCALED = re.compile(
    r"(?<![\w.])(\d[\d,]*(?:\.\d+)?|" + "|".join(NUMBER_WORDS) + r")[\s-]*([^\W\d_]+|%)?", re.IGNORECASE
)


def numbers(quote: str, units: dict[str, float]) -> set[float]:
    """The numbers that a quote can be read to say, in the unit of the field."""
    found: set[float] = set()
    for digits, unit in _SCALED.findall(quote):
        number = float(NUMBER_WORDS.get(digits.lower()) or digits.replace(",", ""))
        scales = {units[unit]} if unit in units else {units.get("", 1.0)}
        if "(M)" in quote or "(Hz)" in quote or "(s)" in quote:  # the unit stands in the table's first column
            scales.add(1.0)
        found |= {round(number * scale, 6) for scale in scales}
    return found


def at(path: str) -> Any:
    """The field of the form at a path."""
    kind: Any = FORM
    field = None
    for name in re.sub(r"\[\d+\]", "", path).split("."):
        field = kind.model_fields[name]
        kind = field.annotation
        if not isinstance(kind, type):
            (kind,) = get_args(kind)
    return field


def test_every_quote_holds_the_number_or_the_name_that_it_stands_for(
    gold: list[Line], readers: dict[tuple[str, str], PdfReader]
) -> None:
    checked = Counter[str]()
    for line in gold:
        if line["status"] != "reported":
            continue
        field, quote = at(line["path"]), normalise(line["quote"]).text
        units = [mark.units for mark in field.metadata if isinstance(mark, Quantity)]
        if units:
            assert round(float(line["value"]), 6) in numbers(line["quote"], units[0]), line
            checked["number"] += 1
        elif line["path"].endswith(".url"):
            page = annotations(readers[line["id"], line["document"]], line["page"])
            assert line["value"] in line["quote"] or line["value"] in page, line
            checked["link"] += 1
        elif not issubclass(field.annotation, Coded):
            values = line["value"] if isinstance(line["value"], list) else [line["value"]]
            if line["value"] is True or field.annotation.model_fields["value"].annotation == Extent | None:
                continue  # a reader's conclusion from the words
            assert all(normalise(value).text in quote for value in values), line
            checked["name"] += 1
    assert checked["number"] > 100
    assert checked["link"] > 5
    assert checked["name"] > 80


def test_no_value_comes_from_the_references(gold: list[Line], pages: dict[tuple[str, str], list[str]]) -> None:
    for line in gold:
        if line["status"] == "reported":
            text = pages[line["id"], line["document"]][line["page"] - 1]
            begin = re.search(r"^references", text, re.IGNORECASE | re.MULTILINE)
            assert locate(line["quote"], text[: begin.start() if begin else None]).status != "missing", line


def nested(lines: list[Line]) -> dict[str, Any]:
    """The form as a reviewer would fill it, from the lines of one report."""
    tree: dict[str, Any] = {}
    for line in lines:
        *way, last = [int(part) if part.isdigit() else part for part in re.findall(r"\w+", line["path"])]
        node: Any = tree
        for part, following in zip(way, [*way[1:], last], strict=True):
            fresh: Any = [] if isinstance(following, int) else {}
            if isinstance(part, int):
                if part == len(node):
                    node.append(fresh)
                node = node[part]
            else:
                node = node.setdefault(part, fresh)
        told = {"evidence": [line["quote"]] if line["quote"] else [], "status": line["status"], "value": line["value"]}
        annotation = at(line["path"]).annotation
        if not (isinstance(annotation, type) and issubclass(annotation, Item)):
            node[last] = []  # a list without entries
        else:
            node[last] = told | ({"other": line["other"]} if issubclass(annotation, Coded) else {})
    return tree


def expected(kind: type[Group], node: Any, path: str = "") -> Iterator[str]:
    for name, field in kind.model_fields.items():
        here, inner = f"{path}.{name}".lstrip("."), field.annotation
        if not isinstance(inner, type):
            (each,) = get_args(inner)
            for position, entry in enumerate(node[name]):
                yield from expected(each, entry, f"{here}[{position}]")
            if not node[name]:
                yield here
        elif issubclass(inner, Item):
            yield here
        else:
            yield from expected(inner, node[name], here)


def test_the_gold_is_complete_and_valid_for_every_eligible_report(gold: list[Line]) -> None:
    eligible = [row["id"] for row in table("fulltext.csv") if row["decision"] == "include"]
    assert list(dict.fromkeys(line["id"] for line in gold)) == eligible
    for name in eligible:
        lines = [line for line in gold if line["id"] == name]
        tree = nested(lines)
        FORM.model_validate_json(json.dumps(tree))
        assert [line["path"] for line in lines] == list(expected(FORM, tree))


def test_the_gold_keeps_the_rules_of_the_form(gold: list[Line]) -> None:
    told = {(line["id"], line["path"]): line for line in gold}
    silent = (
        "url",
        "licence",
        "also_called",
        "model_parameters_millions",
        "condition",
        "plus_minus",
        "plus_minus_is",
        "runs_differ_by",
    )
    for (name, path), line in told.items():
        if path.endswith(".availability"):
            for below in ("url", "licence"):
                status = told[name, path.replace("availability", below)]["status"]
                out_of_reach = line["value"] in ("on_request", "promised", "not_available")
                assert (status == "not_applicable") == out_of_reach, (name, path, below)
        elif path.endswith(".plus_minus_is"):
            assert (line["status"] == "not_applicable") == (
                told[name, path.removesuffix("_is")]["status"] == "not_applicable"
            )
        elif line["status"] == "not_applicable":
            assert path.endswith(silent), (name, path)
        holds_other = line["value"] == "other" or (isinstance(line["value"], list) and "other" in line["value"])
        assert holds_other == (line["other"] is not None), (name, path)


def test_the_other_tables_agree_with_each_other() -> None:
    records = [row["id"] for row in table("records.csv")]
    assert len(records) == len(set(records))
    assert [row["id"] for row in table("abstract.csv")] == records
    kept = [row["id"] for row in table("abstract.csv") if row["decision"] != "exclude"]
    judged = table("fulltext.csv")
    assert {row["id"] for row in judged} == {row["id"] for row in table("documents.csv")} < set(kept)
    for row in judged:
        failed = [
            name for name in ("development", "pretraining", "adaptation", "human_ecg", "language") if row[name] == "no"
        ]
        assert row["decision"] == ("exclude" if failed else "include")
        assert row["main_reason"] == (failed[0] if failed else "")
        assert row["split"] in ("dev", "test")


def test_the_rooms_that_are_shared_are_the_ecg_reviews_own() -> None:
    for name in ("abstract.md", "fulltext.md", "extraction.md", "form.py"):
        link = REVIEW / "prompts" / name
        assert link.is_symlink()
        assert not link.readlink().is_absolute()
        assert link.resolve() == ROOT / "prompts" / name
