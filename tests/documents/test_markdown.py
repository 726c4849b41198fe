"""Markdown is read as what it says: headings, tables, lists and references; plain text stays as it is."""

from pathlib import Path

import pytest

from screener.documents import Document, Kind, layout
from tests.documents.marked import blocks, heads_of, texts


def read(tmp_path: Path, text: str, name: str = "paper.md") -> Document:
    (tmp_path / name).write_text(text)
    return layout(tmp_path / name)


def test_headings_of_both_kinds_make_the_sections_and_references_are_known(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "On runners\n==========\n\n**Abstract**\n\nSome ran.\n\n## 2 Methods {#sec:methods}\n\nWe asked 90.\n\n"
        "### Bibliografía\n\n1. Alder P, 5,000 runners.\n2. Cedar R.\n\n### Appendix\n\nOf 2,222.\n",
    )
    assert blocks(document) == [
        (Kind.HEADING, "", "On runners"), (Kind.HEADING, "Abstract", "Abstract"), (Kind.TEXT, "Abstract", "Some ran."),
        (Kind.HEADING, "2 Methods", "2 Methods"), (Kind.TEXT, "2 Methods", "We asked 90."),
        (Kind.HEADING, "Bibliografía", "Bibliografía"), (Kind.REFERENCE, "Bibliografía", "1. Alder P, 5,000 runners."),
        (Kind.REFERENCE, "Bibliografía", "2. Cedar R."), (Kind.HEADING, "Appendix", "Appendix"),
        (Kind.TEXT, "Appendix", "Of 2,222."),
    ]  # fmt: skip


def test_an_abstract_that_opens_with_its_name_is_a_section(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "# On runners\n\nA. Author\n\n**Abstract.** Some ran.\n\n**Keywords**: hills\n\n## 1 Aim\n\nNone.\n\nSummary: all ran.",
    )
    sections = {words: section for _, section, words in blocks(document)}
    assert sections == {
        "On runners": "", "A. Author": "", "Abstract. Some ran.": "Abstract", "Keywords: hills": "Keywords", "1 Aim": "1 Aim",
        "None.": "1 Aim", "Summary: all ran.": "1 Aim",
    }  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        "| Model | Calm \\| flat | Rough |\n| :-- | --: | --- |\n| A | **0.91** | 0.80 |\n| B | | 0.75<sup>a</sup> |\n",
        "Model | Calm \\| flat | Rough\n:-- | --: | ---\nA | 0.91 | 0.80\nB | | 0.75<sup>a</sup>\n",
        "| | | |\n|---|---|---|\n| Model | Calm \\| flat | Rough |\n| A | 0.91 | 0.80 |\n| B | | 0.75<sup>a</sup> |\n",
    ],
    ids=["with outer lines", "without them", "with a head in the body"],
)
def test_a_table_has_heads_and_a_caption(tmp_path: Path, written: str) -> None:
    document = read(tmp_path, f"## Results\n\nTable 1 shows it.\n\n**Table 1.** Winds by sea.\n\n{written}\nText.\n")
    [table] = document.tables
    assert table.markdown(document.text).split("\n") == [
        "| Model | Calm \\| flat | Rough |", "| --- | --- | --- |", "| A | 0.91 | 0.80 |", "| B |  | 0.75ᵃ |",
    ]  # fmt: skip
    assert heads_of(document, "0.75ᵃ") == (["B"], ["Rough"])
    assert texts(document, Kind.CAPTION) == ["Table 1. Winds by sea."]
    assert table.caption is not None
    assert document.text[slice(*table.caption)] == "Table 1. Winds by sea."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("See [the code](https://example.org/code).", "See the code (https://example.org/code)."),
        ("![a plot](figures/p.png)", "a plot (figures/p.png)"),
        ("![a plot](data:image/png;base64,AAAA)", "a plot"),
        ("p<0.05 and n>3, a<b and c>d", "p<0.05 and n>3, a<b and c>d"),
        ("the <mask> token", "the <mask> token"),
        ("$a_1 * b_2 * c_3$ for $5 and *more*", "a1 * b2 * c3 for $5 and more"),
        (r"$0.91 \pm 0.02$ of $18{,}885$, \(p<0.05\)", "0.91 ±0.02 of 18,885, p<0.05"),
        (r"a rate of $3.2\times10^{-4}$, $\mathbf{0.913}_{\pm 0.02}$", "a rate of 3.2×10⁻⁴, 0.913 ±0.02"),
        (r"$9 1 . 3 \%$ of runners$^{12}$ at $5^\circ$, $\frac{1}{2}10$", "91.3% of runners¹² at 5°, 1/2 10"),
        (r"$8, 16, 32$, $0.88\mbox{-}0.93$ and $100%$", "8, 16, 32, 0.88-0.93 and 100%"),
        (r"for $50 (then 40$) and \$5", "for $50 (then 40$) and $5"),
        ("$a <script> b$", "a <script> b"),
        (r"a root $\sqrt[3]{x}$, $\frac{12}{5}$", r"a root $\sqrt[3]{x}$, 12/5"),
        ("as told[^1] and in [2]", "as told[^1] and in [2]"),
        ("[^1]: https://example.org/note", "[^1]: https://example.org/note"),
        ("[2]: https://example.org/two", "[2]: https://example.org/two"),
        ("10<sup>5</sup> <span hidden>EVIL</span>of them", "10⁵ of them"),
        ("```\n# no heading\n  x\n```", "# no heading\nx"),
        ("- one\n- two", "one\ntwo"),
        ("3. three\n4. four", "3. three\n4. four"),
    ],
)
def test_what_is_written_in_a_line_is_kept(tmp_path: Path, written: str, shown: str) -> None:
    assert read(tmp_path, written).text == shown


def test_html_within_is_read_and_what_stands_before_all_says_what_the_paper_is(tmp_path: Path) -> None:
    table = "<table><tr><th rowspan=2>M</th><th colspan=2>Sea</th></tr><tr><th>Calm</th><th>Rough</th></tr><tr><td>A<td>1<td>2</tr></table>"
    document = read(tmp_path, f'---\ntitle: "On runners"\ntags:\n  - a\ndoi: 10.5555/r.1\n---\n\nText.\n\n{table}\n')
    assert heads_of(document, "2") == (["A"], ["Sea", "Rough"])
    assert document.metadata == {"title": "On runners", "doi": "10.5555/r.1"}
    assert document.text.startswith("On runners\n\nText.\n\n")


def test_a_formula_in_a_cell_is_a_figure_and_one_in_its_own_lines_is_read(tmp_path: Path) -> None:
    table = "| Model | Area |\n|---|---|\n| A | $\\mathbf{0.91}_{\\pm 0.02}$ |\n| B | $0.80$* |\n"
    document = read(tmp_path, f"{table}\n$$\nx = 5\n$$\n\n\\[\ny \\geq 6\n\\]\n\n```\n$10^{{5}}$\n```\n")
    assert document.text == "Model\tArea\nA\t0.91 ±0.02\nB\t0.80*\n\nx = 5\n\ny ≥6\n\n$10^{5}$"
    assert heads_of(document, "0.91 ±0.02") == (["A"], ["Area"])


@pytest.mark.parametrize("head", ["| A | B |\n| - | - |\n", "A | B\n--- | ---\n"])
def test_what_stands_beyond_the_head_of_a_table_is_kept(tmp_path: Path, head: str) -> None:
    document = read(tmp_path, f"{head}| a | 1 | 2 |\n| b | 3 | 4 |\n\n```\nx | y\n- | -\n1 | 2 | 3\n```\n")
    assert document.text == "A\tB\na\t1\t2\nb\t3\t4\n\nx | y\n- | -\n1 | 2 | 3"


def test_heads_that_lost_their_spans_are_two_rows_and_a_title_may_stand_below_its_sections(tmp_path: Path) -> None:
    table = "| Model | First ward | | Second ward | |\n|---|---|---|---|---|\n| | Area | Error | Area | Error |\n| Ours | 0.913 | 0.07 | 0.887 | 9 |\n"
    document = read(tmp_path, f"## **On runners**\n\n*Abstract*—Some ran.\n\n# **1. Results**\n\n{table}")
    assert heads_of(document, "0.07") == (["Ours"], ["First ward", "Error"])
    assert heads_of(document, "0.887") == (["Ours"], ["Second ward", "Area"])
    [table_read] = document.tables
    assert table_read.markdown(document.text).startswith("| Model | First ward / Area | First ward / Error |")
    sections = {words: section for kind, section, words in blocks(document) if kind is not Kind.TABLE_ROW}
    assert sections == {"On runners": "", "Abstract—Some ran.": "Abstract", "1. Results": "1. Results"}


def test_two_lines_across_are_no_front_matter(tmp_path: Path) -> None:
    assert read(tmp_path, "---\nWe asked 90 runners\nin two towns.\n\n---\n\nText.").text.startswith("We asked 90")


def test_plain_text_is_not_read_as_markdown(tmp_path: Path) -> None:
    written = "| a | b |\n| --- | --- |\n| 1 | *2* |\n[the code](https://example.org)"
    assert read(tmp_path, written, "paper.txt").text == written
