"""What becomes of each item: outcomes, objects in lists, two reviewers; worked examples and properties."""

import random
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import metrics as m

KINDS = {
    "study.title": m.ItemKind("text"),
    "models.name": m.ItemKind("text"),
    "models.backbone": m.ItemKind("code"),
    "models.leads": m.ItemKind("number"),
    "models.strategies": m.ItemKind("code", many=True),
    "models.code_url": m.ItemKind("url"),
    "models.pretraining.datasets.name": m.ItemKind("text"),
    "models.pretraining.datasets.recordings": m.ItemKind("number"),
}
ABSENT, OPEN = m.ItemValue("not_reported"), m.ItemValue("unclear")
NOT_APPLICABLE = m.ItemValue("not_applicable")

Form = dict[str, m.ItemValue]


def says(value: object) -> m.ItemValue:
    return m.ItemValue("reported", value)


def form(**items: object) -> Form:
    """Items by path, written with `__` for a dot and `_0_` for an index; what is no ItemValue is a reported value."""
    paths = {re.sub(r"_(\d+)_", r"[\1]", name).replace("__", "."): value for name, value in items.items()}
    return {path: v if isinstance(v, m.ItemValue) else says(v) for path, v in paths.items()}


def counts(extracted: Form, gold: Form) -> dict[str, Counter[str]]:
    """Outcomes by name."""
    found: dict[str, Counter[str]] = {}
    for item in m.score_items(extracted, gold, KINDS):
        found.setdefault(item.name, Counter())[item.outcome] += 1
    return found


def outcomes(extracted: Form, gold: Form) -> dict[str, str]:
    """Outcome by the path of gold's answer, or the extraction's where gold has none."""
    return {item.gold or item.extracted or "": item.outcome for item in m.score_items(extracted, gold, KINDS)}


YES, NO = says("cnn"), says("transformer")


@pytest.mark.parametrize(
    ("extracted", "gold", "outcome"),
    [
        (YES, YES, "correct"),
        (NO, YES, "wrong"),
        (ABSENT, YES, "missed"),
        (NOT_APPLICABLE, YES, "missed"),
        (None, YES, "missed"),
        (OPEN, YES, "unclear"),
        (YES, ABSENT, "fabricated"),
        (YES, NOT_APPLICABLE, "fabricated"),
        (ABSENT, ABSENT, "not_reported"),
        (NOT_APPLICABLE, ABSENT, "not_reported"),
        (ABSENT, NOT_APPLICABLE, "not_reported"),
        (OPEN, ABSENT, "unclear"),
        (None, ABSENT, "unscored"),
        (YES, OPEN, "unscored"),
        (ABSENT, OPEN, "unscored"),
        (OPEN, OPEN, "unscored"),
        (None, OPEN, "unscored"),
        (YES, None, "unscored"),
        (None, None, "unscored"),
    ],
)
def test_the_outcome_of_one_item(extracted: m.ItemValue | None, gold: m.ItemValue | None, outcome: str) -> None:
    assert m.item_outcome(extracted, gold, m.ItemKind("code")) == outcome
    if extracted is not None or gold is not None:
        one, two = ({"models[0].backbone": side} if side else {} for side in (extracted, gold))
        assert [item.outcome for item in m.score_items(one, two, KINDS)] == [outcome]


def test_a_value_left_behind_by_another_status_is_not_read() -> None:
    assert m.item_outcome(m.ItemValue("unclear", "cnn"), says("cnn"), m.ItemKind("code")) == "unclear"
    assert m.item_outcome(m.ItemValue("not_reported", "cnn"), says("cnn"), m.ItemKind("code")) == "missed"


GOLD = form(
    study__title="Two models",
    models_0___name="Alpha",
    models_0___backbone="cnn",
    models_0___leads=12,
    models_0___code_url=ABSENT,
    models_0___pretraining__datasets_0___name="PTB-XL",
    models_0___pretraining__datasets_0___recordings=21_799,
    models_0___pretraining__datasets_1___name="MIMIC-IV",
    models_0___pretraining__datasets_1___recordings=800_035,
    models_1___name="Beta",
    models_1___backbone="transformer",
    models_1___leads=1,
    models_1___code_url="https://github.com/lab/beta",
    models_1___pretraining__datasets=ABSENT,
)


def test_objects_are_assigned_by_what_they_say_not_by_their_number() -> None:
    extracted = form(
        study__title="Two models",
        models_0___name="Beta",
        models_0___backbone="transformer",
        models_0___leads=12,
        models_0___code_url="https://github.com/lab/beta",
        models_0___pretraining__datasets=ABSENT,
        models_1___name="Alpha",
        models_1___backbone="transformer",
        models_1___leads=OPEN,
        models_1___code_url="https://github.com/lab/alpha",
        models_1___pretraining__datasets_0___name="MIMIC IV",
        models_1___pretraining__datasets_0___recordings=800_000,
        models_1___pretraining__datasets_1___name="PTB-XL",
        models_1___pretraining__datasets_1___recordings=ABSENT,
        models_1___pretraining__datasets_2___name="Chapman",
        models_1___pretraining__datasets_2___recordings=10_646,
    )
    # Alpha with models[1]: the name and three items of data sets agree, of 10 that either reports: 4/10; with models[0]:
    # leads only, 1/8. Beta with models[0]: 3/4; with models[1]: the backbone, 1/9. 4/10 + 3/4 is the larger sum.
    assert outcomes(extracted, GOLD) == {
        "study.title": "correct",
        "models[0].name": "correct",
        "models[0].backbone": "wrong",
        "models[0].leads": "unclear",
        "models[0].code_url": "fabricated",
        "models[0].pretraining.datasets[0].name": "correct",
        "models[0].pretraining.datasets[0].recordings": "missed",
        "models[0].pretraining.datasets[1].name": "correct",
        "models[0].pretraining.datasets[1].recordings": "correct",
        "models[1].pretraining.datasets[2].name": "fabricated",
        "models[1].pretraining.datasets[2].recordings": "fabricated",
        "models[1].name": "correct",
        "models[1].backbone": "correct",
        "models[1].leads": "wrong",
        "models[1].code_url": "correct",
        "models[1].pretraining.datasets": "not_reported",
    }
    assert counts(extracted, GOLD)["models.pretraining.datasets.name"] == {"correct": 2, "fabricated": 1}
    # Both paths are kept, so that evidence and screens can follow.
    of = {item.gold: item.extracted for item in m.score_items(extracted, GOLD, KINDS)}
    assert of["models[0].name"] == "models[1].name"
    assert of["models[0].pretraining.datasets[0].name"] == "models[1].pretraining.datasets[1].name"


def test_the_assignment_is_the_best_as_a_whole() -> None:
    # Shares: X–A 2/3, X–B 2/3, Y–A 1/3, Y–B 0. First come, first served (X to A) would give 2/3; X–B and Y–A give 1.
    gold = form(
        models_0___name="A", models_0___backbone="cnn", models_0___leads=12,
        models_1___name="B", models_1___backbone="rnn", models_1___leads=12,
    )  # fmt: skip
    x = {"name": "B", "backbone": "cnn", "leads": 12}
    y = {"name": "A", "backbone": "mlp", "leads": 1}
    extracted = form(**{f"models_{i}___{k}": v for i, one in enumerate((x, y)) for k, v in one.items()})
    assert counts(extracted, gold) == {
        "models.name": {"correct": 2},
        "models.backbone": {"wrong": 2},
        "models.leads": {"correct": 1, "wrong": 1},
    }


def test_what_neither_reports_does_not_make_objects_alike() -> None:
    # By status alone the extracted object looks like Alpha (3 of 4 not reported in both); its only value is Beta's.
    gold = form(
        models_0___name="Alpha", models_0___backbone=ABSENT, models_0___leads=ABSENT, models_0___code_url=ABSENT,
        models_1___name="Beta", models_1___backbone="cnn", models_1___leads=12, models_1___code_url="a.org/b",
    )  # fmt: skip
    extracted = form(
        models_0___name="Beta", models_0___backbone=ABSENT, models_0___leads=ABSENT, models_0___code_url=ABSENT
    )  # fmt: skip
    found = outcomes(extracted, gold)
    assert found["models[1].name"] == "correct"
    assert [found[f"models[1].{name}"] for name in ("backbone", "leads", "code_url")] == ["missed"] * 3
    assert found["models[0].name"] == "missed"
    assert found["models[0].backbone"] == "unscored"  # there is no object that could have said so


def test_equal_shares_are_decided_by_status() -> None:
    # No value agrees with either; the status of all three items agrees with Gamma's.
    gold = form(
        models_0___backbone="cnn", models_0___name="Beta", models_0___leads=12,
        models_1___backbone="rnn", models_1___name="Gamma", models_1___leads=ABSENT,
    )  # fmt: skip
    extracted = form(models_0___backbone="mlp", models_0___name="Alpha", models_0___leads=ABSENT)
    found = outcomes(extracted, gold)
    assert (found["models[0].name"], found["models[1].name"]) == ("missed", "wrong")
    assert found["models[1].leads"] == "not_reported"


def test_two_readings_of_one_object_stay_one_object() -> None:
    gold = form(models_0___name="Alpha", models_0___leads=12, models_0___backbone="cnn")
    extracted = form(models_0___name="Beta", models_0___leads=OPEN, models_0___backbone=OPEN)
    assert outcomes(extracted, gold) == {
        "models[0].name": "wrong",
        "models[0].leads": "unclear",
        "models[0].backbone": "unclear",
    }


def test_an_object_given_twice_is_right_once() -> None:
    gold = form(models_0___name="Alpha", models_0___leads=12)
    extracted = gold | form(models_1___name="Alpha", models_1___leads=12)
    assert counts(extracted, gold) == {
        "models.name": {"correct": 1, "fabricated": 1},
        "models.leads": {"correct": 1, "fabricated": 1},
    }
    assert counts(gold, extracted) == {
        "models.name": {"correct": 1, "missed": 1},
        "models.leads": {"correct": 1, "missed": 1},
    }


def test_what_an_invented_object_leaves_open_is_no_item() -> None:
    gold = form(models_0___name="Alpha", models_0___leads=12)
    extracted = gold | form(models_1___name="Beta", models_1___leads=OPEN)
    assert counts(extracted, gold) == {
        "models.name": {"correct": 1, "fabricated": 1},
        "models.leads": {"correct": 1, "unscored": 1},
    }


def test_the_answer_of_a_list_stands_for_its_items() -> None:
    gold = form(
        models_0___pretraining__datasets_0___name="PTB-XL", models_0___pretraining__datasets_0___recordings=ABSENT
    )
    names = ("models[0].pretraining.datasets[0].name", "models[0].pretraining.datasets[0].recordings")
    for answer, expected in {
        ABSENT: ("missed", "not_reported"),
        NOT_APPLICABLE: ("missed", "not_reported"),
        OPEN: ("unclear", "unclear"),
        says(None): ("unclear", "unclear"),  # claims entries, gives none
        None: ("missed", "unscored"),
    }.items():
        extracted = {"models[0].pretraining.datasets": answer} if answer else {}
        assert tuple(outcomes(extracted, gold)[name] for name in names) == expected, answer
    scored = m.score_items({"models[0].pretraining.datasets": OPEN}, gold, KINDS)
    assert {item.extracted for item in scored} == {"models[0].pretraining.datasets"}  # where its evidence is


def test_golds_answer_of_a_list_stands_for_its_items() -> None:
    extracted = form(
        models_0___pretraining__datasets_0___name="PTB-XL",
        models_0___pretraining__datasets_0___recordings=ABSENT,
        models_0___pretraining__datasets_1___name=OPEN,
    )
    for answer, expected in {
        ABSENT: ["fabricated", "not_reported", "unclear"],
        OPEN: ["unscored"] * 3,
        None: ["unscored"] * 3,
    }.items():
        gold = {"models[0].pretraining.datasets": answer} if answer else {}
        assert [item.outcome for item in m.score_items(extracted, gold, KINDS)] == expected, answer


def test_a_list_that_has_entries_has_no_answer_of_its_own() -> None:
    gold = form(models_0___pretraining__datasets=ABSENT, models_0___pretraining__datasets_0___name="PTB-XL")
    extracted = form(
        models_0___pretraining__datasets_0___name="PTB-XL",
        models_0___pretraining__datasets_1___name="MIMIC-IV",
        models_0___pretraining__datasets_1___recordings=ABSENT,
    )
    assert [item.outcome for item in m.score_items(extracted, gold, KINDS)] == ["correct", "fabricated", "unscored"]


def test_a_list_that_gold_does_not_speak_of_is_not_scored() -> None:
    gold = form(models_0___name="Alpha", models_0___pretraining__datasets_0___name="PTB-XL", models_1___name="Beta")
    extracted = gold | form(models_1___pretraining__datasets_0___name="Chapman")
    assert outcomes(extracted, gold)["models[1].pretraining.datasets[0].name"] == "unscored"


def test_a_list_empty_on_both_sides_is_one_item() -> None:
    path = "models[0].pretraining.datasets"
    assert outcomes({path: ABSENT}, {path: ABSENT}) == {path: "not_reported"}
    assert outcomes({path: OPEN}, {path: ABSENT}) == {path: "unclear"}
    assert [item.name for item in m.score_items({path: OPEN}, {path: ABSENT}, KINDS)] == ["models.pretraining.datasets"]


def test_gold_that_labels_some_items_scores_only_those() -> None:
    gold = form(models_0___name="Alpha")
    extracted = form(models_0___name="Alpha", models_0___leads=12, models_1___name="Beta", models_1___leads=8)
    assert outcomes(extracted, gold) == {
        "models[0].name": "correct",
        "models[0].leads": "unscored",
        "models[1].name": "fabricated",
        "models[1].leads": "unscored",
    }
    # Gold has labelled the data sets of the first model (none): those of an invented model are invented.
    gold |= form(models_0___pretraining__datasets=ABSENT)
    extracted |= form(models_1___pretraining__datasets_0___name="PTB-XL")
    assert outcomes(extracted, gold)["models[1].pretraining.datasets[0].name"] == "fabricated"


def test_sets_carry_their_counts_where_either_side_has_one() -> None:
    path = "models[0].strategies"

    def counted(extracted: m.ItemValue | None, gold: m.ItemValue) -> m.SetCounts | None:
        (item,) = m.score_items({path: extracted} if extracted else {}, {path: gold}, KINDS)
        return item.members

    gold = says(["masked", "contrastive"])
    assert counted(says(["masked", "generative", "other"]), gold) == m.SetCounts(1, 3, 2)
    for nothing in (ABSENT, OPEN, None):
        assert counted(nothing, gold) == m.SetCounts(0, 0, 2)
    assert counted(says(["masked"]), ABSENT) == m.SetCounts(0, 1, 0)
    assert counted(ABSENT, ABSENT) is None
    assert counted(gold, OPEN) is None
    (number,) = m.score_items(form(models_0___leads=12), form(models_0___leads=12), KINDS)
    assert number.members is None


def test_a_value_without_a_kind_and_a_path_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match=r"models\.layers"):
        m.score_items(form(models_0___layers=12), form(models_0___layers=12), KINDS)
    for path in ("", "models[0", "models..name", ".name", "models[x].name", "[0].name", "models[0]name"):
        with pytest.raises(ValueError, match="not the path"):
            m.score_items({path: OPEN}, {}, KINDS)


def test_nothing_against_nothing_is_nothing() -> None:
    assert m.score_items({}, {}, KINDS) == ()
    assert m.differing({}, {}, KINDS) == []
    assert m.item_name("models[0].pretraining.datasets[12].name") == "models.pretraining.datasets.name"


def test_items_in_conflict_have_other_status_or_value() -> None:
    first = form(
        study__title="A title", models_0___name="Alpha", models_0___leads=12, models_0___backbone="cnn",
        models_0___strategies=["a", "b"], models_0___code_url=ABSENT, models_0___pretraining__datasets=OPEN,
    )  # fmt: skip
    second = form(
        study__title="A Title", models_0___name="Alpha", models_0___leads=8, models_0___backbone=OPEN,
        models_0___strategies=["b", "a"], models_0___code_url=NOT_APPLICABLE, models_0___pretraining__datasets=OPEN,
    )  # fmt: skip
    conflicts = ["models[0].backbone", "models[0].code_url", "models[0].leads"]
    assert m.differing(first, second, KINDS) == conflicts
    assert m.differing(second, first, KINDS) == conflicts


def test_an_item_that_one_reviewer_lacks_is_a_conflict_if_it_has_a_value() -> None:
    first = form(models_0___name="Alpha", models_0___leads=12)
    second = form(models_0___name="Alpha", models_0___backbone=ABSENT, models_0___code_url=OPEN)
    assert m.differing(first, second, KINDS) == ["models[0].leads"]
    assert [item.path for item in m.compare_items(first, second, KINDS)] == ["models[0].leads", "models[0].name"]


def test_conflicts_are_told_in_the_first_reviewers_numbering() -> None:
    first = form(models_0___name="Alpha", models_0___leads=12)
    second = form(models_0___name="Gamma", models_1___name="Alpha", models_1___leads=8)
    compared = m.compare_items(first, second, KINDS)
    assert [(item.path, item.first, item.second, item.same) for item in compared] == [
        ("models[0].leads", "models[0].leads", "models[1].leads", False),
        ("models[0].name", "models[0].name", "models[1].name", True),
        ("models[1].name", None, "models[0].name", False),
    ]


def test_values_must_agree_both_ways_to_be_without_conflict() -> None:
    # `2024-05` is right by gold's `2024`, but two reviewers do not say the same.
    kinds = {"published": m.ItemKind("date")}
    first, second = {"published": says("2024")}, {"published": says("2024-05")}
    assert m.differing(first, second, kinds) == m.differing(second, first, kinds) == ["published"]


answers = st.sampled_from(["reported"] * 3 + ["not_reported", "not_applicable", "unclear"])


def answered(values: st.SearchStrategy[object]) -> st.SearchStrategy[m.ItemValue]:
    return st.builds(lambda status, v: m.ItemValue(status, v if status == "reported" else None), answers, values)


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """A study with up to three models, each with up to three data sets or an answer for all of them."""
    codes = st.sampled_from(["cnn", "rnn", "mlp"])
    items: Form = {"study.title": draw(answered(st.sampled_from(["A", "B"])))}
    for i in range(draw(st.integers(0, 3))):
        model = f"models[{i}]"
        items[f"{model}.name"] = draw(answered(st.sampled_from(["Alpha", "Beta", "Gamma"])))
        items[f"{model}.backbone"] = draw(answered(codes))
        items[f"{model}.strategies"] = draw(answered(st.lists(codes, max_size=3)))
        if draw(st.booleans()):
            items[f"{model}.leads"] = draw(answered(st.sampled_from([1, 8, 12])))
        number = draw(st.integers(0, 3))
        for j in range(number):
            path = f"{model}.pretraining.datasets[{j}]"
            items[f"{path}.name"] = draw(answered(st.sampled_from(["PTB-XL", "MIMIC", "Chapman"])))
            items[f"{path}.recordings"] = draw(answered(st.sampled_from([100, 200])))
        if not number:
            items[f"{model}.pretraining.datasets"] = draw(st.sampled_from([ABSENT, OPEN, NOT_APPLICABLE]))
    return items


def shuffled(items: Form, seed: int) -> Form:
    """The same form with every list in another order, numbered with gaps."""
    chance = random.Random(seed)
    lists: dict[str, list[str]] = {}
    for path in items:
        for found in re.finditer(r"\[(\d+)\]", path):
            numbers = lists.setdefault(path[: found.start()], [])
            numbers += [] if found[1] in numbers else [found[1]]
    renumbered = {at: dict(zip(old, chance.sample(range(20), len(old)), strict=True)) for at, old in lists.items()}

    def renamed(path: str) -> str:
        return re.sub(r"\[(\d+)\]", lambda found: f"[{renumbered[path[: found.start()]][found[1]]}]", path)

    paths = list(items)
    chance.shuffle(paths)
    return {renamed(path): items[path] for path in paths}


def scores(extracted: Form, gold: Form) -> Counter[tuple[object, ...]]:
    return Counter((i.name, i.outcome, i.expected, i.members) for i in m.score_items(extracted, gold, KINDS))


@pytest.mark.slow
@given(forms(), forms(), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_the_order_of_lists_changes_nothing(extracted: Form, gold: Form, seed: int) -> None:
    expected = scores(extracted, gold)
    assert scores(shuffled(extracted, seed), gold) == expected
    assert scores(extracted, shuffled(gold, seed)) == expected
    same = len([item for item in m.compare_items(extracted, gold, KINDS) if item.same])
    assert len([i for i in m.compare_items(shuffled(extracted, seed), shuffled(gold, seed), KINDS) if i.same]) == same


@given(forms(), st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_a_perfect_extraction_has_no_fault(gold: Form, seed: int) -> None:
    extracted = shuffled(gold, seed)
    tally = Counter(item.outcome for item in m.score_items(extracted, gold, KINDS))
    statuses = Counter(answer.status for answer in gold.values())
    assert tally == {
        outcome: n
        for outcome, n in {
            "correct": statuses["reported"],
            "not_reported": statuses["not_reported"] + statuses["not_applicable"],
            "unscored": statuses["unclear"],
        }.items()
        if n
    }
    assert m.differing(extracted, gold, KINDS) == []


@given(forms(), forms())
@settings(max_examples=60, deadline=None)
def test_every_answer_is_counted_once(extracted: Form, gold: Form) -> None:
    scored = m.score_items(extracted, gold, KINDS)
    reported = [path for path, answer in gold.items() if answer.status == "reported"]
    assert sorted(item.gold or "" for item in scored if item.expected) == sorted(reported)
    assert all(item.outcome in ("correct", "wrong", "missed", "unclear") for item in scored if item.expected)
    claimed = [path for path, answer in extracted.items() if answer.status == "reported"]
    values = [item for item in scored if item.outcome in ("correct", "wrong", "fabricated")]
    assert {item.extracted for item in values} <= set(claimed)
    assert len({item.extracted for item in values}) == len(values)
    for item in scored:
        assert item.outcome != "correct" or extracted[item.extracted or ""].status == "reported"


@pytest.mark.slow
@given(forms(), forms())
@settings(max_examples=40, deadline=None)
def test_two_reviewers_agree_or_not_either_way(first: Form, second: Form) -> None:
    # Ties of the assignment may fall otherwise; whether there is a conflict does not hang on them.
    assert bool(m.differing(first, second, KINDS)) == bool(m.differing(second, first, KINDS))
