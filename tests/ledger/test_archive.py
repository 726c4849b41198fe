from pathlib import Path
from typing import Any

import pytest

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger.archive import TABLES, check_row, columns, count_rows, insert_rows, lost_texts, table_rows
from screener.ledger.calls import Call, add_call
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.store import Ledger
from screener.ledger.texts import keep_text, text_hash, text_of

KEPT = {"agreements", "agreements_made", "outcome_counts", "standings", "standings_made"}
"""Tables that each ledger makes anew from its judgements."""


def rows_of(ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    with ledger.read() as connection:
        return {table: list(table_rows(connection, table)) for table in TABLES if table not in KEPT}


def filled(ledger: Ledger) -> Ledger:
    judgement = Judgement(decision=Decision.INCLUDE)
    with ledger.write() as connection:
        add_call(connection, Call("run", "r1", "abstract", "gpt", "q1", 0, "ok", cost_usd=0.5), "naïve \ud800 text")
        for reviewer in ("anna", "gold"):
            role = "gold" if reviewer == "gold" else "human"
            add_judgements(connection, [NewJudgement("r1", "hash", Stage.ABSTRACT, reviewer, role, judgement)])
    return ledger


def test_what_is_taken_out_of_one_ledger_and_put_into_another_is_the_same(ledger: Ledger, tmp_path: Path) -> None:
    taken = rows_of(filled(ledger))
    assert taken["texts"] == [{"hash": text_hash("naïve \ud800 text"), "text": "naïve \ud800 text"}]
    copy = Ledger(f"sqlite:///{tmp_path / 'copy.db'}")
    with copy.write() as connection:
        for table, rows in taken.items():
            for row in rows:
                check_row(table, row)
            insert_rows(connection, table, rows)
    assert rows_of(copy) == taken


def test_a_text_that_was_left_out_is_listed_as_lost(ledger: Ledger, tmp_path: Path) -> None:
    taken = rows_of(filled(ledger))
    copy = Ledger(f"sqlite:///{tmp_path / 'copy.db'}")
    digest = text_hash("naïve \ud800 text")
    with copy.write() as connection:
        insert_rows(connection, "calls", taken["calls"])
        insert_rows(connection, "texts", [{"hash": digest, "text": None}])
        assert lost_texts(connection, 20) == [("calls", 1, digest)]
        keep_text(connection, "naïve \ud800 text")
        assert (lost_texts(connection, 20), text_of(connection, "unknown")) == ([], None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repeat": "0"}, "repeat: '0' is not what"),
        ({"repeat": True}, "repeat: 'True' is not what"),
        ({"repeat": 2**63}, "repeat: '9223372036854775808' is not what"),
        ({"cost_usd": 1e301}, "cost_usd"),
        ({"status": None}, "status: 'None'"),
        ({"another": 1}, "has not the columns id, run_id"),
    ],
)
def test_a_row_that_does_not_fit_its_table_is_refused(ledger: Ledger, change: dict[str, Any], message: str) -> None:
    [row] = rows_of(filled(ledger))["calls"]
    check_row("calls", {**row, "model": None})
    with pytest.raises(ValueError, match=message):
        check_row("calls", {**row, **change})


def test_rows_are_counted_with_or_without_gold_labels(ledger: Ledger) -> None:
    with filled(ledger).read() as connection:
        assert count_rows(connection, ("calls", "judgements")) == {"calls": 1, "judgements": 2}
    assert columns("texts") == ["hash", "text"]
