"""Figures that a reader sees apart are never read as one figure."""

from pathlib import Path

import pytest

from screener.documents import Kind
from screener.documents.markup.jats import jats_document
from screener.documents.markup.webpage import html_document
from tests.documents.marked import heads_of, texts

MML = 'xmlns="http://www.w3.org/1998/Math/MathML"'
MATH = f"<math {MML}>{{}}</math>"

APART = {
    "struck out": ("<p>It was <del>0.5</del><ins>0.6</ins>.</p>", "It was 0.6."),
    "struck out within": ("<p>It was 0.5<s>0.7</s>0.6, <strike>7</strike>8.</p>", "It was 0.5 0.6, 8."),
    "options": ("<select><option>14</option><option>15</option></select>", "14 15"),
    "buttons": ("<p>7<button>8</button><button>.9</button></p>", "7 8 .9"),
    "a picture between": ("<p>7<img src=a>8<svg><text>9</text></svg>6</p>", "7 8 6"),
    "cells without a table": ("<p><span role=cell>0.913</span><span role=cell>0.72</span></p>", "0.913 0.72"),
    "blocks by their style": ("<p><b style='display:inline-block'>1</b><b style='display: block'>2</b></p>", "1 2"),
    "side by side": ("<div style='display:flex'><span>1</span><span>2</span></div>", "1 2"),
    "centred": ("<center>1</center><center>2</center>", "1 2"),
    "a fraction": (MATH.format("<mn>3</mn><mfrac><mn>1</mn><mn>2</mn></mfrac><mn>4</mn>"), "3 1/2 4"),
    "a fraction and a power": (
        MATH.format("<mfrac><mn>1</mn><mn>2</mn></mfrac><msup><mn>10</mn><mn>5</mn></msup>"), "1/2 10⁵",
    ),
    "a root": (MATH.format("<mn>2</mn><msqrt><mn>3</mn></msqrt>"), "2√3"),
    "one above the other": (MATH.format("<munder><mn>1</mn><mn>2</mn></munder>"), "1 2"),
    "a matrix": (MATH.format("<mtable><mtr><mtd>5</mtd><mtd>6</mtd></mtr></mtable><mn>7</mn>"), "5 6 7"),
}  # fmt: skip


@pytest.mark.parametrize(("page", "read"), APART.values(), ids=APART)
def test_what_a_browser_sets_apart_is_no_one_figure(page: str, read: str) -> None:
    assert " ".join(html_document(f"<p>On.</p>{page}").text.split()) == f"On. {read}"


@pytest.mark.parametrize("page", ["1<b>2</b>", "1<wbr>2", "1<span style='display:inline'>2</span>", "1<ins>2</ins>"])
def test_what_a_browser_sets_together_is_one_figure(page: str) -> None:
    assert html_document(f"<p>On {page}</p>").text.split() == ["On", "12"]


def test_there_is_one_blank_where_something_is_struck_out() -> None:
    assert html_document("<p>It was <del>0.5</del> <ins>0.6</ins>, and <s>1</s>2.</p>").text == "It was 0.6, and 2."


def test_a_table_made_of_roles_is_one() -> None:
    page = (
        "<div role=table><div role=rowgroup><div role=row><span role=columnheader>Model</span><span role=columnheader>"
        "AUC</span></div></div><div role=row><span role=cell>Ours <i role=cell>A</i></span><span role=cell>0.913</span>"
        "</div></div><p>On.</p>"
    )
    document = html_document(page)
    assert texts(document, Kind.TABLE_ROW) == ["Model\tAUC", "Ours A\t0.913"]
    assert heads_of(document, "0.913") == (["Ours A"], ["AUC"])
    assert document.text.endswith("On.")


IN_JATS = {
    "an array": (
        "Text. <array><tbody><tr><td>0.5</td><td>0.6</td></tr><tr><td>7</td><td>8</td></tr></tbody></array>",
        "Text. 0.5 0.6 7 8",
    ),
    "struck out": ("It was 0.5<strike>0.7</strike>0.6.", "It was 0.5 0.6."),
    "a picture": ("7<inline-graphic/>8", "7 8"),
    "a fraction": (APART["a fraction and a power"][0], "1/2 10⁵"),
    "a root": (APART["a root"][0], "2√3"),
    "a matrix": (APART["a matrix"][0], "5 6 7"),
}


@pytest.mark.parametrize(("body", "read"), IN_JATS.values(), ids=IN_JATS)
def test_what_an_article_sets_apart_is_no_one_figure(body: str, read: str) -> None:
    document = jats_document(f"<article><body><p>{body}</p></body></article>", Path("a.xml"))
    assert " ".join(document.text.split()) == read
