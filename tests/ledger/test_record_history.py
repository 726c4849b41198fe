"""The history of a record: whatever happened to it and to what was merged into it, with when and by whom."""

from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.ledger import (
    JudgementContext,
    Ledger,
    NewJudgement,
    add_amendment,
    add_files,
    add_judgements,
    add_judgements_with_context,
    merge_records,
    reads,
    set_tag,
    split_record,
    withdraw,
)
from screener.ledger.enrichments import abstract_by_hand, add_abstract
from screener.ledger.record_history import amendments_since, history_of
from screener.ledger.undo_import import undo_imports
from screener.records import Entry, FileRead, Hit

STAGE = Stage.ABSTRACT
OUT = Judgement(decision=Decision.EXCLUDE, answers={"signal": Answer(value=Value.NO)}, reason="of mice")


def test_all_that_happened_to_a_record_is_told_in_its_order(ledger: Ledger) -> None:
    for source, name in (("Base", "r1"), ("Other", "r2")):
        hit = Hit(source=source, row=7, entry=Entry(given_id=name, title=f"On {name} alone"))
        file = FileRead(path=f"x/{source}.csv", format="csv", source=source, sha256=source, hits=(hit,), rejected=())
        add_files(ledger, [file])
    merge_records(ledger, "r1", "r2", "ada")
    with ledger.write() as connection:
        (number,) = add_judgements_with_context(
            connection, [NewJudgement("r2", "", STAGE, "ada", "human", OUT)], JudgementContext(bulk="b")
        )
        add_judgements(connection, [NewJudgement("r1", "", STAGE, "embedded", "machine", OUT)])
        withdraw(connection, [number], "ada", "undone in the app")
        set_tag(connection, STAGE, "r1", "ben", "animal")
        add_amendment(connection, STAGE, "ada", "clearer", "hash", {})
    add_abstract(ledger, "r1", "Now there is one.", "ben")
    with ledger.read() as connection:
        by_hand = abstract_by_hand(connection, "r1")
    assert by_hand is not None
    undo_imports(ledger, [by_hand], "cem", with_judgements=False)
    with ledger.read() as connection:
        events = history_of(connection, "r1")
        amended = amendments_since(connection, events[0].at)
        record = reads.find_record(connection, "r1")
    assert [event.at for event in events] == sorted(event.at for event in events)
    told = {(event.act, event.who, event.detail) for event in events}
    assert told == {
        ("imported", "", "Base: row 7 of Base.csv"),
        ("imported", "", "Other: row 7 of Other.csv"),
        ("merged", "ada", "r2 and r1 (by hand)"),
        ("judged", "ada", "of mice; one of many"),
        ("judged by a machine", "embedded", ""),
        ("judgement withdrawn", "ada", "exclude of ada: undone in the app"),
        ("tagged", "ben", "animal"),
        ("filled in", "ben", "abstract, by hand"),
        ("taken back", "cem", "abstract, by hand"),
    }
    judged = next(event for event in events if event.act == "judged")
    assert (judged.decision, judged.criterion, judged.stage, judged.by) == ("exclude", "signal", STAGE, "ada")
    assert [(event.act, event.who, event.detail) for event in amended] == [
        ("criteria amended", "ada", "Titles and abstracts: clearer")
    ]
    assert record is not None
    assert record.abstract == ""
    split_record(ledger, "r1", "ada")
    with ledger.read() as connection:
        assert [event.act for event in history_of(connection, "r2")].count("split") == 1
