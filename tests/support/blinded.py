"""A review on which others have worked, with a word of its own in whatever they left on each record at each stage."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from screener.adjudication import BulkDecision, carry_out, plan, queue
from screener.core.judgement import Answer, Decision, Evidence, ItemAnswer, ItemStatus, Judgement, Match, Stage, Value
from screener.forms import conclude
from screener.gold import draw_gold
from screener.ledger import NewJudgement, add_judgements, reads
from screener.ledger.intake import add_files
from screener.ledger.notes import add_note
from screener.ledger.store import Ledger
from screener.ledger.tags import set_tag
from screener.protocol.model import Review
from screener.records import read_file
from support import ROOT

PROTOCOL = """
title: Small things
questions: ["Does it work?"]
stages:
  abstract:
    question: Is it a trial of a model that reads ECGs?
    template: abstract.md
    criteria: &criteria
      - {id: signal, question: "Is the electrocardiogram an input?", cues: {supports: [ECG*]}}
      - {id: training, question: "Is a model trained?"}
    decided_by: {humans: 2, machine: embedded}
    show_machine: after
  fulltext:
    question: Is it a trial of a model that reads ECGs?
    template: fulltext.md
    criteria: *criteria
    decided_by: {humans: 2, machine: embedded}
  extraction:
    question: What does the report say?
    template: extraction.md
    form: form.yaml
    decided_by: {humans: 2, machine: embedded}
    show_machine: after
reviewers:
  embedded: {kind: embedded}
"""
FORM = """
guide: All of it.
form:
  study:
    help: The study.
    items:
      funder: {help: "Who paid?", type: text}
"""
OPEN, AGAIN, DONE, FULL, RULED = RECORDS = ("open", "again", "done", "full", "ruled")
"""What others have judged: one of them only; one, and whom a test is about as one of many; one and they; two; two, with an
adjudication."""


def word(kind: str, record: str, stage: Stage) -> str:
    """A word that stands nowhere else."""
    return f"zq{kind}-{record}-{stage.value[:4]}"


def words(record: str) -> Iterator[str]:
    """All that others left on a record."""
    for stage in Stage:
        yield from (
            word(kind, record, stage) for kind in ("note", "reason", "quote", "tag", "thread", "machine", "ruling")
        )


def judgement(record: str, stage: Stage, decision: Decision, kind: str = "", by: str = "") -> Judgement:
    """A judgement with words of its own; `kind` names those of a machine or of an adjudication."""
    note, reason, quoted = (f"{word(kind or own, record, stage)}{by}" for own in ("note", "reason", "quote"))
    quote = Evidence(quote=quoted, document="abstract", status=Match.MISSING)
    if stage is Stage.EXTRACTION:
        item = ItemAnswer(status=ItemStatus.REPORTED, value=note, reason=reason, evidence=(quote,))
        return conclude({"study.funder": item})
    value = Value.NO if decision is Decision.EXCLUDE else Value.YES
    answers = {name: Answer(value=value, reason=reason, evidence=(quote,)) for name in ("signal", "training")}
    return Judgement(decision=decision, answers=answers, reason=note)


def worked_on(folder: Path, *, again: str, done: str, first: Decision = Decision.EXCLUDE) -> Path:
    """The review; `again` and `done` are people who have judged the records of these names too.

    What Ben says is `first` of the record that he alone has judged, and to exclude of all others; the rest say to include.
    """
    review, ledger = begun(folder)
    planned = plan(ledger, review, Stage.ABSTRACT, again, [AGAIN], BulkDecision("include", reason="one of many"))
    assert carry_out(ledger, review, planned, again, holder="").fit == [AGAIN]
    draw_gold(ledger, review, Stage.ABSTRACT, len(RECORDS), seed="the same")
    for stage in Stage:
        for record in RECORDS:
            said = first if record == OPEN else Decision.EXCLUDE
            _machine(ledger, stage, record, said)
            queue.enter(ledger, review, stage, record, "Ben", judgement(record, stage, said))
            with ledger.write() as connection:
                set_tag(connection, stage, record, "Ben", word("tag", record, stage))
                add_note(connection, stage, record, "Ben", word("thread", record, stage))
        for record, who in ((DONE, done), (FULL, "Cem"), (RULED, "Cem")):
            queue.enter(ledger, review, stage, record, who, judgement(record, stage, Decision.INCLUDE, by=who.lower()))
        queue.adjudicate(ledger, review, stage, RULED, "Zoe", judgement(RULED, stage, Decision.INCLUDE, "ruling"))
    ledger.close()
    return folder


def begun(folder: Path, records: Sequence[str] = RECORDS) -> tuple[Review, Ledger]:
    """The review with records on which nobody has worked."""
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL)
    (folder / "prompts" / "form.yaml").write_text(FORM)
    for name in ("abstract.md", "fulltext.md", "extraction.md"):
        (folder / "prompts" / name).write_text((ROOT / "prompts" / name).read_text())
    rows = [
        f"{name},Paper of {number} ECGs,We train a model on {number} ECGs.,2020" for number, name in enumerate(records)
    ]
    (folder / "records.csv").write_text("\n".join(["id,title,abstract,year", *rows]))
    review, ledger = Review(folder), Ledger.of(folder / ".screener")
    add_files(ledger, [read_file(folder / "records.csv")])
    return review, ledger


def _machine(ledger: Ledger, stage: Stage, record: str, decision: Decision) -> None:
    with ledger.write() as connection:
        found = reads.find_record(connection, record)
        assert found is not None
        said = judgement(record, stage, decision, "machine")
        add_judgements(
            connection,
            [NewJudgement(record, found.text_hash, stage, "embedded", "machine", said, asked="x", rule="x")],
        )
