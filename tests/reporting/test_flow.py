"""The flow is counting: what enters a box leaves it, and a ledger that contradicts itself shows."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from screener.core.judgement import Decision
from screener.reporting.drawing import Text
from screener.reporting.flow import Box, FlowInputs, FlowStanding, adds_up, flow, reasons_table
from screener.reporting.flow_others import OtherCounts
from screener.reporting.flowchart import flowchart
from screener.reporting.methods import of_others
from screener.stages.standing import FlowPlace, Status

INCLUDE, EXCLUDE, UNCLEAR = Decision.INCLUDE, Decision.EXCLUDE, Decision.UNCLEAR
ABSTRACT = (
    FlowStanding("a", Status.FINAL, INCLUDE, human=True),
    FlowStanding("b", Status.FINAL, EXCLUDE, human=True, failed="topic"),
    FlowStanding("c", Status.FINAL, EXCLUDE, human=False, failed="topic"),
    FlowStanding("d", Status.FINAL, EXCLUDE, human=False, failed="topic", rule="years"),
    FlowStanding("e", Status.SUGGESTED, EXCLUDE, failed="design"),
    FlowStanding("f", Status.SUGGESTED, UNCLEAR),
    FlowStanding("g", Status.CONFLICT),
    FlowStanding("h", Status.PENDING),
    FlowStanding("i", Status.ERROR),
    FlowStanding("j", Status.FINAL, UNCLEAR, human=True),
    FlowStanding("k", Status.SUGGESTED, INCLUDE),
    FlowStanding("l", Status.FINAL, INCLUDE, human=True),
)
FULLTEXT = (
    FlowStanding("a", Status.FINAL, INCLUDE, human=True, place=FlowPlace.INCLUDED),
    FlowStanding("f", Status.FINAL, EXCLUDE, human=True, failed="design", place=FlowPlace.EXCLUDED),
    FlowStanding("j", Status.PENDING, place=FlowPlace.NOT_RETRIEVED, retrieval_reason="no access"),
    FlowStanding("k", Status.SUGGESTED, EXCLUDE, failed="topic", place=FlowPlace.UNDECIDED),
    FlowStanding("l", Status.FINAL, INCLUDE, human=True, place=FlowPlace.INCLUDED),
)
INPUTS = FlowInputs(
    hits={"Base": 10, "Hub": 3, "by hand": 2},
    kinds={"Base": "database", "Hub": "register"},
    unreadable=1,
    merged=3,
    records=12,
    abstract=ABSTRACT,
    fulltext=FULLTEXT,
    studies=1,
    criteria={"abstract": ("topic", "design", "years"), "fulltext": ("topic", "design")},
)


def boxes(inputs: FlowInputs) -> dict[str, Box]:
    return {box.id: box for box in flow(inputs)}


def test_every_record_is_in_one_box_and_all_boxes_add_up() -> None:
    found = boxes(INPUTS)
    assert adds_up(found.values())
    counts = {name: box.count for name, box in found.items()}
    assert counts == {
        "identified": 16, "removed": 5, "screened": 11, "excluded": 2, "undecided": 4, "sought": 5,
        "not_retrieved": 1, "assessed": 4, "excluded_reports": 1, "awaiting": 1, "included": 2,
    }  # fmt: skip
    assert found["included"].notes[0] == "1 study"


def test_sources_are_told_apart_by_kind() -> None:
    parts = dict(boxes(INPUTS)["identified"].parts)
    assert parts == {
        "Databases: Base": 10,
        "Registers: Hub": 3,
        "Sources that the protocol does not list: by hand": 2,
        "Rows that could not be read": 1,
    }


def test_what_a_machine_suggests_to_exclude_waits_and_is_not_excluded() -> None:
    found = boxes(INPUTS)
    assert dict(found["excluded"].parts) == {"By humans": 1, "By a machine whose gate is open": 1}
    assert dict(found["undecided"].parts)["A machine suggests to exclude"] == 1
    assert "1 of them" not in found["sought"].notes[0]
    assert found["sought"].notes == ("2 of them on a machine's suggestion alone",)


def test_a_rule_removes_before_screening_and_only_where_code_alone_decided() -> None:
    assert dict(boxes(INPUTS)["removed"].parts)["Ineligible by rule, by automation: years"] == 1
    by_human = tuple(replace(one, human=True) if one.id == "d" else one for one in ABSTRACT)
    found = boxes(replace(INPUTS, abstract=by_human))
    assert adds_up(found.values())
    assert (found["removed"].count, found["screened"].count, found["excluded"].count) == (4, 12, 3)


def test_each_excluded_report_has_one_reason() -> None:
    box = boxes(INPUTS)["excluded_reports"]
    assert box.parts == (("design", 1),)
    assert box.notes == ("1 by humans, 0 by a machine whose gate is open",)
    by_machine = tuple(replace(one, human=False) if one.id == "f" else one for one in FULLTEXT)
    told = boxes(replace(INPUTS, fulltext=by_machine))["excluded_reports"].notes
    assert told == ("0 by humans, 1 by a machine whose gate is open",)
    rows = reasons_table(ABSTRACT, ("topic", "design", "years"))
    assert rows[0] == {"criterion": "topic", "human": 1, "machine": 2, "suggested": 0, "all": 3}
    assert rows[1]["suggested"] == 1


@pytest.mark.parametrize(
    ("plant", "red"),
    [
        (lambda r: replace(r, merged=r.merged - 1), {"identified"}),
        (lambda r: replace(r, hits={**r.hits, "Base": 11}), {"identified"}),
        (lambda r: replace(r, records=13), {"identified", "screened"}),
        (lambda r: replace(r, abstract=r.abstract[1:]), {"screened", "sought"}),
        (lambda r: replace(r, fulltext=r.fulltext[1:]), {"sought"}),
        (lambda r: replace(r, fulltext=(*r.fulltext[:-1], replace(r.fulltext[-1], place=None))), {"sought"}),
        (lambda r: replace(r, studies=7), {"included"}),
    ],
)
def test_a_planted_inconsistency_is_red(plant: Callable[[FlowInputs], FlowInputs], red: set[str]) -> None:
    found = flow(plant(INPUTS))
    assert {box.id for box in found if box.problems} == red
    assert not adds_up(found)
    told = {"boxes": [box.as_json() for box in found], "adds_up": False}
    for narrow in (False, True):
        drawing = flowchart(told, narrow=narrow)
        assert sum(getattr(shape, "stroke", "") == "bad" for shape in drawing.shapes) == len(red)
        assert "do not add up" in drawing.text


def test_a_protocol_without_full_text_ends_with_the_records_kept() -> None:
    found = boxes(replace(INPUTS, fulltext=None, studies=None))
    assert adds_up(found.values())
    assert list(found)[-1] == "kept"
    assert found["kept"].count == 5


def test_a_protocol_that_begins_with_full_text_goes_from_identification_to_retrieval() -> None:
    found = boxes(replace(INPUTS, abstract=None, records=5, hits={"Base": 8}, merged=3, unreadable=0))
    assert adds_up(found.values())
    assert found["identified"].leaves == (("removed", 3), ("sought", 5))


def test_an_empty_review_adds_up_to_nothing() -> None:
    empty = FlowInputs({}, {}, 0, 0, 0, (), (), 0)
    assert adds_up(flow(empty))
    assert {box.count for box in flow(empty)} == {0}


CITED = replace(
    INPUTS,
    kinds=INPUTS.kinds | {"Citations": "citation_searching", "Sites": "website"},
    abstract=(*ABSTRACT, FlowStanding("m", Status.FINAL, INCLUDE, human=True), FlowStanding("n", Status.PENDING),
              FlowStanding("o", Status.FINAL, EXCLUDE, failed="topic", rule="years"),
              FlowStanding("p", Status.FINAL, INCLUDE, human=True)),
    fulltext=(*FULLTEXT, FlowStanding("m", Status.FINAL, INCLUDE, human=True, place=FlowPlace.INCLUDED),
              FlowStanding("p", Status.PENDING, place=FlowPlace.NOT_RETRIEVED, retrieval_reason="lost")),
    others=OtherCounts({"Sites": 1, "Citations": 8}, 2, 2, frozenset("mnopq"), notices=1),
)  # fmt: skip
"""Nine rows by other methods: two are known to databases, two are copies; of five records one is a notice, one fails a rule."""


def test_what_other_methods_found_is_a_column_of_its_own_with_all_boxes_to_the_included_reports() -> None:
    found = boxes(CITED)
    assert adds_up(found.values()), [box for box in found.values() if box.problems]
    before = {name: box.count for name, box in boxes(INPUTS).items()}
    counts = {name: box.count for name, box in found.items() if box.column == "others"}
    assert counts == {
        "other_identified": 9, "other_removed": 6, "other_screened": 3, "other_excluded": 0, "other_undecided": 1,
        "other_sought": 2, "other_not_retrieved": 1, "other_assessed": 1, "other_excluded_reports": 0, "other_awaiting": 0,
    }  # fmt: skip
    assert {name: found[name].count for name in before} == before | {"included": 3}
    assert found["other_identified"].parts == (("Citation searching: Citations", 8), ("Web sites: Sites", 1))
    assert dict(found["other_removed"].parts)["Among the records of other sources, counted there only"] == 2
    assert found["other_not_retrieved"].parts == (("Not retrieved: lost", 1),)
    assert found["included"].enters == (("assessed", 2), ("other_assessed", 1))


def test_the_drawings_say_which_of_the_included_reports_came_by_other_methods() -> None:
    told = {"boxes": [box.as_json() for box in flow(CITED)], "adds_up": True}
    for narrow in (False, True):
        main = [shape.text for shape in flowchart(told, narrow=narrow).shapes if isinstance(shape, Text)]
        assert "of these by other methods: 1" in main
        drawing = flowchart(told, narrow=narrow, column="others")
        others = [shape.text for shape in drawing.shapes if isinstance(shape, Text)]
        assert sum("Other methods" in text for text in others) == 1
        at = others.index("Included (counted in the main diagram)")
        assert others[at + 1] == "n = 1"


def test_the_methods_say_how_many_of_the_included_reports_came_by_other_methods() -> None:
    told = {box.id: box.as_json() for box in flow(CITED)}
    assert of_others(told) == (
        " Of what they alone found, 3 records were screened, 1 report was assessed and 1 of the included reports is from them."
    )


def test_other_methods_without_full_text_end_with_the_records_kept() -> None:
    found = boxes(replace(CITED, fulltext=None, studies=None))
    assert adds_up(found.values())
    assert found["other_kept"].count == 2
