"""One person and a machine as second reviewer, from the protocol to the report: who decides, and who reads what both exclude."""

import json
from pathlib import Path

import pytest
from support import Cli
from support.gold import said

from screener.adjudication.queue import adjudicate, conflicts, enter, next_record, progress
from screener.core.errors import BadInput
from screener.core.judgement import Decision, Judgement, Stage
from screener.gold import draw_elusion, read_elusion, second_reading
from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.stages import StageState, Status

pytestmark = pytest.mark.slow

STAGE = Stage.ABSTRACT
RULE = "    decided_by: {humans: 2, machine: embedded}\n    gate: {recall_low: 0.9, confidence: 0.95}\n"
KEEP = Judgement(decision=Decision.INCLUDE, stated=True)
OUT = Judgement(decision=Decision.EXCLUDE, stated=True)
NAMES = [f"r{n:02}" for n in range(90)]


@pytest.fixture
def flow(review: Path) -> Path:
    """90 records of which the machine excludes the last 45; anna differs on r44 and r45."""
    path = review / "prompts" / "review.yaml"
    text = path.read_text()
    assert RULE in text
    path.write_text(text.replace(RULE, "    workflow: person_and_machine\n"))
    return review


def as_anna(name: str) -> str:
    return "exclude" if name == "r44" or "r46" <= name <= "r89" else "include"


def screened(cli: Cli) -> Ledger:
    said(cli, "anna", NAMES, as_anna)
    return Ledger.of(Review(Path.cwd()).hidden)


def text_of(cli: Cli, *words: str) -> str:
    done = cli(*words)
    assert done.code == 0, done.err
    return " ".join(done.out.split())


def test_check_says_who_decides(flow: Path, cli: Cli) -> None:
    assert "workflow person_and_machine: one person decides, without seeing what embedded says" in text_of(cli, "check")
    assert cli("check", "--json").json["workflows"] == {"abstract": "person_and_machine"}


def test_both_together_decide_and_a_third_person_resolves(flow: Path, cli: Cli) -> None:
    ledger, review = screened(cli), Review(flow)
    state = StageState.load(ledger, review, STAGE)
    assert [record.id for record in state.with_status(Status.CONFLICT)] == ["r44", "r45"]
    assert len(state.with_status(Status.FINAL)) == 88
    assert conflicts(ledger, STAGE, review) == {"r44": {"anna"}, "r45": {"anna"}}
    assert [progress(ledger, review, STAGE, who).conflicts for who in ("anna", "zoe")] == [0, 2]
    assert "a third person resolves the 2 records in conflict" in text_of(cli, "status")
    with pytest.raises(
        BadInput, match="anna has judged this record; where a person and embedded differ a third person"
    ):
        adjudicate(ledger, review, STAGE, "r45", "anna", KEEP)
    adjudicate(ledger, review, STAGE, "r45", "zoe", KEEP)
    figures = cli("report", "--json").json
    assert figures["stages"]["abstract"]["adjudications"]["conflicts"] == 1
    assert figures["stages"]["abstract"]["adjudications"]["against"] == 0


def test_a_file_cannot_have_somebody_resolve_what_they_screened(flow: Path, cli: Cli) -> None:
    screened(cli)
    Path("ruled.csv").write_text("id,decision\nr45,include\n")
    done = cli("label", "ruled.csv", "--stage", "abstract", "--reviewer", "anna:adjudicator", "--overrule", "--json")
    assert "a third person resolves it" in done.out
    assert conflicts(Ledger.of(Review(flow).hidden), STAGE, Review(flow)).keys() == {"r44", "r45"}


@pytest.mark.parametrize("carried", ["the adjudication alone", "the screening with it"])
def test_a_file_of_judgements_cannot_either(flow: Path, cli: Cli, tmp_path: Path, carried: str) -> None:
    screened(cli)
    rows = cli("export", "--format", "judgements", "--json").json
    later = {"role": "adjudicator", "at": "2100-01-01T00:00:00.000Z", "context": None}
    of_r44, of_r45 = (next(row for row in rows if row["record"] == name) | later for name in ("r44", "r45"))
    ruling, again = of_r45 | {"number": 1_000}, of_r45 | {"number": 1_002, "decision": "unclear"}
    if carried == "the screening with it":
        assert cli("label", "--undo", "1").code == 0
    file = tmp_path / "carried.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in [ruling, of_r44 | {"reviewer": "zoe"}, *rows, again]))
    done = cli("label", file, "--json")
    assert [each["row"] for each in done.json["rejected"]] == [1, len(rows) + 3]
    assert "anna has judged r45" in done.out
    assert "a third person resolves it" in done.out
    assert conflicts(Ledger.of(Review(flow).hidden), STAGE, Review(flow)).keys() == {"r45"}


def test_until_a_second_person_has_read_the_sample_it_is_screened_by_one_person(flow: Path, cli: Cli) -> None:
    ledger, review = screened(cli), Review(flow)
    told = "Screened by one person: no second person has read a sample of the 44 records that one person and embedded exclude"
    step = "`screener gold elusion --stage abstract --n 44` draws one for somebody else to read"
    assert f"{told}: {step}." in text_of(cli, "status")
    assert told in " ".join(cli("report", "--json").json["methods"])

    drawn = draw_elusion(ledger, review, STAGE, 8, seed="s")
    assert {member.record_id for member in drawn.counted} <= {f"r{n}" for n in range(46, 90)}
    assert next_record(ledger, review, STAGE, "anna") is None
    read = {member.record_id for member in drawn.members}
    offered = set()
    while (record := next_record(ledger, review, STAGE, "ben")) is not None and record.id in read:
        offered.add(record.id)
        enter(ledger, review, STAGE, record.id, "ben", OUT if as_anna(record.id) == "exclude" else KEEP)
        if len(offered) == 4:
            assert "a second person has read" in text_of(cli, "status")
    assert offered == read
    assert (reading := second_reading(ledger, review, STAGE)) is not None
    assert (reading.drawn, reading.read, reading.eligible, reading.done) == (8, 8, 0, True)
    told = "Of what one person and embedded exclude, a second person read a random sample of 8, and 0 of them were eligible"
    assert told in text_of(cli, "status")
    methods = " ".join(cli("report", "--json").json["methods"])
    assert told in methods
    assert "Screened by one person" not in methods


def test_who_screened_cannot_read_the_sample_as_its_second_person(flow: Path, cli: Cli) -> None:
    ledger, review = screened(cli), Review(flow)
    drawn = draw_elusion(ledger, review, STAGE, 4, seed="s")
    for member in drawn.counted:
        enter(ledger, review, STAGE, member.record_id, "anna", OUT.model_copy(update={"reason": "again"}))
    assert read_elusion(ledger, review, STAGE, send=False).labelled == 0


def test_what_the_second_person_keeps_goes_to_a_third_and_all_like_it_are_read(flow: Path, cli: Cli) -> None:
    ledger, review = screened(cli), Review(flow)
    drawn = draw_elusion(ledger, review, STAGE, 4, seed="s")
    first, *rest = [member.record_id for member in drawn.counted]
    for name in rest:
        enter(ledger, review, STAGE, name, "ben", OUT)
    enter(ledger, review, STAGE, first, "ben", KEEP)
    assert read_elusion(ledger, review, STAGE).labelled == 3
    adjudicate(ledger, review, STAGE, first, "zoe", KEEP)
    audit = read_elusion(ledger, review, STAGE)
    assert (audit.labelled, audit.hits, len(audit.review)) == (4, (first,), 40)
    assert (reading := second_reading(ledger, review, STAGE)) is not None
    assert (reading.done, reading.open) == (False, 40)
    assert "has yet to read the 40 other records" in reading.sentence
    assert next_record(ledger, review, STAGE, "ben") is not None
    assert next_record(ledger, review, STAGE, "anna") is None


def test_what_is_excluded_after_the_draw_was_read_by_nobody_else(flow: Path, cli: Cli) -> None:
    said(cli, "anna", NAMES[:-1], as_anna)
    ledger, review = Ledger.of(Review(flow).hidden), Review(flow)
    for member in draw_elusion(ledger, review, STAGE, 4, seed="s").counted:
        enter(ledger, review, STAGE, member.record_id, "ben", OUT)
    enter(ledger, review, STAGE, "r89", "anna", OUT)
    assert (reading := second_reading(ledger, review, STAGE)) is not None
    assert (reading.done, reading.since) == (False, 1)
    assert (
        "1 of the records that one person and embedded exclude were excluded after the sample was drawn"
        in reading.sentence
    )
    assert draw_elusion(ledger, review, STAGE, 4, seed="t").n == 4


def test_what_the_machine_excludes_after_the_draw_was_read_by_nobody_else_either(flow: Path, cli: Cli) -> None:
    Path("late.csv").write_text("id,title,year\nlate,Hearts that came late and how they beat all day,2001\n")
    assert cli("import", "late.csv").code == 0
    said(cli, "anna", [*NAMES, "late"], lambda name: "exclude" if name == "late" else as_anna(name))
    ledger, review = Ledger.of(Review(flow).hidden), Review(flow)
    for member in draw_elusion(ledger, review, STAGE, 4, seed="s").counted:
        enter(ledger, review, STAGE, member.record_id, "ben", OUT)
    assert (reading := second_reading(ledger, review, STAGE)) is not None
    assert reading.done
    assert cli("run", "--stage", "abstract").code == 0
    assert (reading := second_reading(ledger, review, STAGE)) is not None
    assert (reading.done, reading.since) == (False, 1)


def test_agreement_with_the_machine_is_called_no_more_than_that(flow: Path, cli: Cli) -> None:
    screened(cli)
    methods = " ".join(cli("report", "--json").json["methods"])
    assert "anna and embedded decided alike on 88 of 90" in methods
    assert "agreement with a machine, neither inter-rater reliability nor accuracy" in methods
    assert "Of 88 records decided, 88 by one person with embedded as second reviewer" in methods
    assert cli("report", "--output", "page.html").code == 0
    page = " ".join(Path("page.html").read_text(encoding="utf-8").split())
    assert "Agreement of a person with embedded, the second reviewer, is agreement with a machine" in page
    assert "<strong>Who decided.</strong> Of 88 records decided, 88 by one person" in page
    assert "Screened by one person: no second person has read" in page


def test_who_adjudicates_what_nobody_screened_is_no_third_person(flow: Path, cli: Cli) -> None:
    screened(cli)
    adjudicate(Ledger.of(Review(flow).hidden), Review(flow), STAGE, "r45", "zoe", KEEP)
    Path("late.csv").write_text("id,title,year\nlate,Hearts that came late and how they beat all day,2020\n")
    assert cli("import", "late.csv").code == 0
    adjudicate(Ledger.of(Review(flow).hidden), Review(flow), STAGE, "late", "zoe", KEEP)
    assert cli("run", "--stage", "abstract").code == 0
    Path("zoe.csv").write_text("id,decision\nlate,include\n")
    for _ in range(2):
        figures = cli("report", "--json").json
        flow_of = figures["stages"]["abstract"]["workflow"]
        assert (flow_of["one"], flow_of["adjudicated"], flow_of["unread"]) == (88, 1, 1)
        methods = " ".join(figures["methods"])
        assert "1 by a third person and 1 by an adjudicator alone, where nobody else had judged" in methods
        assert cli("label", "zoe.csv", "--stage", "abstract", "--reviewer", "zoe").code == 0  # nor beside herself


def test_to_compare_the_person_with_the_machine_is_no_accuracy_either(flow: Path, cli: Cli) -> None:
    screened(cli)
    for names in (("anna", "embedded"), ("embedded", "anna")):
        against = ("evaluate", "--stage", "abstract", "--reviewer", names[0], "--reference", names[1])
        told = text_of(cli, *against)
        assert "agreement with a machine, embedded: neither inter-rater reliability nor accuracy" in told
        assert "2 of 90 records are excluded by only one of them: r4" in told
        assert f"agreement with {names[1]}" in told
        for word in ("recall", "MISSED", "wrong", "eligible", "inter-rater agreement"):
            assert word not in told
        assert cli(*against, "--json").json["agreement_with_machine"] is True
        assert "has no recall" in cli(*against, "--by", "year").err
    said(cli, "ben", NAMES, as_anna)
    assert (
        cli("evaluate", "--stage", "abstract", "--reviewer", "ben", "--reference", "anna", "--json").json[
            "agreement_with_machine"
        ]
        is False
    )
