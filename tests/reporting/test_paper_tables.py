"""Tables for the paper: characteristics, and the risk of bias with its drawing, as pages and as Word documents."""

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.tables import reported, small_form, study, without

from screener.core.errors import BadInput
from screener.forms.walk import FormSpec
from screener.protocol import RiskOfBias
from screener.reporting.drawing import svg
from screener.reporting.tables import bias_table, characteristics_table, table_document, table_page, wide_table
from screener.reporting.tables.studies import ExtractedStudy

SPEC = RiskOfBias(tool="own questions, <unvalidated>", domains={"Selection": "bias.selection"}, overall="bias.overall")
DRUGS = ["trial.design", "arms.name.drug"]


@pytest.fixture
def form(tmp_path: Path) -> FormSpec:
    return small_form(tmp_path)


def judged(name: str, by: str, selection: str, overall: str = "low") -> ExtractedStudy:
    answers = {
        f"bias.{item}": without(word) if word in ("unclear", "not_reported") else reported(word)
        for item, word in (("selection", selection), ("overall", overall))
    }
    return study(name, by, **answers)  # type: ignore[arg-type]


def test_what_differs_between_a_studys_entries_stands_a_line_each_and_else_once(form: FormSpec) -> None:
    two = {"arms[0].name.drug": reported("A"), "arms[1].name.drug": reported("B")}
    twice = {"arms[0].name.drug": reported("A"), "arms[1].name.drug": reported("A")}
    half = {"arms[0].name.drug": reported("A"), "arms[1].name.code": reported("x")}
    table = characteristics_table(
        form, [study("ada", **two), study("bo", "machine", **twice), study("cy", **half), study("dee", "")], DRUGS
    )
    assert [row["arms.name.drug"].value for row in table.rows] == [["A", "B"], "A", ["A"], None]
    assert [table.heading(column) for column in table.columns] == ["Study", "Design", "Drug"]
    assert table.notes == ("1 of 4 studies have no values that count yet: Dee 2020.",)
    page = table_page(table, "T")
    assert "A<br>B" in page
    assert page.count("<sup>ᴹ</sup>") == 1


def test_judgements_have_a_symbol_and_a_word_and_the_caption_names_the_instrument(form: FormSpec) -> None:
    studies = [judged("ada", "person", "high"), judged("bo", "person", "unclear"), judged("cy", "machine", "unclear")]
    table = bias_table(form, studies, SPEC)
    assert table.caption == "Risk of bias of the included studies (own questions, <unvalidated>)"
    assert [row["Selection"].shown for row in table.rows] == ["× high", "? unclear", "○ not judged"]
    assert [row["overall"].shown for row in table.rows] == ["+ low"] * 3
    # What a machine cannot tell nobody has judged; what it does say is marked as its own.
    assert [row["overall"].by for row in table.rows] == ["person", "person", "machine"]
    page = table_page(table, "T")
    assert "own questions, &lt;unvalidated&gt;" in page
    assert "<unvalidated>" not in page


def test_it_is_told_how_many_judgements_people_gave_otherwise_than_the_rules(form: FormSpec) -> None:
    kept, changed = (reported("low").model_copy(update={"derived": code}) for code in ("low", "high"))
    table = bias_table(form, [study("ada", bias__selection=kept, bias__overall=changed)], SPEC)
    assert table.notes[0].startswith("2 judgements are computed from the other answers by rules of the form; 1 of them")


def test_the_drawing_tells_the_same_without_its_colours(form: FormSpec) -> None:
    table = bias_table(form, [judged("ada", "machine", "high"), judged("b<o", "person", "low")], SPEC)
    assert table.drawing is not None
    root = ElementTree.fromstring(svg(table.drawing, "risk", fixed=True))
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in texts if text in ("×", "+")] == ["×", "+", "+", "+"]
    assert [text for text in texts if text in ("highᴹ", "lowᴹ", "low")] == ["highᴹ", "lowᴹ", "low", "low"]
    assert "+ low · × high · ᴹ A machine's value, which nobody has checked" in texts
    assert "B<O 2020" in texts
    assert "Selection: highᴹ 1, low 1" in table.drawing.text


def test_a_word_document_has_the_table_its_caption_and_whose_the_values_are(form: FormSpec) -> None:
    docx = pytest.importorskip("docx")
    studies = [judged("ada", "machine", "high"), study("b\x0bo", bias__selection=reported("low"))]
    table = bias_table(form, studies, SPEC)
    document = docx.Document(io.BytesIO(table_document(table, "T")))
    (drawn,) = document.tables
    assert [[cell.text for cell in row.cells] for row in drawn.rows] == [
        ["Study", "Selection", "Overall"],
        ["Ada 2020", "× highᴹ", "+ lowᴹ"],
        ["BO 2020", "+ low", "○ not judged"],
    ]
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == table.caption
    assert texts[-1] == "Of 4 answers 1 are by people, 2 by a machine and checked by nobody, 0 unclear, 1 missing."
    assert "w:tblHeader" in drawn.rows[0]._tr.xml


def test_a_table_that_word_cannot_hold_is_refused(form: FormSpec) -> None:
    pytest.importorskip("docx")
    table = wide_table(form, [study("ada")], "")
    wider = type(table)(table.name, table.caption, tuple(f"c{n}" for n in range(64)), (), table.counts)
    with pytest.raises(BadInput, match="64 columns, and Word 63 at most"):
        table_document(wider, "T")
