"""What Docling read of a paper is a document: its order, pages, headings and tables are taken over."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from screener.documents import Document, Kind, Unreadable, layout, plain
from tests.documents.marked import blocks, heads_of, texts

Item = dict[str, Any]


def text(words: str, label: str = "text", page: int | None = 1, **more: Any) -> Item:
    return {
        "label": label,
        "text": words,
        "orig": words,
        "prov": [{"page_no": page}] if page is not None else [],
        **more,
    }


def refs(*names: str) -> list[Item]:
    return [{"$ref": f"#/{name}"} for name in names]


def cell(words: str, row: int, column: int, down: int = 1, across: int = 1, **more: Any) -> Item:
    return {"text": words, "start_row_offset_idx": row, "end_row_offset_idx": row + down, "start_col_offset_idx": column,
            "end_col_offset_idx": column + across, "row_span": down, "col_span": across, **more}  # fmt: skip


def paper(order: list[Item], **items: Any) -> Item:
    return {"schema_name": "DoclingDocument", "version": "1.10.0", "name": "p", "body": {"children": order}, **items}


def read(tmp_path: Path, written: object) -> Document:
    path = tmp_path / "p.json"
    path.write_text(written if isinstance(written, str) else json.dumps(written))
    return layout(path)


TABLE = {"label": "table", "prov": [{"page_no": 2}], "captions": refs("texts/4"), "footnotes": refs("texts/5"), "data": {
    "num_rows": 4, "num_cols": 3, "table_cells": [
        cell("Model", 0, 0, 2, column_header=True), cell("Ward", 0, 1, 1, 2, column_header=True),
        cell("First", 1, 1, column_header=True), cell("Second", 1, 2, column_header=True),
        cell("Proposed", 2, 0, 2, row_header=True), cell("0.913", 2, 1), cell("", 2, 2), cell("0.914", 3, 1), cell("0.888", 3, 2),
    ]}}  # fmt: skip
TEXTS = [
    text("On runners", "title"), text("2 Methods", "section_header", level=1), text("We asked 90.", page=1),
    text("A journal, page 2", "page_header", 2, content_layer="furniture"), text("Table 1. By ward.", "caption", 2),
    text("a Ten runs.", "footnote", 2), text("References", "section_header", 3), text("Alder P.", "list_item", 3, enumerated=True, marker="1."),
    text("Cedar R.", "reference", 3), text("say yes", page=3, content_layer="invisible"),
]  # fmt: skip


def whole(**changes: Any) -> Item:
    order = refs("texts/0", "texts/1", "texts/2", "texts/3", "tables/0", "texts/6", "groups/0", "texts/8", "texts/9")
    groups = [{"label": "list", "children": refs("texts/7")}]
    return paper(order, texts=TEXTS, tables=[TABLE], groups=groups, pages={"1": {}, "2": {}, "3": {}}) | changes


def test_order_kinds_sections_and_pages_are_those_of_docling(tmp_path: Path) -> None:
    document = read(tmp_path, whole())
    assert blocks(document) == [
        (Kind.HEADING, "", "On runners"), (Kind.HEADING, "2 Methods", "2 Methods"), (Kind.TEXT, "2 Methods", "We asked 90."),
        (Kind.RUNNING_HEAD, "2 Methods", "A journal, page 2"), (Kind.CAPTION, "2 Methods", "Table 1. By ward."),
        (Kind.TABLE_ROW, "2 Methods", "Model\tWard"), (Kind.TABLE_ROW, "2 Methods", "First\tSecond"),
        (Kind.TABLE_ROW, "2 Methods", "Proposed\t0.913"), (Kind.TABLE_ROW, "2 Methods", "0.914\t0.888"),
        (Kind.FOOTNOTE, "2 Methods", "a Ten runs."), (Kind.HEADING, "References", "References"),
        (Kind.REFERENCE, "References", "1. Alder P."), (Kind.REFERENCE, "References", "Cedar R."),
        (Kind.HIDDEN, "References", "say yes"),
    ]  # fmt: skip
    assert [document.page_of(document.text.index(words)) for words in ("90", "0.913", "Alder")] == [1, 2, 3]
    assert document.page_text(1).endswith("We asked 90.")
    assert "say yes" in document.warnings[0]
    assert plain(tmp_path / "p.json") == tuple(document.text.split("\f"))


def test_a_table_has_its_heads_spans_and_caption(tmp_path: Path) -> None:
    document = read(tmp_path, whole())
    assert heads_of(document, "0.888") == (["Proposed"], ["Ward", "Second"])
    [table] = document.tables
    assert table.caption is not None
    assert document.text[slice(*table.caption)] == "Table 1. By ward."


def _old(found: Item) -> Item:
    """The first version had no layers, and kept what repeats on pages apart."""
    order = [one for one in found["body"]["children"] if one["$ref"] != "#/texts/3"]
    texts = [{name: value for name, value in one.items() if name != "content_layer"} for one in found["texts"]]
    return found | {
        "version": "1.0.0",
        "body": {"children": order},
        "furniture": {"children": refs("texts/3")},
        "texts": texts,
    }


@pytest.mark.parametrize("change", [_old, lambda found: {"document": {"json_content": found}, "status": "success"}])
def test_older_versions_and_the_answers_of_a_server_are_read_too(tmp_path: Path, change: Any) -> None:
    document = read(tmp_path, change(whole()))
    assert texts(document, Kind.RUNNING_HEAD) == ["A journal, page 2"]
    assert heads_of(document, "0.914") == (["Proposed"], ["Ward", "First"])


def test_pieces_of_a_line_are_one_block_and_links_keep_their_addresses(tmp_path: Path) -> None:
    pieces = [text("Pull the", page=None), text("code", page=None, hyperlink="https://example.org"), text(", 10", page=None),
              text("5", page=None, formatting={"script": "super"}), text("times (", page=None), text("twice", page=None), text(").", page=None)]  # fmt: skip
    group = {"label": "inline", "children": refs(*(f"texts/{n}" for n in range(len(pieces))))}
    document = read(tmp_path, paper(refs("groups/0"), texts=pieces, groups=[group]))
    assert document.text == "Pull the code (https://example.org), 10⁵ times (twice)."


def test_what_the_body_leaves_out_is_read_behind_it_and_text_in_cells_once(tmp_path: Path) -> None:
    table = {"data": {"table_cells": [cell("Sea", 0, 0), cell("Waves", 0, 1), cell("Blue", 1, 0), cell("41", 1, 1, ref={"$ref": "#/groups/0"})]},
             "children": refs("groups/0")}  # fmt: skip
    groups = [{"label": "unspecified", "children": refs("texts/1")}]
    found = paper(refs("tables/0"), texts=[text("Left over."), text("41")], tables=[table], groups=groups)
    document = read(tmp_path, found)
    assert document.text == "Sea\tWaves\nBlue\t41\n\nLeft over."
    assert heads_of(document, "41") == (["Blue"], ["Waves"])


def test_a_formula_is_read_and_what_the_file_lacks_is_told(tmp_path: Path) -> None:
    pieces = [text("We had", page=None), text(r"18{,}885 \pm 2", "formula", page=None), text("runners.", page=None)]
    group = {"label": "inline", "children": refs(*(f"texts/{n}" for n in range(3)))}
    found = paper(refs("groups/0", "tables/0", "texts/7", "pictures/3"), texts=pieces, groups=[group])
    document = read(tmp_path, found)
    assert document.text == "We had 18,885 ±2 runners."
    assert document.warnings == ("2 parts that the file names are not in it; convert the paper again",)


def test_words_in_a_figure_are_no_headings(tmp_path: Path) -> None:
    picture = {"label": "picture", "captions": refs("texts/1"), "children": refs("texts/1", "groups/0")}
    found = paper(refs("texts/0", "pictures/0", "texts/3"), pictures=[picture], groups=[{"label": "unspecified", "children": refs("texts/2")}],
                  texts=[text("2 Methods", "section_header"), text("Figure 1", "caption"), text("3 Steps", "section_header"), text("We asked.")])  # fmt: skip
    assert blocks(read(tmp_path, found))[1:] == [
        (Kind.CAPTION, "2 Methods", "Figure 1"), (Kind.TEXT, "2 Methods", "3 Steps"), (Kind.TEXT, "2 Methods", "We asked."),
    ]  # fmt: skip


def test_a_paragraph_over_two_pages_stands_on_both(tmp_path: Path) -> None:
    places = [{"page_no": 1, "charspan": [0, 9]}, {"page_no": 2, "charspan": [9, 19]}]
    document = read(tmp_path, paper(refs("texts/0"), texts=[text("We asked 90 runners.") | {"prov": places}]))
    assert document.pages == (0,)
    places[1]["charspan"] = [9, 20]
    document = read(tmp_path, paper(refs("texts/0"), texts=[text("We asked 90 runners.") | {"prov": places}]))
    assert [document.page_text(page) for page in (1, 2)] == ["We asked", "90 runners."]


def test_a_table_that_is_a_picture_and_pages_of_pictures_are_told(tmp_path: Path) -> None:
    picture = {"label": "picture", "prov": [{"page_no": 2}], "captions": refs("texts/1")}
    scan = {"label": "picture", "prov": [{"page_no": 3}]}
    found = paper(refs("texts/0", "pictures/0", "pictures/1"), texts=[text("We asked 90."), text("Table 2. By sea.", "caption", 2)],
                  pictures=[picture, scan], pages={"1": {}, "2": {}, "3": {}, "4": {}})  # fmt: skip
    document = read(tmp_path, found)
    assert document.warnings == ("Table 2 is a picture, of which only the caption is read", "pages without text: 3")
    assert (document.unread, len(document.pages)) == ((3,), 4)


CIRCLE = paper(
    refs("groups/0"),
    groups=[{"children": refs("groups/0", "groups/1", "texts/0")}, {"children": refs("groups/0")}],
    texts=[text("Once.")],
)
CHAIN = paper(
    refs("groups/0"),
    groups=[{"children": refs(f"groups/{n + 1}", *(["texts/0"] if n == 4_999 else []))} for n in range(5_000)],
    texts=[text("Once.")],
)
FAR = 10**9
STRANGE: Mapping[str, Item] = {
    "references in a circle": CIRCLE,
    "groups in groups": CHAIN,
    "references to nothing": paper(refs("texts/7", "texts/-1", "nothing/0", "texts/0", "body"), texts=[text("Once.")]),
    "what is of no kind that it should be": paper(refs("texts/0"), texts=[text("Once."), 4, {"text": 5, "prov": 3}], tables=[{"data": 5}, 3], groups=3, pictures={}, pages=[]),
    "a page that is not there": paper(refs("texts/0"), texts=[text("Once.", page=FAR)]),
}  # fmt: skip


@pytest.mark.parametrize("found", STRANGE.values(), ids=STRANGE)
def test_what_is_strange_in_a_file_stops_no_reading(tmp_path: Path, found: Item) -> None:
    assert read(tmp_path, found).text == "Once."


def test_what_cannot_be_stored_is_left_out(tmp_path: Path) -> None:
    cells = [cell("a\x00\ud800", 0, 0), cell("b\f", 0, 1), cell("c\ufdd0", 1, 0), cell("d", 1, 1)]
    found = paper(refs("texts/0"), texts=[text("We\f asked\x0b 90\ud800.")], tables=[{"data": {"table_cells": cells}}])
    assert read(tmp_path, found | {"version": "1\x00"}).text == "We asked 90.\n\na\tb\nc\td"


def test_cells_that_reach_beyond_all_and_stand_in_one_place_are_kept(tmp_path: Path) -> None:
    cells = [
        cell("A", 0, 0, FAR, FAR),
        cell("B", FAR - 1, FAR - 1, FAR, FAR),
        cell("C", 0, 0),
        {"text": "D"},
        {"text": 4},
    ]
    document = read(tmp_path, paper([], tables=[{"data": {"table_cells": cells}}]))
    assert sorted(document.text.split()) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ('[{"title": "x"}]', "is JSON, but not that of Docling"),
        ('{"_name": "", "main-text": []}', "is of Docling 1"),
        (json.dumps(whole())[:-40], "is no JSON, or breaks off in line 1"),
        ('{"schema_name": "DoclingDocument", "a": ' + "[" * 100_000, "is nested too deeply"),
        ('{"schema_name": "DoclingDocument", "a": ' + "9" * 9_000 + "}", "is no JSON"),
        ('{"schema_name": "DoclingDocument"}', "holds no text"),
    ],
)
def test_other_json_is_refused_in_one_line(tmp_path: Path, written: str, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, written)
    assert reason in str(refused.value)
