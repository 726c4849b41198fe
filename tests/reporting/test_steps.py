"""How to reproduce a review: every step really taken, as the ledger recorded it."""

from pathlib import Path

from support import Cli
from support.report import figures_in, read_page, section

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger.store import Ledger
from screener.protocol import Review


def commands(cli: Cli) -> list[str]:
    return [step["command"] for step in cli("report", "--json").json["reproduction"]["steps"]]


def test_imports_have_their_source_and_labels_their_file(journal: Path, cli: Cli) -> None:
    found = commands(cli)
    assert found[0] == "screener import 0.csv --source PubMed"
    assert "screener import 4.csv --source 'Heart Foundation'" in found
    assert found[-1] == "screener label ann.csv --stage fulltext --reviewer ann"
    assert len(found) == 7

    Path("xin.ris").write_bytes("TY  - JOUR\nTI  - 心电图诊断研究\nER  - \n".encode("gb18030"))
    assert "`--encoding gb18030`" in cli("import", "xin.ris").err
    assert cli("import", "xin.ris", "--encoding", "gb18030", "--json").json["files"][0]["new"] == 1
    assert commands(cli)[-1] == "screener import xin.ris --source xin --encoding gb18030"


def test_what_was_done_later_follows_in_its_order(journal: Path, cli: Cli) -> None:
    before = commands(cli)
    Path("two.csv").write_text("id,decision,bo,cid\no1,,include,include\n")
    Path("rule.csv").write_text("id\no1\n")
    done = (
        ("label", "two.csv", "--stage", "fulltext", "--column", "bo=bo", "--column", "cid=cid"),
        (
            "label",
            "rule.csv",
            "--stage",
            "fulltext",
            "--reviewer",
            "zoe:adjudicator",
            "--decision",
            "include",
            "--overrule",
        ),
        ("dedup", "merge", "p0", "c1", "--same-study", "--who", "ann"),
        ("attach", "w1", "--not-retrieved", "gone", "--reviewer", "ann"),
        ("classify", "w1", "--awaiting", "gone", "--reviewer", "ann"),
        ("sources", "rename", "PubMed", "MEDLINE"),
        ("import", "--undo", "5.csv", "--with-judgements"),
    )
    for command in done:
        assert cli(*command).code == 0, command
    steps = cli("report", "--json").json["reproduction"]["steps"][len(before) :]
    assert [step["command"] for step in steps] == [
        "screener label two.csv --stage fulltext --column bo=bo --column cid=cid",
        "screener label rule.csv --stage fulltext --reviewer zoe:adjudicator --decision include --overrule",
        "screener dedup merge RECORD OTHER --same-study",
        "screener attach RECORD --not-retrieved REASON",
        "screener classify RECORD --awaiting REASON",
        "screener sources rename PubMed MEDLINE",
        "screener import --undo 5.csv",
    ]
    assert steps[0]["note"] == "2 decisions by bo and cid"
    assert cli("report").code == 0
    page = read_page(Path("report.html"))
    text = section(page, "reproduce").text
    assert "screener import 0.csv --source PubMed   # " in text
    assert str(journal) not in text, "files stand by their names"
    assert figures_in(page)["reproduction"]["steps"][-1] == steps[-1]


def test_runs_fits_repeats_samples_and_the_app_are_steps(journal: Path) -> None:
    """From the rows that the program writes: a run, a fit, a sample and a judgement in the app."""
    from screener.adjudication.queue import enter
    from screener.ledger import Draw, NewJudgement, SampleMember, add_judgements, add_run, add_sample
    from screener.reporting.steps import steps

    ledger, review = Ledger.of(journal / ".screener"), Review(journal)
    judged = Judgement(decision=Decision.INCLUDE)
    with ledger.write() as connection:
        for number, fit in enumerate((None, "f1", "f1")):
            add_run(connection, f"run{number}", Stage.FULLTEXT, "embedded", {"fit": fit}, at=f"2027-01-0{number + 1}T")
        add_judgements(
            connection,
            [NewJudgement("p0", "x", Stage.FULLTEXT, "embedded", "machine", judged, run_id="run0", repeat=2)],
        )
    add_sample(ledger, "gold", Stage.FULLTEXT, [SampleMember("p0")], Draw("seven", "stratified", 6, {}))
    enter(ledger, review, Stage.FULLTEXT, "o1", "bo", judged)
    with ledger.read() as connection:
        taken = {step["command"]: step["note"] for step in steps(connection, review)}
    assert "screener run --stage fulltext --reviewer embedded --repeats 3" in taken
    assert "screener run --stage fulltext --reviewer embedded --fit" in taken
    assert "screener run --stage fulltext --reviewer embedded" in taken  # with the same fit again
    assert "screener gold sample --stage fulltext --n 1 --by probability --seed seven" in taken
    assert taken["screener adjudicate --reviewer bo"] == "1 judgement at full text"
