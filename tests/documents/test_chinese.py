"""Tables and captions in Chinese, also in a font that the file names and does not hold."""

from pathlib import Path

import pytest
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas
from support.documents import HEIGHT, draw

from screener.documents import Kind, layout
from screener.documents.pages.marks import is_caption

pytest.importorskip("pypdfium2", reason="places of letters are those of pypdfium2: install screener[pdf]")

ROWS = (
    ("模型", "准确率（%）", "灵敏度", "样本量"),
    ("残差网络", "81.2", "0.711", "1204"),
    ("变换器", "84.9", "0.722", "1205"),
    ("本文方法", "91.3", "0.733", "1206"),
)


def table(canvas: Canvas) -> None:
    registerFont(UnicodeCIDFont("STSong-Light"))
    canvas.setFont("STSong-Light", 9)
    canvas.drawString(60, HEIGHT - 96, "表1 各模型在测试集上的结果")
    for y in (104, 118, 162):
        canvas.line(60, HEIGHT - y, 420, HEIGHT - y)
    for number, row in enumerate(ROWS):
        canvas.drawString(62, HEIGHT - 114 - 14 * number, row[0])
        for column, cell in enumerate(row[1:], 1):
            canvas.drawCentredString(105 + 90 * column, HEIGHT - 114 - 14 * number, cell)


def test_a_table_in_chinese_has_its_head_and_caption(tmp_path: Path) -> None:
    document = layout(draw(tmp_path / "a.pdf", table))
    (found,) = document.tables
    lines = found.markdown(document.text).splitlines()
    assert [line.strip("| ").split(" | ") for line in (lines[0], *lines[2:])] == [list(row) for row in ROWS]
    assert found.caption is not None
    assert document.text[slice(*found.caption)] == "表1 各模型在测试集上的结果"
    assert document.blocks[0].kind is Kind.CAPTION


@pytest.mark.parametrize(
    "text",
    ["表1", "表 1", "表1-2 基线特征", "表1基线特征", "图 3 训练流程", "附表2 参数", "表1．患者基线", "表1：结果"],
)
def test_captions_with_a_number_behind_the_sign(text: str) -> None:
    assert is_caption(text)


@pytest.mark.parametrize(
    "text", ["表1显示了各组的结果", "表1和表2给出结果", "如表1所示", "表1中，两组无差异。", "表面1处"]
)
def test_a_sentence_about_a_table_is_no_caption(text: str) -> None:
    assert not is_caption(text)
