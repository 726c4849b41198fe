"""How records stand, as the ledger keeps it: always what a fresh computation says, and never shown where it is behind."""

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import Cli

from screener.adjudication.queue import adjudicate, enter, undo
from screener.core.errors import BadInput
from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.documents.report import Role
from screener.ledger.amendments import add_amendment
from screener.ledger.documents import AttachedFile, attach, attached, detach, loader, text_hashes
from screener.ledger.errors import ErrorRow, add_errors
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.merges import link_study, merge_records, split_record, unlink_study
from screener.ledger.reads import current_ids
from screener.ledger.runs import add_run
from screener.ledger.standings import made_from, present
from screener.ledger.store import Connection, Ledger
from screener.protocol.model import Review
from screener.review.own_ledger import ledger_to_read, ledger_to_write
from screener.stages.kept_standings import as_row, rule_hash
from screener.stages.standing_keeper import differing_standings, keep_standings
from screener.stages.state import load_stages, protocol_fingerprint

pytestmark = pytest.mark.slow

JUDGED = [
    Judgement(decision=Decision.INCLUDE, stated=True),
    Judgement(decision=Decision.UNCLEAR, stated=True),
    Judgement(decision=Decision.EXCLUDE, stated=True),
    Judgement(decision=Decision.EXCLUDE, stated=True, answers={"ecg": Answer(value=Value.NO)}),
]
STEPS = 90
NAMES = [f"syn-{number:02d}" for number in range(1, 6)]


def current(ledger: Ledger, review: Review) -> list[Stage]:
    """Return the stages of which the rows are up to date, so that readers believe them."""
    stages = []
    with ledger.read() as connection:
        made, marks = made_from(connection), present(connection)
    for stage, state in load_stages(ledger, review).items():
        fingerprint = protocol_fingerprint(review, stage)
        rule = rule_hash(state.rule, fingerprint, state.gate, stage, state.records)
        stages += [stage] if made.get(stage) == (rule, marks) else []
    return stages


@dataclass
class Desk:
    """A review at which something is done at random, step by step."""

    ledger: Ledger
    review: Review
    chance: random.Random

    def step(self, kind: str) -> None:
        """Do one thing; `BadInput` where it cannot be."""
        name, other, who = self.chance.choice(NAMES), self.chance.choice(NAMES), self.chance.choice(["ada", "ben"])
        stage, judgement = self.chance.choice(list(Stage)), self.chance.choice(JUDGED)
        match kind:
            case "enter":
                enter(self.ledger, self.review, stage, name, who, judgement)
            case "rule":
                adjudicate(self.ledger, self.review, stage, name, "zoe", judgement)
            case "undo":
                undo(self.ledger, self.review, stage, who)
            case "merge":
                merge_records(self.ledger, name, other, who)
            case "split":
                split_record(self.ledger, name, who)
            case "link":
                link_study(self.ledger, name, other, who)
            case "unlink":
                unlink_study(self.ledger, name, who)
            case "protocol":
                self.change_protocol()
            case _:
                with self.ledger.write() as connection:
                    getattr(self, kind)(connection, current_ids(connection)[name], stage, judgement)

    def change_protocol(self) -> None:
        """Have another number of people decide, or tell the machine something else."""
        path = self.review.prompts / "review.yaml"
        text = path.read_text()
        if self.chance.random() < 0.5:
            changed = (
                text.replace("humans: 2", "humans: 1")
                if "humans: 2" in text
                else text.replace("humans: 1", "humans: 2")
            )
            path.write_text(changed)
        else:
            template = self.review.prompts / "abstract.md"
            template.write_text(template.read_text() + "\n")
        self.review = Review(self.review.root)
        keep_standings(self.ledger, self.review)
        with self.ledger.write() as connection:
            add_amendment(connection, Stage.ABSTRACT, "zoe", "clearer", "hash", {})

    def machine(self, connection: Connection, name: str, stage: Stage, judgement: Judgement) -> None:
        """Enter what the stage's machine says of the present text."""
        (text_hash,) = text_hashes(self.ledger, stage, [name]).values()
        told = {"protocol": self.review.fingerprint(stage, "embedded")}
        add_run(connection, run := f"run-{self.chance.random()}", stage, "embedded", told)
        add_judgements(
            connection, [NewJudgement(name, text_hash, stage, "embedded", "machine", judgement, run_id=run, asked="a")]
        )

    def fail(self, connection: Connection, name: str, stage: Stage, judgement: Judgement) -> None:
        """Have the machine fail on a record."""
        add_errors(connection, [ErrorRow("run", name, "hash", stage, "embedded", "a", 0, "call", "no answer")])

    def attach(self, connection: Connection, name: str, stage: Stage, judgement: Judgement) -> None:
        """Attach the text of another report."""
        texts = sorted({document.content for some in attached(connection).values() for document in some})
        if texts:
            document = loader(self.ledger)(self.chance.choice(texts))
            sha256 = f"{self.chance.randrange(10**9):064d}"
            attach(connection, name, document, AttachedFile("a.pdf", sha256, Role.MAIN, "by hand", "ada"))

    def detach(self, connection: Connection, name: str, stage: Stage, judgement: Judgement) -> None:
        """Take the main document off a report."""
        detach(connection, name, "main", "ada")


OFTEN = ["enter", "enter", "enter", "rule", "undo", "machine", "machine", "fail", "protocol"]
SELDOM = ["merge", "split", "split", "link", "unlink", "attach", "detach"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_rows_say_what_a_fresh_computation_says_whatever_was_done(seed: int, screened: Path) -> None:
    review = Review(screened)
    desk = Desk(ledger_to_write(review), review, random.Random(seed))
    steps = Counter[str]()
    for _ in range(STEPS):
        kind = desk.chance.choice(OFTEN + SELDOM)
        try:
            desk.step(kind)
            steps[kind] += 1
        except BadInput:  # merged already, nothing to undo, no free slot
            steps["refused"] += 1
            continue
        full, brief = (load_stages(desk.ledger, desk.review, brief=brief) for brief in (False, True))
        for stage, state in full.items():
            assert [record.id for record in brief[stage].records] == [record.id for record in state.records]
            kept = {name: as_row(standing) for name, standing in brief[stage].standings.items()}
            assert kept == {name: as_row(standing) for name, standing in state.standings.items()}, (kind, stage)
        assert current(desk.ledger, desk.review) == list(full), f"after {kind} rows are behind"
    assert min(steps[kind] for kind in {*OFTEN, *SELDOM}) > 0, steps


@pytest.fixture
def desk(screened: Path) -> Desk:
    """The review, open for writing, with rows that are up to date."""
    review = Review(screened)
    desk = Desk(ledger_to_write(review), review, random.Random(0))
    enter(desk.ledger, review, Stage.ABSTRACT, "syn-01", "ada", JUDGED[0])
    return desk


def test_status_counts_the_rows_that_are_kept(desk: Desk, cli: Cli) -> None:
    before = cli("status", "--review", desk.review.root, "--json").json["stages"]["abstract"]
    with desk.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE standings SET status = 'conflict' WHERE record_id = 'syn-02'")
    after = cli("status", "--review", desk.review.root, "--json").json["stages"]["abstract"]
    assert (before["conflict"], after["conflict"]) == (0, 1)


def test_rows_that_a_writer_left_behind_are_not_shown(desk: Desk, cli: Cli) -> None:
    plain = Ledger.of(desk.review.hidden)
    for who, judgement in (("ben", JUDGED[2]), ("carla", JUDGED[0])):
        enter(plain, desk.review, Stage.ABSTRACT, "syn-02", who, judgement)
    assert Stage.ABSTRACT not in current(plain, desk.review)
    assert cli("status", "--review", desk.review.root, "--json").json["stages"]["abstract"]["conflict"] == 1
    assert cli("check", "--review", desk.review.root).code == 0
    undo(desk.ledger, desk.review, Stage.ABSTRACT, "ada")
    assert Stage.ABSTRACT in current(desk.ledger, desk.review), "the next writer that keeps rows makes up for it"


def test_rows_of_another_protocol_are_not_shown(desk: Desk, cli: Cli) -> None:
    path = desk.review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("humans: 2", "humans: 1"))
    assert cli("status", "--review", desk.review.root, "--json").json["stages"]["abstract"]["final"] == 1
    assert Stage.ABSTRACT not in current(ledger_to_read(Review(desk.review.root)), Review(desk.review.root))


def test_a_protocol_that_cannot_be_read_keeps_nobody_from_judging(desk: Desk) -> None:
    (desk.review.prompts / "fulltext.md").rename(desk.review.prompts / "elsewhere.md")
    enter(desk.ledger, desk.review, Stage.ABSTRACT, "syn-02", "ada", JUDGED[0])
    (desk.review.prompts / "elsewhere.md").rename(desk.review.prompts / "fulltext.md")
    assert current(desk.ledger, desk.review) == [Stage.ABSTRACT]
    undo(desk.ledger, desk.review, Stage.ABSTRACT, "ada")
    assert current(desk.ledger, desk.review) == list(Stage)


def test_check_names_the_records_of_which_a_row_differs(desk: Desk, cli: Cli) -> None:
    assert cli("check", "--review", desk.review.root).code == 0
    with desk.ledger.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE standings SET status = 'final' WHERE record_id = 'syn-03' AND stage = 'abstract'"
        )
    assert differing_standings(desk.ledger, desk.review) == {Stage.ABSTRACT: ["syn-03"]}
    done = cli("check", "--review", desk.review.root)
    assert done.code == 2
    assert "syn-03" in done.err
