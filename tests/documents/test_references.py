"""What is said of the works of others is told apart from what a paper says of itself, however the list is headed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support import ROOT
from support.documents import LEFT, LOREM, draw, heading, lines

from screener.documents import Document, Kind, layout
from screener.documents.reference_headings import is_references

ENTRIES = (
    "Alder P, Birch Q (2010) A network for short recordings of 5,000 people. J Invented Sig. 4:1-9.",
    "Cedar, R. (2011). Masking of strips in 77 people. Invented Proc, 11, 22-31.",
    "van den Elm, S., & Fir, T. (2012). Slow learners with an area of 0.999. Invented Lett.",
    "D. H. Gorse. On wards. Invented Arch. 2013;7:70-75.",
    "Hazel-Ivy V. 2014. On leads of long and short recordings. Invented Arch. 9:80-85.",
)
OWN = "The recordings of 2,222 people of a fourth ward were taken with one lead only."

Draw = Callable[[Canvas], None]


def paper(folder: Path, *, listed: str, behind: str = "", entries: tuple[str, ...] = ENTRIES) -> Document:
    """A paper of two sections and a list of references, under a heading or none, and what stands behind it."""

    def first(canvas: Canvas) -> None:
        top = heading(canvas, "1 Introduction", LEFT, 60)
        top = heading(canvas, "2 Results", LEFT, lines(canvas, LOREM, LEFT, top) + 6)
        top = lines(canvas, LOREM, LEFT, top) + 8
        if listed:
            top = heading(canvas, listed, LEFT, top)
        for entry in entries:
            top = lines(canvas, [entry], LEFT, top) + 8

    def second(canvas: Canvas) -> None:
        top = heading(canvas, behind, LEFT, 60)
        lines(canvas, [OWN, *LOREM], LEFT, top)

    return layout(draw(folder / "made.pdf", first, *[second] * bool(behind)))


def of_others(document: Document, words: str) -> bool:
    return document.in_references(document.text.index(words))


@pytest.mark.parametrize(
    "name",
    """References | REFERENCES (41) | 7. References | VII. REFERENCES | A. References | R E F E R E N C E S | Cited References
    References Cited | 6. References and notes | LITERATURE CITED | Bibliography | Literatur | Literaturverzeichnis
    5 Literatur | Quellenverzeichnis | Références | RÉFÉRENCES BIBLIOGRAPHIQUES | Bibliographie | Bibliografía | Referencias
    Referencias bibliográficas | Bibliografia | Riferimenti bibliografici | Referências | Список литературы | ЛИТЕРАТУРА
    Список джерел | Література | Literatuur | Literatuurlijst | Källor | Referenser | Litteratur | Kaynaklar | KAYNAKÇA
    Literatura | Piśmiennictwo | Seznam literatury | Lähteet | Irodalom | Βιβλιογραφία | 参考文献 | 参 考 文 献 | 七、参考文献
    文献 | 引用文献 | 참고문헌 | 참고 문헌 | المراجع | Literatur / References | 参考文献（References） | Re\u0301fe\u0301rences
    """.replace("\n", "|").split("|"),
)  # fmt: skip
def test_a_list_of_references_is_known_by_its_heading(name: str) -> None:
    assert not name.strip() or is_references(name.strip())


@pytest.mark.parametrize(
    "name",
    ["Reference standard", "Reference values of 41 people", "2 Literature", "Literature review", "Literature search",
     "Cross-references", "Notes", "Methods", "Quellen der Daten", "12", "", "Références et limites", "参考值"],
)  # fmt: skip
def test_what_is_no_heading_of_references_is_none(name: str) -> None:
    assert not is_references(name)


@pytest.mark.parametrize("name", ["Literaturverzeichnis", "Références", "Cited References", "REFERENCES (41)", ""])
def test_numbers_of_cited_works_are_nobodys_evidence(tmp_path: Path, name: str) -> None:
    document = paper(tmp_path, listed=name)
    assert all(of_others(document, words) for words in ("5,000 people", "77 people", "0.999", "70-75", "80-85"))
    assert not of_others(document, "The quick engineers")
    assert sum(block.kind is Kind.REFERENCE for block in document.blocks) == len(ENTRIES)


@pytest.mark.parametrize(
    "entries",
    [
        ENTRIES[:4],
        ("Alder P was first in 2010.", "In 2011 the ward was closed.", "Cedar R left us.", "We saw 77.", "And 2014."),
    ],
)
def test_a_few_sentences_with_names_and_years_are_no_list(tmp_path: Path, entries: tuple[str, ...]) -> None:
    document = paper(tmp_path, listed="", entries=entries)
    assert not any(block.kind is Kind.REFERENCE for block in document.blocks)


@pytest.mark.parametrize(
    "name",
    ["Methods", "Online Methods", "STAR*Methods", "STARMethods", "Extended Data", "Appendix A. Details", "A Further experiments",
     "A.1 Further experiments", "Supplementary Note 1", "Materials and Methods", "Anhang", "Anexo 1"],
)  # fmt: skip
def test_what_stands_behind_the_references_is_the_papers_own(tmp_path: Path, name: str) -> None:
    document = paper(tmp_path, listed="References", behind=name)
    assert of_others(document, "5,000 people")
    assert not of_others(document, "2,222 people")
    assert next(block for block in document.blocks if "2,222" in document.text[block.start : block.end]).section == name


def test_a_line_that_begins_with_abstract_and_a_hyphen_opens_no_abstract(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        top = heading(canvas, "2 Benchmark", LEFT, 60)
        lines(canvas, [*LOREM, "abstract-level labels were kept for all of them.", *LOREM], LEFT, top)

    def own(canvas: Canvas) -> None:
        lines(canvas, ["Abstract-We trained a network on recordings.", *LOREM], LEFT, 60)

    assert {block.section for block in layout(draw(tmp_path / "a.pdf", page)).blocks} == {"2 Benchmark"}
    assert {block.section for block in layout(draw(tmp_path / "b.pdf", own)).blocks} == {"Abstract"}


def blocks(name: str) -> list[tuple[Kind, str]]:
    document = layout(ROOT / "tests" / "reviews" / "documents" / "pdfs" / f"{name}.pdf")
    return [(block.kind, " ".join(document.text[block.start : block.end].split())) for block in document.blocks]


def test_a_table_that_hangs_over_the_gutter_does_not_part_the_columns() -> None:
    read = blocks("download (4)")
    texts = [text for _, text in read]
    entries = [n for n, (kind, _) in enumerate(read) if kind is Kind.REFERENCE]
    assert [texts[n][:21] for n in entries] == [f"[{n}] Synthetic Group {who}" for n, who in enumerate("EAF", 1)]
    assert texts[entries[0] - 1] == "REFERENCES"
    assert (Kind.HEADING, "data.") not in read  # the last word of the paragraph above the table


def test_two_lines_beside_a_full_column_are_the_next_column() -> None:
    read = blocks("afmc-263")
    assert (Kind.HEADING, "Results") in read
    assert [text[:3] for kind, text in read if kind is Kind.REFERENCE] == ["[1]", "[2]", "[3]"]


def test_a_line_of_an_entry_may_begin_with_a_figure() -> None:
    (entry,) = (text for kind, text in blocks("icis25_142") if kind is Kind.REFERENCE and text.startswith("[1]"))
    assert "in ECGs of 2.4 million patients. Synthetic Archives" in entry
