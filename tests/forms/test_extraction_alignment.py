"""Extractions beside each other: what differs, and what is made of the choices."""

from typing import Any

from screener.core.judgement import ItemAnswer, ItemStatus
from screener.forms.extraction_alignment import align, resolve, same_items


def said(**items: Any) -> dict[str, ItemAnswer]:
    """Items by path (`__` for a dot); a value is reported, a status stands for itself."""
    made = {}
    for path, value in items.items():
        silent = isinstance(value, ItemStatus)
        made[path.replace("__", ".")] = ItemAnswer(
            status=value if silent else ItemStatus.REPORTED, value=None if silent else value
        )
    return made


def rows(*names: str, patients: tuple[int, ...] = ()) -> dict[str, ItemAnswer]:
    """A list of data sets with a name and a number each."""
    made: dict[str, ItemAnswer] = {}
    for place, name in enumerate(names):
        made[f"sets[{place}].name"] = ItemAnswer(status=ItemStatus.REPORTED, value=name)
        number = patients[place] if place < len(patients) else None
        made[f"sets[{place}].patients"] = (
            ItemAnswer(status=ItemStatus.NOT_REPORTED)
            if number is None
            else ItemAnswer(status=ItemStatus.REPORTED, value=number)
        )
    return made


NOT = ItemStatus.NOT_REPORTED


def test_items_differ_in_status_or_value_and_in_nothing_else() -> None:
    one = said(leads=12, code="https://www.example.org/x/", family="state_space", name="CardioNet", rate=NOT)
    two = said(leads=12.0, code="http://example.org/x", family="state_space", name="Cardio-Net", rate=NOT)
    assert same_items(one, two)
    for path, other in (("leads", 8), ("family", "transformer"), ("name", "PulseNet"), ("rate", 500), ("leads", NOT)):
        changed = {**two, **said(**{path: other})}
        assert [line.path for line in align([one, changed]) if line.differs] == [path], path
        assert not same_items(one, changed)


def test_other_words_for_the_code_other_differ() -> None:
    one = {"family": ItemAnswer(status=ItemStatus.REPORTED, value="other", other="a spiking network")}
    two = {"family": ItemAnswer(status=ItemStatus.REPORTED, value="other", other="a hidden Markov model")}
    assert not same_items(one, two)


def test_rows_are_laid_beside_each_other_by_content_not_by_order() -> None:
    lines = align([rows("Alpha", "Beta", patients=(10, 20)), rows("Beta", "Alpha", patients=(20, 11))])
    differing = [line for line in lines if line.differs]
    assert [line.path for line in differing] == ["sets[0].patients"]
    assert differing[0].places == ("sets[0].patients", "sets[1].patients")


def test_rows_that_only_one_side_has_differ_and_stand_only_if_chosen() -> None:
    first, second = rows("Alpha", patients=(10,)), rows("Gamma", "Alpha", patients=(5, 10))
    lines = align([first, second])
    differing = [line for line in lines if line.differs]
    assert {line.path for line in differing} == {"sets[1].name", "sets[1].patients"}
    assert all(line.answers[0] is None for line in differing)
    without = resolve(lines, {line.path: 0 for line in differing})
    assert without == first
    taken = resolve(lines, {line.path: 1 for line in differing})
    assert same_items(taken, second)


def test_a_row_that_is_refused_leaves_nothing_of_itself_and_no_gap() -> None:
    first = rows("Alpha", patients=(10,))
    second = rows("Gamma", "Alpha", "Delta", patients=(5, 10))  # Delta's patients are not reported
    lines = align([first, second])
    chosen = {}
    for line in lines:
        if line.differs:
            row = line.path.partition(".")[0]
            names = [one.answers[1] for one in lines if one.path == f"{row}.name"]
            keep = names[0] is not None and names[0].value == "Delta"
            chosen[line.path] = int(keep)
    made = resolve(lines, chosen)
    assert {path: answer.value for path, answer in made.items() if path.endswith("name")} == {
        "sets[0].name": "Alpha", "sets[1].name": "Delta",
    }  # fmt: skip


def test_the_answer_of_a_whole_list_stands_against_the_rows_of_another() -> None:
    empty, filled = said(sets=NOT), rows("Alpha", patients=(10,))
    for sides in ([empty, filled], [filled, empty]):
        lines = align(sides)
        assert all(line.differs for line in lines)
        assert {line.path for line in lines} == {"sets[0].name", "sets[0].patients"}
        where = sides.index(empty)
        none = resolve(lines, {line.path: where for line in lines})
        assert none == empty
        some = resolve(lines, {line.path: 1 - where for line in lines})
        assert some == filled


def test_three_sides_share_the_rows_that_the_first_lacks() -> None:
    lines = align([rows("Alpha"), rows("Alpha", "Beta"), rows("Beta", "Alpha")])
    beta = next(line for line in lines if line.path == "sets[1].name")
    assert [answer.value if answer else None for answer in beta.answers] == [None, "Beta", "Beta"]
    assert beta.places == (None, "sets[1].name", "sets[0].name")


def test_what_all_say_needs_no_choice() -> None:
    one = {**said(leads=12, name="X"), **rows("Alpha", patients=(10,))}
    assert resolve(align([one, one]), {}) == one


def test_an_answer_of_ones_own_stands_in_place_of_all_sides() -> None:
    lines = align([said(leads=12), said(leads=8)])
    own = ItemAnswer(status=ItemStatus.REPORTED, value=1)
    assert resolve(lines, {"leads": own}) == {"leads": own}
