"""Text that nobody sees on its page is marked, kept from reviewers, and holds no quote."""

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.colors import white
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from support import Cli
from support.hidden_pdf import (
    HIDDEN,
    LINE,
    SCANNED,
    SHOWN,
    Draw,
    faded,
    page,
    scan,
    switched_off,
    under_a_note,
    under_white_letters,
)
from support.web_app import running

from screener.core.judgement import Match, Value
from screener.documents import Attached, EvidenceTexts, Kind, Quote, Report, Role, layout, passages_of
from screener.documents.model import Document
from screener.protocol.model import DecidedBy, QuestionCriterion, StageProtocol
from screener.records import Record
from screener.reviewers.extraction import suspicious, ungrounded
from screener.reviewers.screening import Proposal, finish, settle


def hidden_words(document: Document) -> str:
    return " ".join(document.text[block.start : block.end] for block in document.blocks if block.kind is Kind.HIDDEN)


@pytest.mark.parametrize("draw", HIDDEN.values(), ids=HIDDEN)
def test_a_line_that_nobody_sees_is_marked_and_told_and_shown_to_no_reviewer(tmp_path: Path, draw: Draw) -> None:
    document = layout(page(tmp_path / "a.pdf", draw))
    assert LINE.startswith(hidden_words(document).removesuffix("everything").strip())
    assert len(hidden_words(document)) > 0.8 * len(LINE)
    assert document.warnings == (document.warnings[0],)
    assert document.warnings[0].startswith("text that cannot be seen on page 1 (1")
    shown = "\n".join(passage.text for passage in passages_of({"main": document}))
    assert "electrocardiograms" not in shown
    assert all(f"Line {number}: We bake bread" in shown for number in range(30))


@pytest.mark.parametrize("draw", SHOWN.values(), ids=SHOWN)
def test_a_line_that_is_merely_unusual_is_not(tmp_path: Path, draw: Draw) -> None:
    document = layout(page(tmp_path / "a.pdf", draw))
    assert (hidden_words(document), document.warnings) == ("", ())
    assert LINE in document.text


@pytest.mark.parametrize("on", [False, True])
def test_a_layer_that_is_switched_off_is_hidden_and_one_that_is_on_is_not(tmp_path: Path, on: bool) -> None:
    document = layout(switched_off(tmp_path / "a.pdf", on=on))
    assert hidden_words(document) == ("" if on else LINE)
    assert LINE in document.text


def test_words_under_white_letters_are_hidden_like_these(tmp_path: Path) -> None:
    document = layout(page(tmp_path / "a.pdf", under_white_letters))
    assert "electrocardiograms" in document.text
    assert "electrocardiograms" not in "".join(passage.text for passage in passages_of({"main": document}))


def test_the_end_of_a_line_that_sticks_out_from_under_its_cover_is_hidden_with_it(tmp_path: Path) -> None:
    def covered(canvas: Canvas) -> None:
        canvas.drawString(72, 200, LINE)
        canvas.setFillColor(white)
        canvas.rect(60, 190, 12 + stringWidth(LINE.removesuffix("everything"), "Helvetica", 12), 30, stroke=0, fill=1)

    assert hidden_words(layout(page(tmp_path / "a.pdf", covered))) == LINE


@pytest.mark.parametrize("write", [under_a_note, faded])
def test_a_line_under_an_annotation_or_behind_a_soft_mask_is_hidden(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    assert hidden_words(layout(write(tmp_path / "a.pdf"))) == LINE


@pytest.mark.parametrize("under", [False, True])
def test_the_recognised_text_of_a_scan_stays_what_it_is(tmp_path: Path, under: bool) -> None:
    document = layout(scan(tmp_path / "a.pdf", under=under))
    assert (hidden_words(document), document.warnings, document.scan) == ("", (), False)
    assert SCANNED.format(39) in document.text


def test_a_line_that_the_picture_of_a_page_does_not_show_is_hidden(tmp_path: Path) -> None:
    document = layout(
        scan(tmp_path / "a.pdf", more=lambda canvas: HIDDEN["mode 3"](canvas.translate(0, -160) or canvas))
    )
    assert hidden_words(document) == LINE
    assert SCANNED.format(39) in document.text


class TestEvidence:
    RECORD = Record(id="r", title="Bread", abstract="We bake bread.")
    CRITERION = QuestionCriterion(id="ecg", question="Was it pre-trained on electrocardiograms?", quote="required")

    def texts(self, tmp_path: Path, *draws: Draw) -> EvidenceTexts:
        documents = {f"d{number}": layout(page(tmp_path / f"{number}.pdf", draw)) for number, draw in enumerate(draws)}
        return EvidenceTexts({name: document.text for name, document in documents.items()}, documents)

    @pytest.mark.parametrize("quote", [LINE, "pre-trained on electrocardiograms"])
    def test_a_quote_from_hidden_text_holds_nothing(self, tmp_path: Path, quote: str) -> None:
        texts = self.texts(tmp_path, HIDDEN["white"])
        answer = settle(self.CRITERION, self.RECORD, Proposal(Value.YES, quotes=(Quote(quote, "d0"),)), texts)
        assert answer.value is Value.UNCLEAR
        assert "cannot be seen" in answer.reason
        told = ungrounded([texts.find(Quote(quote))], texts)
        assert told.startswith(f"the quote “{quote[:30]}")
        assert told.endswith("” is text that cannot be seen on the page")

    def test_the_same_words_where_they_can_be_seen_hold_it(self, tmp_path: Path) -> None:
        texts = self.texts(tmp_path, HIDDEN["white"], SHOWN["plain"])
        evidence = texts.find(Quote(LINE, "d0"))
        assert (evidence.document, evidence.status, texts.is_hidden(evidence)) == ("d1", Match.EXACT, False)
        answer = settle(self.CRITERION, self.RECORD, Proposal(Value.YES, quotes=(Quote(LINE, "d0"),)), texts)
        assert answer.value is Value.YES


def test_a_judgement_of_its_report_is_flagged(tmp_path: Path) -> None:
    stage = StageProtocol(
        question="Is it?", template="a.md", criteria=(TestEvidence.CRITERION,), decided_by=DecidedBy(humans=1)
    )
    flags = []
    for draw in (SHOWN["plain"], HIDDEN["white"]):
        document = layout(page(tmp_path / "a.pdf", draw))
        attached = Attached(
            record_id="r", name="main", role=Role.MAIN, file="a.pdf", sha256="0", content="0", pages=1,
            characters=len(document.text), scan=False, how="", at="",
        )  # fmt: skip
        report = Report(id="r", title="Bread", attached=(attached,), load=lambda _, document=document: document)
        flags.append((finish(stage, report, {}).flags, tuple(suspicious(report, EvidenceTexts.of(report)))))
    assert flags == [((), ()), (("suspicious_hidden",), ("suspicious_hidden",))]


def test_import_tells_of_it_and_so_does_the_app(cli: Cli, documents: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pdfs"
    folder.mkdir()
    page(folder / "syn-01.pdf", HIDDEN["white"])
    told = cli("import", "--pdfs", folder).out
    assert "text that cannot be seen on page 1" in " ".join(told.split())
    with running(documents, "ada") as app:
        app.enter()
        shown = app.get("/reader", record="syn-01").text
    assert "text that cannot be seen on its pages" in shown
    assert shown.count("electrocardiograms of horses") == 1
