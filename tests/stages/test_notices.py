"""Notices of papers in the review are not screened alone; they are counted, and come back when their link is undone."""

from pathlib import Path

import pytest
from support.two_stages import PROTOCOL

from screener.adjudication.queue import next_record, progress
from screener.core.errors import BadInput
from screener.core.judgement import Decision, Judgement, Stage
from screener.exchange import check_integrity, keep_marked, status_rows
from screener.ledger import (
    Ledger,
    add_files,
    as_studies,
    confirm_pair,
    linked_notices,
    reads,
    records_set_aside,
    reports,
)
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.protocol import Review
from screener.records import Entry, FileRead, Hit
from screener.reporting.flow import NOTICES, FlowInputs, FlowStanding, adds_up, flow
from screener.stages import IntegrityState, Status, integrity_state, load_stages, records_for

PAPER = "Vitamin Q and mortality in intensive care: a randomised trial"
TRIAL = Entry(title=PAPER, authors=("Bates, R",), year=2012, doi="10.5555/vq.2012.1")
ERRATUM = Entry(title=f"{PAPER} (Erratum)", authors=("Bates, R",), year=2013, doi=TRIAL.doi, abstract="Read 31 deaths.")
REPLY = Entry(title=f"{PAPER} - Reply", authors=("Bates, R",), year=2013, doi=TRIAL.doi)
LONE = Entry(title="Erratum to: A paper that no search of the review brought at all", year=2015)


def put(ledger: Ledger, name: str, *entries: Entry) -> None:
    hits = tuple(Hit(source="Base", row=row, entry=entry) for row, entry in enumerate(entries, 1))
    add_files(ledger, [FileRead(path=name, format="csv", source="Base", sha256=name, hits=hits, rejected=())])


def aside(ledger: Ledger) -> set[str]:
    """Return the titles of the records that are not screened alone."""
    with ledger.read() as connection:
        return {record.title for record in reads.records(connection, records_set_aside(connection))}


def by_title(ledger: Ledger) -> dict[str, str]:
    with ledger.read() as connection:
        return {record.title: record.id for record in reads.records(connection)}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.of(tmp_path / ".screener")


@pytest.fixture
def review(tmp_path: Path) -> Review:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "review.yaml").write_text(PROTOCOL)
    for name in ("abstract.md", "fulltext.md"):
        (tmp_path / "prompts" / name).write_text("{{ title }}")
    return Review(tmp_path)


def test_a_linked_notice_is_not_screened_and_one_without_its_paper_is(ledger: Ledger, review: Review) -> None:
    put(ledger, "a.csv", ERRATUM, LONE)
    assert aside(ledger) == set()
    put(ledger, "b.csv", TRIAL, REPLY)
    assert aside(ledger) == {ERRATUM.title, REPLY.title}
    titles = [record.title for record in records_for(ledger, review, Stage.ABSTRACT)]
    assert titles == [LONE.title, TRIAL.title]
    with ledger.read() as connection:
        paper = next(record for record in reads.records(connection) if record.title == PAPER)
        assert {item.paper for item in linked_notices(connection)} == {paper.id}
    assert paper.abstract == ""


@pytest.mark.parametrize("order", ["random", "given", "ranked", "learned"])
def test_people_are_given_no_notice_of_another_record(ledger: Ledger, review: Review, order: str) -> None:
    path = review.prompts / "review.yaml"
    path.write_text(
        path.read_text().replace("    template: abstract.md\n", f"    template: abstract.md\n    queue: {order}\n")
    )
    review = Review(review.root)
    assert review.stage(Stage.ABSTRACT).queue == order
    put(ledger, "a.csv", TRIAL, ERRATUM, REPLY, LONE)
    given = [next_record(ledger, review, Stage.ABSTRACT, "ada", holder=str(window)) for window in range(2)]
    assert {record.title for record in given if record is not None} == {LONE.title, TRIAL.title}
    done = progress(ledger, review, Stage.ABSTRACT, "ada")
    assert (done.records, done.left) == (2, 2)
    confirm_pair(ledger, by_title(ledger)[REPLY.title], by_title(ledger)[PAPER], "apart", "zoe")
    third = next_record(ledger, review, Stage.ABSTRACT, "ada", holder="another")
    assert third is not None
    assert third.title == REPLY.title


def test_a_link_that_a_person_takes_back_makes_the_notice_a_record_to_screen(ledger: Ledger) -> None:
    put(ledger, "a.csv", TRIAL, ERRATUM, REPLY)
    ids = by_title(ledger)
    confirm_pair(ledger, ids[REPLY.title], ids[PAPER], "apart", "zoe")
    assert aside(ledger) == {ERRATUM.title}


def test_what_people_have_judged_stays_theirs_until_one_of_them_confirms_the_link(ledger: Ledger) -> None:
    put(ledger, "a.csv", REPLY)
    said = Judgement(decision=Decision.INCLUDE, stated=True)
    name = by_title(ledger)[REPLY.title]
    with ledger.write() as connection:
        add_judgements(connection, [NewJudgement(name, "x", Stage.ABSTRACT, "ada", "human", said)])
    put(ledger, "b.csv", TRIAL)
    assert aside(ledger) == set()
    confirm_pair(ledger, name, by_title(ledger)[PAPER], "as listed", "zoe")
    assert aside(ledger) == {REPLY.title}


def test_the_flow_counts_notices_among_what_was_removed_before_screening() -> None:
    waiting = tuple(FlowStanding(name, Status.PENDING) for name in "abc")
    boxes = {box.id: box for box in flow(FlowInputs({"Base": 6}, {}, 0, 1, 5, waiting, None, None, notices=2))}
    assert adds_up(boxes.values())
    assert (NOTICES, 2) in boxes["removed"].parts
    assert (boxes["removed"].count, boxes["screened"].count) == (3, 3)


def state(ledger: Ledger, review: Review) -> IntegrityState:
    return integrity_state(ledger, load_stages(ledger, review))


def test_a_retraction_notice_marks_its_paper_and_an_erratum_less(ledger: Ledger, review: Review) -> None:
    put(ledger, "a.csv", TRIAL, ERRATUM)
    assert [(m.id, m.integrity) for m in state(ledger, review).marked] == [("doi:10.5555/vq.2012.1", "corrected")]
    put(ledger, "b.csv", Entry(title=f"Retraction notice to “{PAPER}” [Crit. Rep. 3 (2012) 1–9]", year=2014))
    [marked] = state(ledger, review).marked
    assert marked.integrity == "retracted"
    assert len(marked.why) == 2


def test_an_included_study_that_a_later_check_finds_retracted_waits_for_a_person(
    ledger: Ledger, review: Review, tmp_path: Path
) -> None:
    put(ledger, "a.csv", TRIAL, REPLY, LONE)
    for stage in (Stage.ABSTRACT, Stage.FULLTEXT):
        for who in ("ada", "ben"):
            said = Judgement(decision=Decision.INCLUDE, stated=True)
            with ledger.write() as connection:
                add_judgements(connection, [NewJudgement("doi:10.5555/vq.2012.1", "x", stage, who, "human", said)])
    assert (state(ledger, review).checked, state(ledger, review).undecided) == ("", ())
    listed = tmp_path / "retractions.csv"
    listed.write_text(
        "OriginalPaperDOI,OriginalPaperPubMedID,RetractionDate,RetractionNature,Reason\n"
        "10.5555/VQ.2012.1,0,3/1/2014 0:00,Retraction,+Falsification;\n10.5555/other,0,3/1/2014 0:00,Retraction,\n"
    )
    check = check_integrity(ledger, listed, "zoe")
    assert [(item.mark, item.on, item.reason) for item in check.found] == [("retracted", "3/1/2014", "Falsification")]
    assert (check.compared, check.without) == (1, 0)  # notices are not compared
    [open_] = state(ledger, review).undecided
    assert (open_.id, open_.included) == ("doi:10.5555/vq.2012.1", True)
    assert state(ledger, review).checked[:4].isdigit()
    with pytest.raises(BadInput, match="say why"):
        keep_marked(ledger, open_.id, " ", "zoe")
    keep_marked(ledger, open_.id, "The analysis without it is shown.", "zoe")
    assert state(ledger, review).undecided == ()
    assert "The analysis without it is shown. (zoe, " in state(ledger, review).marked[0].decision


def test_a_paper_that_was_reinstated_has_no_mark(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "a.csv", TRIAL)
    listed = tmp_path / "retractions.csv"
    listed.write_text("DOI,RetractionNature\n10.5555/vq.2012.1,Retraction\n10.5555/vq.2012.1,Reinstatement\n")
    assert check_integrity(ledger, listed, "zoe").found == ()


def test_a_fresh_export_tells_what_was_retracted_since(tmp_path: Path) -> None:
    export = tmp_path / "now.ris"
    export.write_text(
        f"TY  - JOUR\nTI  - RETRACTED: {PAPER}\nDO  - 10.5555/vq.2012.1\nPY  - 2012\nER  - \n\n"
        "TY  - JOUR\nTI  - Another work of the heart\nDO  - 10.5555/2\nPY  - 2012\nER  - \n"
    )
    assert [(row.doi, str(row.mark)) for row in status_rows(export)] == [("10.5555/vq.2012.1", "retracted")]


def test_who_extracts_is_shown_what_was_corrected_and_no_reply(ledger: Ledger, review: Review) -> None:
    put(ledger, "a.csv", TRIAL, ERRATUM, REPLY)
    with ledger.read() as connection:
        records = [record for record in reads.records(connection) if record.title == PAPER]
    [plain] = reports(ledger, records)
    [study] = as_studies(ledger, [plain])
    assert [(told.kind, told.text) for told in study.notices] == [("erratum", "Read 31 deaths.")]
    assert plain.notices == ()
    assert study.text_hash != plain.text_hash  # a machine's extraction before the erratum is stale
