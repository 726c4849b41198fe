"""Two readings of one list: which entry is which, and that nothing proven is taken back."""

import pytest

from screener.core.judgement import ItemAnswer, ItemStatus
from screener.reviewers.list_entries import entry_lines, joined

OWN = "harms.events"
Told = tuple[str | None, float | None]


def events(*told: Told, doubtful: str = "") -> dict[str, ItemAnswer]:
    """A list of events; `doubtful` names the items, such as `1.name`, whose quote did not hold."""
    items = {}
    for number, entry in enumerate(told):
        for name, value in zip(("name", "patients"), entry, strict=True):
            status = ItemStatus.NOT_REPORTED if value is None else ItemStatus.REPORTED
            if f"{number}.{name}" in doubtful.split():
                status = ItemStatus.UNCLEAR
            items[f"{OWN}[{number}].{name}"] = ItemAnswer(status=status, value=value)
    return items


NONE = {OWN: ItemAnswer(status=ItemStatus.NOT_REPORTED)}


def test_what_only_the_second_reading_has_is_added_behind_what_the_first_has() -> None:
    first = events(("Headache", 12), ("Nausea", 7), doubtful="1.name 1.patients")
    second = events(("Nausea", 7), ("Rash", 3), ("Fatigue", 9))
    assert joined(first, second, OWN) == events(("Headache", 12), ("Nausea", 7), ("Rash", 3), ("Fatigue", 9))


@pytest.mark.parametrize("second", [NONE, {}], ids=["none", "not told"])
def test_a_second_reading_without_entries_takes_none_back(second: dict[str, ItemAnswer]) -> None:
    assert joined(events(("Headache", 12)), second, OWN) == events(("Headache", 12))


def test_entries_replace_the_answer_that_there_are_none() -> None:
    assert joined(NONE, events(("Headache", 12)), OWN) == events(("Headache", 12))
    assert joined({}, NONE, OWN) == NONE


def test_an_entry_is_completed_whatever_the_order() -> None:
    first = events(("Headache", None), ("Nausea", 70), ("Rash", 3), doubtful="1.patients")
    second = events(("Rash", 3), ("Nausea", 7), ("Headache", 12))
    assert joined(first, second, OWN) == events(("Headache", 12), ("Nausea", 7), ("Rash", 3))


def test_two_proven_values_that_differ_are_of_two_entries() -> None:
    arms = joined(events(("Headache", 12)), events(("Headache", 15)), OWN)
    assert arms == events(("Headache", 12), ("Headache", 15))


def test_a_doubtful_entry_is_not_completed_by_another_that_has_the_same_number() -> None:
    first = events(("Rash", 3), doubtful="0.name 0.patients")
    assert joined(first, events(("Fatigue", 3)), OWN) == first | {
        path.replace("[0]", "[1]"): answer for path, answer in events(("Fatigue", 3)).items()
    }


def test_a_second_reading_that_is_in_doubt_adds_what_it_proposes_and_unsettles_nothing() -> None:
    first, second = events(("Headache", 12)), events(("Headache", 12), ("Rash", 3), doubtful="0.patients 1.patients")
    assert joined(first, second, OWN) == events(("Headache", 12), ("Rash", 3), doubtful="1.patients")


def test_what_stands_is_told_a_line_an_entry() -> None:
    first = events(("Head\nache", 12), ("Nausea", 7), ("Rash", None), doubtful="1.patients")
    assert entry_lines(first, OWN) == (
        "name: Head ache; patients: 12",
        "name: Nausea; patients: 7 (in doubt)",
        "name: Rash; patients: not_reported",
    )
    assert entry_lines(NONE, OWN) == entry_lines({}, OWN) == ()
