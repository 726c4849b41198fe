"""Which entries of two lists are one where some of their items are keys: the three steps, and what they do not pair."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from support import Later

from screener import metrics as m

recomputed_items = Later("recomputed.items")

KINDS = {
    "data.name": m.ItemKind("text"),
    "data.size": m.ItemKind("number"),
    "data.access": m.ItemKind("code"),
    "results.task": m.ItemKind("text"),
    "results.split": m.ItemKind("code"),
    "results.metric": m.ItemKind("code"),
    "results.value": m.ItemKind("number"),
    "results.low": m.ItemKind("number"),
}
KEYS = {"data": ("data.name",), "results": ("results.task", "results.split", "results.metric")}
Form = dict[str, m.ItemValue]


def entries(name: str, *rows: dict[str, object]) -> Form:
    return {
        f"{name}[{number}].{item}": value if isinstance(value, m.ItemValue) else m.ItemValue("reported", value)
        for number, row in enumerate(rows)
        for item, value in row.items()
    }


def scored(extracted: Form, gold: Form) -> dict[str, tuple[str, str]]:
    """Outcome and what became of the entry, by the path of gold's answer, or `+` and that of the extraction's."""
    items = m.score_items(extracted, gold, KINDS, KEYS)
    return {item.gold or f"+{item.extracted}": (item.outcome.value, item.entry.value) for item in items}


def test_entries_with_the_same_keys_are_one_whatever_else_they_say() -> None:
    gold = entries("data", {"name": "PTB-XL", "size": 10}, {"name": "Chapman", "size": 20})
    # By all that they say each would be taken for the other: the sizes are exchanged.
    found = scored(entries("data", {"name": "ptb xl", "size": 20}, {"name": "Chapmans", "size": 10}), gold)
    assert found == {
        "data[0].name": ("correct", "matched"),
        "data[0].size": ("wrong", "matched"),
        "data[1].name": ("correct", "matched"),
        "data[1].size": ("wrong", "matched"),
    }


def test_an_entry_under_another_key_is_missing_and_one_too_many() -> None:
    gold = entries("data", {"name": "PTB-XL", "size": 10, "access": "open"})
    found = scored(entries("data", {"name": "MIMIC-IV", "size": 90, "access": "open"}), gold)
    assert found == {
        "data[0].name": ("missed", "missing"),
        "data[0].size": ("missed", "missing"),
        "data[0].access": ("missed", "missing"),
        "+data[0].name": ("fabricated", "extra"),
        "+data[0].size": ("fabricated", "extra"),
        "+data[0].access": ("fabricated", "extra"),
    }


def test_a_key_in_other_words_is_the_same_entry_with_one_field_that_differs() -> None:
    gold = entries("data", {"name": "Chapman University data set", "size": 10}, {"name": "Georgia", "size": 20})
    found = scored(entries("data", {"name": "Georgia", "size": 20}, {"name": "Chapman data set", "size": 11}), gold)
    assert found["data[0].name"] == ("wrong", "matched")
    assert found["data[0].size"] == ("wrong", "matched")
    # Names with other numbers are other names, whatever else agrees.
    other = entries("data", {"name": "CODE 15", "size": 10, "access": "open"})
    found = scored(entries("data", {"name": "CODE 20", "size": 10, "access": "open"}), other)
    assert found["data[0].name"] == ("missed", "missing")


def test_an_entry_under_another_name_is_one_where_most_of_the_rest_agrees() -> None:
    gold = entries("data", {"name": "Alpha", "size": 10, "access": "open"})
    assert scored(entries("data", {"name": "ours", "size": 10, "access": "open"}), gold) == {
        "data[0].name": ("wrong", "matched"),
        "data[0].size": ("correct", "matched"),
        "data[0].access": ("correct", "matched"),
    }
    one_value = scored(entries("data", {"name": "ours", "size": 10}), entries("data", {"name": "Alpha", "size": 10}))
    assert one_value["data[0].size"] == ("missed", "missing")


RESULT = {"task": "rhythm", "split": "test", "metric": "auroc", "value": 0.9, "low": 0.8}


def test_a_code_among_the_keys_that_differs_makes_another_entry() -> None:
    gold = entries("results", RESULT)
    assert scored(entries("results", RESULT | {"metric": "f1"}), gold)["results[0].value"] == ("missed", "missing")
    silent = scored(entries("results", RESULT | {"split": m.ItemValue("not_reported"), "value": 0.7}), gold)
    assert silent["results[0].split"] == ("missed", "matched")
    assert silent["results[0].value"] == ("wrong", "matched")


def test_entries_with_the_same_keys_are_told_apart_by_the_rest() -> None:
    gold = entries("results", RESULT, RESULT | {"value": 0.5, "low": 0.4})
    found = scored(entries("results", RESULT | {"value": 0.5, "low": 0.4}, RESULT), gold)
    assert set(found.values()) == {("correct", "matched")}


def test_without_a_reported_key_entries_are_assigned_by_all_that_they_say() -> None:
    silent = m.ItemValue("not_reported")
    gold = entries("data", {"name": "Alpha", "size": 10}, {"name": "Beta", "size": 20})
    found = scored(entries("data", {"name": silent, "size": 20}), gold)
    assert found["data[1].size"] == ("correct", "matched")
    assert found["data[0].size"] == ("missed", "missing")
    # Gold that does not label the key assigns as ever.
    unnamed = entries("data", {"size": 10}, {"size": 20})
    assert scored(entries("data", {"name": "x", "size": 20}), unnamed)["data[1].size"] == ("correct", "matched")


def test_the_answer_of_a_whole_list_is_an_entry_that_is_missing_or_one_too_many() -> None:
    gold, none = entries("data", {"name": "Alpha"}), {"data": m.ItemValue("not_reported")}
    assert scored(none, gold) == {"data[0].name": ("missed", "missing")}
    assert scored(gold, none) == {"data": ("fabricated", "extra")}


def test_two_readings_are_assigned_to_gold_by_the_keys() -> None:
    gold = entries("data", {"name": "PTB-XL", "size": 10})
    other = entries("data", {"name": "MIMIC-IV", "size": 90})
    found = m.score_twice(gold, other, gold, KINDS, KEYS)
    assert [(item.path, item.first_right, item.second_right) for item in found][:2] == [
        ("data[0].name", True, False),
        ("data[0].size", True, False),
    ]
    assert [item.second for item in found if item.gold is None] == ["data[0].name", "data[0].size"]


def test_texts_are_right_in_the_same_words_only() -> None:
    """In words of which four in five agree they were right, and left was taken for right."""
    kinds = {"finding": m.ItemKind("text")}

    def outcome(extracted: str, gold: str) -> str:
        (item,) = m.score_items(
            {"finding": m.ItemValue("reported", extracted)}, {"finding": m.ItemValue("reported", gold)}, kinds
        )
        return item.outcome.value

    assert outcome("reduced left ventricle systolic function", "reduced right ventricle systolic function") == "wrong"
    assert outcome("Twelve-lead recordings", "twelve lead recording") == "correct"
    assert outcome("basis", "basi") == outcome("class", "clas") == outcome("gas", "ga") == "wrong"


CODES, TASKS = ("a", "b"), ("rhythm class", "rhythm", "age 5", "age 6", "sex of the patient")


@st.composite
def results(draw: st.DrawFn) -> Form:
    """Up to four results, each item of which may be silent or open."""

    def said(values: tuple[object, ...]) -> m.ItemValue:
        value = draw(st.sampled_from((*values, "not_reported", "unclear")))
        return m.ItemValue(value) if value in ("not_reported", "unclear") else m.ItemValue("reported", value)

    rows = [
        {
            "task": said(TASKS),
            "split": said(CODES),
            "metric": said(CODES),
            "value": said((0.9, 0.8)),
            "low": said((0.7, 0.6)),
        }
        for _ in range(draw(st.integers(1, 4)))
    ]
    return entries("results", *rows)


@given(results(), results())
@settings(max_examples=40, deadline=None)
def test_other_code_assigns_the_same_entries(extracted: Form, gold: Form) -> None:
    """That which makes a report's numbers a second time, and shares nothing with the program's."""

    def plain(side: Form) -> dict[str, dict[str, object]]:
        return {path: {"status": item.status, "value": item.value, "other": item.other} for path, item in side.items()}

    kinds = {name: kind.of for name, kind in KINDS.items()}
    laid = recomputed_items.beside(plain(gold), plain(extracted), recomputed_items.Form(kinds, KEYS))
    found = Counter(
        (
            one.name,
            recomputed_items.outcome(one, {"results.value"} | {item.name for item in laid}, kinds),
            (recomputed_items.entry_of(one) or ("", ""))[1],
        )
        for one in laid
    )
    scored_items = m.score_items(extracted, gold, KINDS, KEYS)
    assert Counter((item.name, item.outcome.value, item.entry.value) for item in scored_items) == found
