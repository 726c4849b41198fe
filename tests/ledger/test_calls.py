import pytest

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger.calls import (
    Call,
    add_call,
    answer_text,
    answered,
    last_parameters,
    refusals_in_batches,
    settled_answers,
)
from screener.ledger.errors import ErrorRow, add_errors, errors
from screener.ledger.fits import keep_fit, newest_fit
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.runs import add_run, end_run, last_runs, protocols, runs, specifications
from screener.ledger.store import Ledger
from screener.ledger.texts import text_hash
from screener.ledger.workload import calls_by_reviewer, models_called


def call(status: str, request: str = "q1", repeat: int = 0, **more: object) -> Call:
    return Call("run", "r1", "abstract", "gpt", request, repeat, status, **more)  # type: ignore[arg-type]


def test_the_newest_answer_stands_until_it_is_rejected(ledger: Ledger) -> None:
    with ledger.write() as connection:
        add_call(connection, call("ok"), "first")
        add_call(connection, call("ok"), "second")
        add_call(connection, call("ok", repeat=1), "of the repeat")
        assert (answer_text(connection, ("q1", 0)), answer_text(connection, ("q2", 0))) == ("second", None)
        add_call(connection, call("rejected"), None)
        assert (answer_text(connection, ("q1", 0)), answered(connection)) == (None, {("q1", 1)})
        assert answer_text(connection, ("q1", 0), even_rejected=True) == "second"
        add_call(connection, call("ok"), "third")
        assert answer_text(connection, ("q1", 0)) == "third"
        assert answered(connection) == {("q1", 0), ("q1", 1)}


def test_refusals_of_batches_are_told_from_those_of_runs(ledger: Ledger) -> None:
    asked = {("q1", 0), ("q2", 0), ("q3", 0)}
    with ledger.write() as connection:
        add_call(connection, call("refused"), "no")
        add_call(connection, call("refused", "q2", latency_s=0.5), "settled in its run")
        add_call(connection, call("refused", "q4"), "not asked for")
        assert refusals_in_batches(connection, asked) == {("q1", 0): "no"}
        assert refusals_in_batches(connection, set()) == {}
        assert settled_answers(connection)[0] == (("q1", 0), "refused", text_hash("no"))


def test_the_last_parameters_are_those_of_an_answered_call(ledger: Ledger) -> None:
    with ledger.write() as connection:
        assert last_parameters(connection, "gpt") == {}
        add_call(connection, call("ok", parameters='{"model": "old"}'), "a")
        add_call(connection, call("ok", parameters='{"model": "new"}'), "b")
        add_call(connection, call("failed", parameters='{"model": "none"}'), "c")
        add_call(connection, call("cached"), None)
        assert last_parameters(connection, "gpt") == {"model": "new"}


def test_calls_are_summed_and_an_unknown_price_makes_the_sum_unknown(ledger: Ledger) -> None:
    with ledger.write() as connection:
        add_call(connection, call("ok", attempts=2, model="b", input_tokens=10, cost_usd=0.5, latency_s=1.0), "a")
        add_call(connection, call("cached"), None)
        sums = calls_by_reviewer(connection)["abstract", "gpt"]
        assert (sums["calls"], sums["reused_calls"], sums["attempts"], sums["cost_usd"]) == (1, 1, 2, 0.5)
        add_call(connection, call("unusable", attempts=1, model="a"), "b")
        sums = calls_by_reviewer(connection)["abstract", "gpt"]
        assert (sums["calls"], sums["failed_calls"], sums["cost_known"], sums["cost_usd"]) == (2, 1, 0.5, None)
        assert models_called(connection) == {("abstract", "gpt"): ["a", "b"]}


def test_an_error_is_open_until_the_same_reviewer_judges_the_record(ledger: Ledger) -> None:
    failed = ErrorRow(
        "run", "r1", "hash", Stage.ABSTRACT, "gpt", "asked", 0, "call", "HTTP 500", "2026-01-02T00:00:00Z"
    )
    judged = Judgement(decision=Decision.INCLUDE)
    with ledger.write() as connection:
        add_errors(connection, [failed])
        add_errors(connection, [])
        add_judgements(connection, [NewJudgement("r1", "hash", Stage.ABSTRACT, "other", "machine", judged)])
        assert errors(connection, Stage.ABSTRACT) == {("r1", "gpt", 0): failed}
        assert errors(connection, Stage.ABSTRACT, "other") == errors(connection, Stage.FULLTEXT) == {}
        add_judgements(connection, [NewJudgement("r1", "hash", Stage.ABSTRACT, "gpt", "machine", judged)])
        assert errors(connection, Stage.ABSTRACT) == {}


def test_a_fit_that_is_made_again_becomes_the_newest(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger.write() as connection:
        assert newest_fit(connection, Stage.ABSTRACT, "embedded") is None
        for day, fit in enumerate(("a", "b", "a"), start=1):
            monkeypatch.setattr("screener.ledger.fits.now", lambda day=day: f"2026-01-0{day}T00:00:00Z")
            keep_fit(connection, fit, Stage.ABSTRACT, "embedded", f"fit {fit}")
            assert newest_fit(connection, Stage.ABSTRACT, "embedded") == f"fit {fit}"
        assert newest_fit(connection, Stage.FULLTEXT, "embedded") is None


def test_runs_keep_how_their_reviewer_was_set_up(ledger: Ledger) -> None:
    with ledger.write() as connection:
        add_run(connection, "one", Stage.ABSTRACT, "gpt", {"protocol": "p1"}, "2026-01-01T00:00:00Z")
        add_run(connection, "two", Stage.FULLTEXT, "gpt", {"kind": "chat"})
        end_run(connection, "one", {"records": 3})
        assert protocols(connection) == {"one": "p1", "two": ""}
        assert specifications(connection, Stage.FULLTEXT, "gpt") == {"two": {"kind": "chat"}}
        assert specifications(connection, reviewer="other") == {}
        [ended, under_way] = runs(connection)
        assert (ended["summary"], under_way["ended"]) == ('{"records": 3}', None)
        for run in ("one", "two"):
            row = NewJudgement(
                "r1", "h", Stage.ABSTRACT, "gpt", "machine", Judgement(decision=Decision.INCLUDE), run_id=run
            )
            add_judgements(connection, [row])
        assert last_runs(connection, Stage.ABSTRACT, "gpt") == {"r1": "two"}
