"""Whether people agree on a record: the same answer by every way in, and from the rows that keep it."""

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import Cli
from support.hearts import hearts

from screener.adjudication.queue import adjudicate, conflicts, enter, next_record, progress, undo
from screener.core.errors import BadInput
from screener.core.judgement import Answer, Decision, ItemAnswer, Judgement, Stage, Value
from screener.evaluation.agreement import inter_rater_agreement
from screener.ledger.merges import merge_records, split_record
from screener.ledger.reads import StoredJudgement
from screener.ledger.store import Ledger
from screener.reporting.figures import figures
from screener.stages.agreement import AgreementCounts, agreement_of, count_agreement
from screener.stages.kept_agreement import RecordPeople, computed, differing, people_counts

INCLUDE = "include,yes,yes"
HEART, ADULTS, UNNAMED = "exclude,no,", "exclude,,no", "exclude,,"


@dataclass(frozen=True)
class Expected:
    """What two people's judgements of the one record amount to."""

    same: int = 1
    reasons: tuple[int, int] = (0, 0)
    incomplete: tuple[str, ...] = ()
    status: str = "final"


PAIRS = [
    pytest.param("abstract", INCLUDE, INCLUDE, Expected(), id="abstract-agree"),
    pytest.param("abstract", INCLUDE, HEART, Expected(same=0, status="conflict"), id="abstract-decision"),
    pytest.param("abstract", HEART, ADULTS, Expected(), id="abstract-reason"),
    pytest.param("abstract", HEART, UNNAMED, Expected(), id="abstract-one-missing"),
    pytest.param("abstract", UNNAMED, UNNAMED, Expected(), id="abstract-both-missing"),
    pytest.param("fulltext", HEART, HEART, Expected(reasons=(1, 1)), id="fulltext-agree"),
    pytest.param("fulltext", INCLUDE, HEART, Expected(same=0, status="conflict"), id="fulltext-decision"),
    pytest.param("fulltext", INCLUDE, "unclear,,", Expected(same=0, status="conflict"), id="fulltext-unclear"),
    pytest.param("fulltext", HEART, ADULTS, Expected(reasons=(1, 0), status="conflict"), id="fulltext-reason"),
    pytest.param(
        "fulltext", HEART, UNNAMED, Expected(incomplete=("ben",), status="pending"), id="fulltext-one-missing"
    ),
    pytest.param(
        "fulltext", UNNAMED, UNNAMED, Expected(incomplete=("ada", "ben"), status="pending"), id="fulltext-both-missing"
    ),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a review is made, standing in it."""
    path = tmp_path / "hearts"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def label(cli: Cli, stage: str, reviewer: str, decision: str) -> dict[str, object]:
    Path(f"{reviewer}.csv").write_text(f"id,decision,heart,adults\nr0,{decision}\n")
    done = cli("label", f"{reviewer}.csv", "--stage", stage, "--reviewer", reviewer, "--json")
    assert done.code == 0, done.err
    return done.json


@pytest.mark.parametrize(("stage", "ada", "ben", "expected"), PAIRS)
def test_every_way_in_says_the_same_of_two_judgements(
    stage: str, ada: str, ben: str, expected: Expected, folder: Path, cli: Cli
) -> None:
    review, which = hearts(folder, cli, stage), Stage(stage)
    counts = AgreementCounts(1, expected.same, *expected.reasons, incomplete=int(bool(expected.incomplete)))
    as_json = counts.as_json()

    label(cli, stage, "ada", ada)
    labelled = label(cli, stage, "ben", ben)
    assert labelled["agreement"] == as_json

    ledger = Ledger.of(review.hidden)
    status = cli("status", "--json").json["stages"][stage]
    assert [name for name in ("final", "conflict", "pending", "suggested", "error") if status[name]] == [
        expected.status
    ]
    assert status["incomplete"] == ({"r0": list(expected.incomplete)} if expected.incomplete else {})

    assert cli("export", "--stage", stage, "--format", "jsonl", "--output", "out.jsonl").code == 0
    exported = Path("out.jsonl").read_text()
    assert f'"status": "{expected.status}"' in exported
    assert all(name in exported for name in expected.incomplete)

    document = figures(ledger, review)
    together = document["stages"][stage]["agreement"]["humans"]
    assert {name: together[name] for name in as_json} == as_json
    waiting = [label for box in document["flow"]["boxes"] for label, n in part_lines(box) if n]
    assert ("Excluded without a reason so far" in waiting) == bool(expected.incomplete)
    assert ("Conflict between reviewers" in waiting) == (expected.status == "conflict")

    humans = inter_rater_agreement(ledger, which, review.stage(which))
    assert humans is not None
    assert humans.counts == counts

    shown = progress(ledger, review, which, "ada")
    assert (shown.agreement, shown.conflicts) == (counts, int(expected.status == "conflict"))
    assert list(conflicts(ledger, which)) == (["r0"] if expected.status == "conflict" else [])
    for name in ("ada", "ben"):
        offered = next_record(ledger, review, which, name)
        assert (offered is not None) == (name in expected.incomplete)


def part_lines(box: dict[str, object]) -> list[tuple[str, int]]:
    parts = box["parts"]
    assert isinstance(parts, list)
    return [(part["label"], part["count"]) for part in parts]


def test_a_judgement_that_lacks_its_reason_is_offered_again_until_its_person_names_one(folder: Path, cli: Cli) -> None:
    review, stage = hearts(folder, cli, "fulltext"), Stage.FULLTEXT
    ledger = Ledger.of(review.hidden)
    assert next_record(ledger, review, stage, "ben") is not None  # his queue is there before the file is read
    label(cli, "fulltext", "ada", HEART)
    label(cli, "fulltext", "ben", UNNAMED)
    assert next_record(ledger, review, stage, "ada") is None
    record = next_record(ledger, review, stage, "ben")
    assert record is not None
    assert progress(ledger, review, stage, "ben").left == 1
    reasoned = Judgement(decision=Decision.EXCLUDE, answers={"heart": Answer(value=Value.NO)})
    enter(ledger, review, stage, "r0", "ben", reasoned)
    assert progress(ledger, review, stage, "ben").left == 0
    assert cli("status", "--json").json["stages"]["fulltext"]["final_exclude"] == 1
    undo(ledger, review, stage, "ben")
    assert progress(ledger, review, stage, "ben").left == 1


def test_a_reason_in_words_completes_an_exclusion_and_a_ruling_settles_one_without(folder: Path, cli: Cli) -> None:
    review, stage = hearts(folder, cli, "fulltext", records=2), Stage.FULLTEXT
    ledger = Ledger.of(review.hidden)
    for name in ("ada", "ben"):
        worded = Judgement(decision=Decision.EXCLUDE, stated=True, reason="wrong population")
        enter(ledger, review, stage, "r0", name, worded)
        enter(ledger, review, stage, "r1", name, Judgement(decision=Decision.EXCLUDE, stated=True))
    status = cli("status", "--json").json["stages"]["fulltext"]
    assert (status["final_exclude"], status["incomplete"]) == (1, {"r1": ["ada", "ben"]})
    assert figures(ledger, review)["stages"]["fulltext"]["agreement"]["humans"]["incomplete"] == 1
    adjudicate(ledger, review, stage, "r1", "zoe", Judgement(decision=Decision.EXCLUDE, stated=True))
    assert cli("status", "--json").json["stages"]["fulltext"]["final_exclude"] == 2
    assert next_record(ledger, review, stage, "ada") is None


def test_who_judged_two_merged_records_differently_is_one_person_in_conflict_with_themselves(
    folder: Path, cli: Cli
) -> None:
    review, stage = hearts(folder, cli, "abstract", records=3), Stage.ABSTRACT
    ledger = Ledger.of(review.hidden)
    keep, drop = (Judgement(decision=decision, stated=True) for decision in (Decision.INCLUDE, Decision.EXCLUDE))
    for name, who, judgement in (("r1", "ada", keep), ("r0", "ada", drop), ("r0", "ben", drop)):
        enter(ledger, review, stage, name, who, judgement)
    merged = cli("dedup", "merge", "r0", "r1")
    assert "People differ on r0 at abstract: it waits under Conflicts" in merged.out
    # A conflict everywhere, though the newest judgement of each person agrees; and one record of two people.
    alike = AgreementCounts(records=1, same=1)
    shown = progress(ledger, review, stage, "ada")
    assert (shown.conflicts, shown.agreement, shown.judged) == (1, alike, {"ada": 1, "ben": 1})
    assert list(conflicts(ledger, stage)) == ["r0"]
    assert cli("status", "--json").json["stages"]["abstract"]["conflict"] == 1
    assert {row["status"] for row in cli("export", "--json").json if row["id"] == "r0"} == {"conflict"}
    document = figures(ledger, review)
    assert document["stages"]["abstract"]["agreement"]["humans"]["records"] == 1
    waiting = {label: n for box in document["flow"]["boxes"] for label, n in part_lines(box)}
    assert waiting["Conflict between reviewers"] == 1
    humans = inter_rater_agreement(ledger, stage, review.stage(stage))
    assert humans is not None
    assert humans.counts == alike
    with ledger.read() as connection:
        assert differing(connection) == {}
    # What they say of the merged record holds from then on.
    enter(ledger, review, stage, "r0", "ada", drop)
    assert cli("status", "--json").json["stages"]["abstract"]["final_exclude"] == 1
    parts = cli("dedup", "split", "r0")
    assert "r0: keeps what was judged under this id: ada (abstract: exclude), ben (abstract: exclude)" in parts.out
    assert "r1: is to be judged" in parts.out


@pytest.mark.parametrize("stage", ["abstract", pytest.param("fulltext", marks=pytest.mark.slow)])
def test_what_is_kept_is_what_all_judgements_say_whatever_was_done(stage: str, folder: Path, cli: Cli) -> None:
    review, which = hearts(folder, cli, stage, records=6), Stage(stage)
    ledger, chance = Ledger.of(review.hidden), random.Random(7)
    made_up = [
        Judgement(decision=Decision.INCLUDE, stated=True),
        Judgement(decision=Decision.EXCLUDE, stated=True),
        Judgement(decision=Decision.EXCLUDE, answers={"heart": Answer(value=Value.NO)}),
        Judgement(decision=Decision.EXCLUDE, answers={"adults": Answer(value=Value.NO)}),
    ]
    steps = Counter[str]()
    for _ in range(60):
        step = chance.choice(["enter", "enter", "enter", "rule", "undo", "merge", "split"])
        name, who = f"r{chance.randrange(6)}", chance.choice(["ada", "ben"])
        try:
            if step == "enter":
                enter(ledger, review, which, name, who, chance.choice(made_up))
            elif step == "rule":
                adjudicate(ledger, review, which, name, "zoe", chance.choice(made_up))
            elif step == "undo":
                undo(ledger, review, which, *chance.choice([("ada",), ("ben",)]))
            elif step == "merge":
                merge_records(ledger, name, f"r{chance.randrange(6)}", who)
            else:
                split_record(ledger, name, who)
            steps[step] += 1
        except BadInput:  # merged already, nothing to split, or no free slot
            steps["refused"] += 1
        with ledger.read() as connection:
            assert differing(connection) == {}
            assert people_counts(connection, which).outcomes == Counter(computed(connection, which).values())
    assert min(steps[step] for step in ("enter", "rule", "undo", "merge", "split")) > 1, steps


def test_rows_that_a_writer_has_not_kept_up_are_not_believed(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = hearts(folder, cli, "abstract")
    ledger = Ledger.of(review.hidden)
    enter(ledger, review, Stage.ABSTRACT, "r0", "ada", Judgement(decision=Decision.INCLUDE, stated=True))
    monkeypatch.setattr(Ledger, "keepers", [])
    enter(ledger, review, Stage.ABSTRACT, "r0", "ben", Judgement(decision=Decision.EXCLUDE, stated=True))
    assert progress(ledger, review, Stage.ABSTRACT).conflicts == 1
    assert list(conflicts(ledger, Stage.ABSTRACT)) == ["r0"]


def test_rows_of_another_version_of_the_rule_are_all_made_anew(folder: Path, cli: Cli) -> None:
    review = hearts(folder, cli, "abstract")
    ledger, keep = Ledger.of(review.hidden), Judgement(decision=Decision.INCLUDE, stated=True)
    enter(ledger, review, Stage.ABSTRACT, "r0", "ada", keep)
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE agreements_made SET version = 0")
        connection.exec_driver_sql("UPDATE agreements SET outcome = replace(outcome, 'ada', 'eve')")
    assert progress(ledger, review, Stage.ABSTRACT).judged == {"ada": 1}
    enter(ledger, review, Stage.ABSTRACT, "r0", "ben", keep)
    with ledger.read() as connection:
        assert differing(connection) == {}
        assert people_counts(connection, Stage.ABSTRACT).judged == {"ada": 1, "ben": 1}


def test_check_finds_rows_that_differ_from_the_judgements(folder: Path, cli: Cli) -> None:
    review = hearts(folder, cli, "abstract")
    ledger = Ledger.of(review.hidden)
    enter(ledger, review, Stage.ABSTRACT, "r0", "ada", Judgement(decision=Decision.INCLUDE, stated=True))
    assert cli("check").code == 0
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE agreements SET outcome = replace(outcome, 'ada', 'eve')")
    done = cli("check")
    assert done.code == 2
    assert "r0" in done.err


def test_forms_agree_item_by_item_and_not_as_wholes() -> None:
    def extracted(number: int, who: str, **values: float) -> StoredJudgement:
        items = {name: ItemAnswer.model_validate({"status": "reported", "value": of}) for name, of in values.items()}
        judgement = Judgement(decision=Decision.INCLUDE, items=items)
        return StoredJudgement(number, "", "r0", "", who, "human", "", "", 0, "", judgement)

    rows = [extracted(1, "ada", a=1, b=2, c=3), extracted(2, "ben", a=1, b=2.0, c=4)]
    counts = count_agreement([rows, rows[:1]], Stage.EXTRACTION)
    assert (counts.records, counts.same, counts.same_items, counts.items) == (1, 0, 2, 3)
    assert counts.as_json()["items"] == {"items": 3, "same": 2, "share": 2 / 3}
    kept = RecordPeople(("ada", "ben"), False, agreement_of(rows, Stage.EXTRACTION))
    assert RecordPeople.of_text(kept.as_text()) == kept
