"""A whole human screening in one file: exported from one review, entered in another with the same records, the same there."""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import Cli
from support.two_stages import two_stage_review

import screener
from screener.core.judgement import Answer, Decision, Evidence, Judgement, Stage, Value
from screener.exchange.decisions import judgement_file
from screener.ledger import (
    JudgementContext,
    Ledger,
    NewJudgement,
    add_judgements,
    add_judgements_with_context,
    reads,
    set_tag,
    withdraw,
)
from screener.protocol import Review
from screener.reporting.figures import figures
from screener.stages import StageState

pytestmark = pytest.mark.slow

STAGES = (Stage.ABSTRACT, Stage.FULLTEXT)
PEOPLE = ("ada", 'Ben "B" O', "Jürgen")
WORDS = ("", "mice, and | rats", "naïve <i>p</i> & {x}", "=1+1\u2028two lines", "ordering")


def judged(chance: random.Random) -> Judgement:
    """Any judgement that a person can give: a decision alone, or answers with reasons and quotes."""
    decision = chance.choice([Decision.INCLUDE, Decision.EXCLUDE, Decision.EXCLUDE, Decision.UNCLEAR])
    answers = {}
    if decision is Decision.EXCLUDE and chance.random() < 0.7:
        quote = Evidence(quote="by their cost", document="title", start=18, end=31)
        answers[chance.choice(["ordering", "software"])] = Answer(
            value=Value.NO, reason=chance.choice(WORDS), evidence=(quote,) * chance.randint(0, 1)
        )
    return Judgement(decision=decision, answers=answers, stated=not answers, reason=chance.choice(WORDS))


def screen(folder: Path, chance: random.Random) -> None:
    """Have people judge at random: from files and in the app, twice, after others' answers, adjudicated, taken back."""
    ledger = Ledger.of(Review(folder).hidden)
    with ledger.write() as connection:
        records = reads.records(connection)
        for number, record in enumerate(records):
            for stage in STAGES:
                for who in chance.sample(PEOPLE, chance.randint(0, 3)):
                    at = f"2026-0{1 + STAGES.index(stage)}-{1 + number:02}T10:00:{chance.randint(10, 59)}.000Z"
                    new = NewJudgement(record.id, record.text_hash, stage, who, "human", judged(chance), at=at)
                    if chance.random() < 0.3:
                        add_judgements(connection, [new])
                        continue
                    context = JudgementContext(seconds=12.5, protocol="p", ordered=chance.choice(["", "ranked"]))
                    [first] = add_judgements_with_context(connection, [new], context)
                    if chance.random() < 0.3:
                        again = NewJudgement(
                            record.id, record.text_hash, stage, who, "human", judged(chance), at=at[:14] + "30:00.000Z"
                        )
                        add_judgements_with_context(
                            connection, [again], JudgementContext("open", seen=("ada",), before=first)
                        )
                    elif chance.random() < 0.2:
                        withdraw(connection, [first], who, "changed their mind")
                if chance.random() < 0.3:
                    ruled = judged(chance)
                    add_judgements(
                        connection, [NewJudgement(record.id, record.text_hash, stage, "Zoë", "adjudicator", ruled)]
                    )
                if chance.random() < 0.2:
                    set_tag(connection, stage, record.id, chance.choice(PEOPLE), "to discuss")


def of_people(folder: Path) -> dict[str, Any]:
    """What a review says of its people's work: standings, judgements as they are kept, and all figures of theirs."""
    review = Review(folder)
    ledger = Ledger.of(review.hidden)
    document = figures(ledger, review)
    said = {
        stage: {
            "standings": StageState.load(ledger, review, stage).standings,
            **{
                name: document["stages"][stage.value][name]
                for name in ("agreement", "adjudications", "minds", "reviewers")
            },
        }
        for stage in STAGES
    }
    with sqlite3.connect(folder / ".screener" / "ledger.db") as connection:
        rows = connection.execute(
            "SELECT record_id, text_hash, stage, reviewer, role, at, decision, body FROM judgements "
            "WHERE id NOT IN (SELECT judgement_id FROM withdrawals) ORDER BY stage, id"
        ).fetchall()
        tags = connection.execute(
            "SELECT record_id, stage, reviewer, body FROM marks WHERE kind = 'tag' ORDER BY 1, 2, 3"
        )
        return {"said": said, "rows": rows, "tags": sorted(tags), "humans": document["effort"]["humans"]}


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4))])
def test_any_screening_is_the_same_in_a_fresh_review(tmp_path: Path, cli: Cli, seed: int) -> None:
    first = two_stage_review(tmp_path / "first", cli)
    screen(first, random.Random(seed))
    file = tmp_path / "all.jsonl"
    assert cli("export", "--format", "judgements", "--review", first, "-o", file).code == 0
    second = two_stage_review(tmp_path / "second", cli)
    done = cli("label", file, "--review", second, "--json").json
    assert (done["rejected"], done["format"], set(done["stages"])) == ([], "judgements", {"abstract", "fulltext"})
    before, after = of_people(first), of_people(second)
    assert after == before
    assert done["entered"] == len(before["rows"]) > 30
    # Once more changes nothing.
    again = cli("label", file, "--review", second, "--json").json
    assert (again["entered"], again["unchanged"], again["rejected"]) == (0, done["entered"], [])
    assert of_people(second) == after
    # It is noted as a file, and can be taken back.
    with sqlite3.connect(second / ".screener" / "ledger.db") as connection:
        assert connection.execute("SELECT count(*) FROM label_files").fetchone() == (2,)


@pytest.fixture
def carried(tmp_path: Path, cli: Cli) -> tuple[Path, list[dict[str, Any]], Path]:
    """A fresh review, the rows of another's file, and where to write them."""
    first = two_stage_review(tmp_path / "first", cli, 3)
    (tmp_path / "labels.csv").write_text(
        "doi,decision,reviewer,role,criterion\n10.1000/0,include,ada,,\n10.1000/0,exclude,ben,,software\n10.1000/0,include,ada,adjudicator,\n"
        "10.1000/1,exclude,ben,,\n"
    )
    assert cli("label", tmp_path / "labels.csv", "--stage", "abstract", "--review", first).code == 0
    rows = cli("export", "--format", "judgements", "--review", first, "--json").json
    return two_stage_review(tmp_path / "second", cli, 3), rows, tmp_path / "rows.jsonl"


def entered(cli: Cli, file: Path, rows: list[Any], folder: Path, *more: str) -> dict[str, Any]:
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    done = cli("label", file, "--review", folder, "--json", *more)
    assert done.code in (0, 2, 3), done.err
    return done.json  # type: ignore[no-any-return]


def test_a_row_that_cannot_be_used_is_listed_and_the_others_entered(
    carried: tuple[Path, list[dict[str, Any]], Path], cli: Cli
) -> None:
    folder, rows, file = carried
    assert len(rows) == 4
    elsewhere = {**rows[0], "record": "x", "doi": "10.1000/77", "title": "A work that nobody has here"}
    other_title = {**rows[0], "title": "The heart in the cold: ten patients"}
    tag = {name: rows[0][name] for name in ("format", "stage", "record", "title", "doi", "reviewer")} | {
        "tag": "x" * 99
    }
    bad = [elsewhere, other_title, {**rows[0], "decision": "perhaps"}, "{not json", {**rows[0], "role": "machine"}, [1], tag,
           {**rows[0], "reason": "\ud800"}, {**rows[0], "reason": "\0"}, {**rows[0], "context": {"seconds": float("nan")}},
           {**rows[0], "text_hash": "?"}, {**rows[0], "stage": "extraction"}, {**rows[0], "at": "yesterday"}]  # fmt: skip
    done = entered(cli, file, [*rows, *bad], folder)
    assert done["entered"] == 4
    assert [row["row"] for row in done["rejected"]] == list(range(5, 5 + len(bad)))
    assert "is a record with another title" in done["rejected"][1]["reason"]
    assert done["reviewers"]["ada:adjudicator"] == {"role": "adjudicator", "entered": 1, "unchanged": 0}


def test_who_has_judged_again_here_since_is_not_overwritten(
    carried: tuple[Path, list[dict[str, Any]], Path], cli: Cli
) -> None:
    folder, rows, file = carried
    earlier = [{**row, "at": "2020-01-01T00:00:00.000Z"} for row in rows]
    (folder / "ada.csv").write_text("doi,decision\n10.1000/0,exclude\n")
    assert cli("label", folder / "ada.csv", "--stage", "abstract", "--reviewer", "ADA", "--review", folder).code == 0
    done = entered(cli, file, earlier, folder)
    assert done["entered"] == 3  # the adjudication is another role
    assert any("ADA has judged" in row["reason"] for row in done["rejected"])


def test_a_file_twice_in_one_or_entered_twice_at_once_is_entered_once(
    carried: tuple[Path, list[dict[str, Any]], Path], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, rows, file = carried
    enter, others = judgement_file._Entry.enter, []

    def while_another_enters_it(entry: Any, content: Any) -> None:
        if not others:  # the other command is through between what this one read and what it writes
            others.append(enter)
            with screener.open(folder) as review:
                assert review.label(file).entered == 4
        enter(entry, content)

    monkeypatch.setattr(judgement_file._Entry, "enter", while_another_enters_it)
    done = entered(cli, file, [*rows, *rows], folder)
    assert (done["entered"], done["unchanged"]) == (0, 8)
    with sqlite3.connect(folder / ".screener" / "ledger.db") as connection:
        assert connection.execute("SELECT count(*) FROM judgements").fetchone() == (4,)


def test_one_person_or_stage_may_be_taken_and_other_options_have_no_meaning(
    carried: tuple[Path, list[dict[str, Any]], Path], cli: Cli
) -> None:
    folder, rows, file = carried
    assert entered(cli, file, rows, folder, "--stage", "fulltext")["entered"] == 0
    assert entered(cli, file, rows, folder, "--reviewer", "ada:adjudicator")["entered"] == 1
    assert entered(cli, file, rows, folder, "--reviewer", "ben", "--stage", "abstract")["entered"] == 2
    assert "no meaning here" in cli("label", file, "--decision", "include", "--review", folder).err
    (folder / "plain.csv").write_text("doi,decision\n10.1000/0,include\n")
    refused = cli("label", folder / "plain.csv", "--reviewer", "ada", "--review", folder)
    assert (refused.code, "--stage is missing" in refused.err) == (2, True)
