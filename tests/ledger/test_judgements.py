import json
from pathlib import Path

from sqlalchemy import insert, select, text

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.judgements import (
    JudgementContext,
    NewJudgement,
    add_again,
    add_judgements,
    add_judgements_with_context,
    contexts,
    judged_in_bulk,
    judged_open,
    supersede_parts,
    withdraw,
)
from screener.ledger.store import Ledger
from screener.reporting.audit.tables import as_row

INCLUDE, EXCLUDE = Judgement(decision=Decision.INCLUDE), Judgement(decision=Decision.EXCLUDE, reason="mice")


def by(reviewer: str, record_id: str, judgement: Judgement = INCLUDE) -> NewJudgement:
    return NewJudgement(record_id, "hash", Stage.ABSTRACT, reviewer, "human", judgement)


def standing(ledger: Ledger) -> list[tuple[str, str, Judgement]]:
    with ledger.read() as connection:
        return [(row.record_id, row.reviewer, row.judgement) for row in reads.judgements(connection, Stage.ABSTRACT)]


def test_what_is_entered_reads_as_it_was(ledger: Ledger) -> None:
    with ledger.write() as connection:
        add_judgements(connection, [by("ada", "r1"), by("ben", "r2", EXCLUDE)])
    assert standing(ledger) == [("r1", "ada", INCLUDE), ("r2", "ben", EXCLUDE)]


def test_more_than_one_statement_holds_is_entered_in_order_with_its_context(ledger: Ledger) -> None:
    context = JudgementContext("open", ("embedded",), before=3, seconds=2.5, bulk="b1", protocol="p", ordered="ranked")
    with ledger.write() as connection:
        numbers = add_judgements_with_context(connection, [by("ada", f"r{n}") for n in range(1_100)], context)
        assert contexts(connection, numbers) == dict.fromkeys(numbers, context)
        assert judged_open(connection) == judged_in_bulk(connection) == set(numbers)
        query = select(t.judgements.c.record_id).where(t.judgements.c.id.in_(numbers[-2:])).order_by(t.judgements.c.id)
        assert list(connection.execute(query).scalars()) == ["r1098", "r1099"]


def test_what_is_withdrawn_does_not_stand_and_is_entered_again_with_its_context(ledger: Ledger) -> None:
    with ledger.write() as connection:
        (number,) = add_judgements_with_context(connection, [by("ada", "r1", EXCLUDE)], JudgementContext(bulk="b1"))
        add_judgements(connection, [by("ada", "r2")])
        withdraw(connection, [number, number + 1], "ada", "a slip")
    assert standing(ledger) == []
    with ledger.write() as connection:
        add_again(connection, [number + 1, number])
        assert contexts(connection, [number + 2, number + 3]) == {number + 2: JudgementContext(bulk="b1")}
    assert standing(ledger) == [("r1", "ada", EXCLUDE), ("r2", "ada", INCLUDE)]


def test_a_judgement_of_the_whole_takes_the_place_of_that_of_a_merged_part(ledger: Ledger) -> None:
    with ledger.write() as connection:
        connection.execute(insert(t.aliases), [{"alias": name, "record_id": "whole"} for name in ("whole", "part")])
        add_judgements(connection, [by("ada", "part"), by("ben", "part"), by("ada", "whole", EXCLUDE)])
        supersede_parts(connection, Stage.ABSTRACT, "ada", "human", ["whole"])
    assert standing(ledger) == [("part", "ben", INCLUDE), ("whole", "ada", EXCLUDE)]


def test_a_ledger_from_before_the_column_says_what_was_decided_in_bulk(ledger: Ledger, tmp_path: Path) -> None:
    bodies = {1: {"seconds": 2.0}, 2: {"bulk": "0a1b", "seen": ["embedded"]}}
    with ledger.write() as connection:
        connection.exec_driver_sql("ALTER TABLE circumstances DROP COLUMN bulk")
        connection.exec_driver_sql("DELETE FROM migrations WHERE name = 'm006_bulk'")
        for number, body in bodies.items():
            row = text("INSERT INTO circumstances VALUES (:number, 'p', 'random', 'blind', :body)")
            connection.execute(row, {"number": number, "body": json.dumps(body)})
    with Ledger.of(tmp_path / ".screener").read() as connection:
        assert judged_in_bulk(connection) == {2}
        assert contexts(connection, [1, 2])[2] == JudgementContext(
            seen=("embedded",), bulk="0a1b", protocol="p", ordered="random"
        )


def test_an_audit_from_before_the_column_says_what_was_decided_in_bulk() -> None:
    line = {"judgement_id": 1, "protocol": "p", "ordered": "random", "blinded": "blind", "body": '{"bulk": "0a1b"}'}
    assert as_row("circumstances", json.dumps(line).encode())["bulk"] == "0a1b"
    assert as_row("circumstances", json.dumps({**line, "bulk": "", "body": "{}"}).encode())["bulk"] == ""
