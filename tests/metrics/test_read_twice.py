"""Two readings against gold: which items both say rightly, which both say wrongly, and where they differ."""

import pytest

from screener import metrics as m

KINDS = {
    "title": m.ItemKind("text"),
    "leads": m.ItemKind("number"),
    "licence": m.ItemKind("code"),
    "models.name": m.ItemKind("text"),
    "models.size": m.ItemKind("number"),
    "models.data.name": m.ItemKind("text"),
}
ABSENT, OPEN, NOT_APPLICABLE = m.ItemValue("not_reported"), m.ItemValue("unclear"), m.ItemValue("not_applicable")
Form = dict[str, m.ItemValue]


def form(**items: object) -> Form:
    """Items by path; what is no ItemValue is a reported value."""
    return {path: v if isinstance(v, m.ItemValue) else m.ItemValue("reported", v) for path, v in items.items()}


def models(*objects: dict[str, object]) -> Form:
    return form(**{f"models[{i}].{key}": value for i, one in enumerate(objects) for key, value in one.items()})


def kind_of_case(item: m.TwiceReadItem) -> str:
    if item.same:
        right = item.first_right and item.second_right
        return "open" if item.open else "agree right" if right else "agree wrong"
    return f"differ, {'first' * item.first_right}{'second' * item.second_right}"


def cases(first: Form, second: Form, gold: Form) -> dict[str, str]:
    return {item.path: kind_of_case(item) for item in m.score_twice(first, second, gold, KINDS)}


@pytest.mark.parametrize(
    ("first", "second", "gold", "case"),
    [
        (12, 12, 12, "agree right"),
        (ABSENT, ABSENT, ABSENT, "agree right"),
        (8, 8, 12, "agree wrong"),
        (ABSENT, ABSENT, 12, "agree wrong"),  # both missed it
        (12, 12, ABSENT, "agree wrong"),  # both made it up
        (12, 8, 12, "differ, first"),
        (8, 12, 12, "differ, second"),
        (8, 3, 12, "differ, "),
        (ABSENT, NOT_APPLICABLE, ABSENT, "differ, firstsecond"),  # shown to a person, though both are right
        (OPEN, OPEN, 12, "open"),
        (OPEN, 12, 12, "differ, second"),
        (OPEN, ABSENT, ABSENT, "differ, second"),
    ],
)
def test_each_item_is_of_one_kind(first: object, second: object, gold: object, case: str) -> None:
    assert cases(form(leads=first), form(leads=second), form(leads=gold)) == {"leads": case}


def test_an_item_that_a_reading_does_not_have_says_nothing() -> None:
    assert cases(form(), form(), form(leads=12)) == {"leads": "agree wrong"}
    assert cases(form(), form(leads=ABSENT), form(leads=12)) == {"leads": "agree wrong"}
    assert cases(form(), form(leads=12), form(leads=12)) == {"leads": "differ, second"}
    assert cases(form(), form(leads=12), form(leads=ABSENT)) == {"leads": "differ, first"}


def test_what_gold_leaves_open_or_does_not_label_is_left_out() -> None:
    read = form(leads=12, title="A")
    assert cases(read, read, form(leads=OPEN)) == {}


def test_objects_are_those_of_gold_in_whatever_order_each_reading_has_them() -> None:
    one, two = {"name": "alpha", "size": 1}, {"name": "beta", "size": 2}
    assert cases(models(one, two), models({"name": "beta", "size": 3}, one), models(one, two)) == {
        "models[0].name": "agree right",
        "models[0].size": "agree right",
        "models[1].name": "agree right",
        "models[1].size": "differ, first",
    }


def test_objects_that_gold_does_not_have_are_agreed_on_or_made_up_by_one() -> None:
    gold = models({"name": "alpha"})
    first = models({"name": "zeta"}, {"name": "alpha"}, {"name": "omega"})
    second = models({"name": "alpha"}, {"name": "zeta"})
    found = m.score_twice(first, second, gold, KINDS)
    assert {
        (item.first, item.second): kind_of_case(item) for item in found
    } == {
        ("models[1].name", "models[0].name"): "agree right",
        ("models[0].name", "models[1].name"): "agree wrong",
        ("models[2].name", None): "differ, second",
    }  # fmt: skip


def test_where_gold_has_none_of_a_list_a_reading_that_says_so_is_right() -> None:
    gold = form(models=ABSENT)
    assert cases(form(models=ABSENT), form(models=ABSENT), gold) == {"models": "agree right"}
    assert cases(form(models=ABSENT), models({"name": "zeta"}), gold) == {"models[0].name": "differ, first"}
    assert cases(models({"name": "zeta"}), models({"name": "zeta"}), gold) == {"models[0].name": "agree wrong"}
    both_missed = cases(form(models=ABSENT), form(models=ABSENT), models({"name": "a", "size": 1}))
    assert both_missed == {"models[0].name": "agree wrong", "models[0].size": "agree wrong"}


def test_what_two_readings_add_to_different_objects_is_no_agreement() -> None:
    gold = models({"name": "alpha", "data[0].name": "d"}, {"name": "beta", "data[0].name": "e"})
    extra_of_alpha = gold | form(**{"models[0].data[1].name": "x"})
    extra_of_beta = gold | form(**{"models[1].data[1].name": "x"})
    found = cases(extra_of_alpha, extra_of_beta, gold)
    assert {path: case for path, case in found.items() if case != "agree right"} == {
        "models[0].data[1].name": "differ, second",
        "models[1].data[1].name": "differ, first",
    }


def test_each_reading_is_as_right_as_it_is_alone() -> None:
    gold = models({"name": "alpha", "size": 1}, {"name": "beta", "size": ABSENT}) | form(leads=12, licence="mit")
    first = models({"name": "beta", "size": 7}, {"name": "alpha", "size": 1}) | form(leads=12, licence=OPEN)
    second = models({"name": "alpha", "size": 2}) | form(leads=8, licence="mit")
    alone = [item.outcome in ("correct", "not_reported") for item in m.score_items(first, gold, KINDS)]
    found = m.score_twice(first, second, gold, KINDS)
    assert (len(found), sum(item.first_right for item in found)) == (len(alone), sum(alone)) == (6, 4)


def studies() -> list[tuple[m.TwiceReadItem, ...]]:
    gold = form(title="A", leads=12, licence="mit")
    return [
        m.score_twice(gold, gold, gold, KINDS),  # 3 agreed and right
        m.score_twice(
            form(title="A", leads=8, licence="mit"), form(title="A", leads=8, licence="gpl"), gold, KINDS
        ),  # 1 agreed and right, 1 agreed and wrong, 1 of which the first is right
        m.score_twice(
            form(title="B", leads=OPEN, licence="bsd"), form(title="C", leads=OPEN, licence="mit"), gold, KINDS
        ),  # 1 open, 1 of which neither, 1 of which the second is right
    ]


def test_figures_worked_by_hand() -> None:
    found = m.twice_figures(studies())
    assert found.counts == {
        "n": 9, "agree_right": 4, "agree_wrong": 1, "differ": 3, "both_unclear": 1,
        "only_first_right": 1, "only_second_right": 1, "both_right_differ": 0, "neither_right_differ": 1,
    }  # fmt: skip
    assert {name: estimate.value for name, estimate in found.figures.items()} == pytest.approx(
        {
            "agree_right": 4 / 9, "agree_wrong": 1 / 9, "differ": 3 / 9, "both_unclear": 1 / 9,
            "right_where_agree": 4 / 5, "first_right": 5 / 9, "second_right": 5 / 9, "one_right": 6 / 9,
        }
    )  # fmt: skip
    assert list(found.by_item) == ["leads", "licence", "title"], "what both say wrongly comes first"
    assert found.by_item["leads"] | {"n": 0} == dict.fromkeys(found.counts, 0) | {
        "agree_right": 1, "agree_wrong": 1, "both_unclear": 1,
    }  # fmt: skip


def test_intervals_draw_whole_studies() -> None:
    found = m.twice_figures(studies()).figures
    assert found["agree_wrong"] == m.ratio_by_study([0, 1, 0], [3, 3, 3])
    assert found["right_where_agree"] == m.ratio_by_study([3, 1, 0], [3, 2, 0])
    alone = m.twice_figures(studies()[1:2]).figures["differ"]
    assert (alone.value, alone.low, alone.high) == (pytest.approx(1 / 3), None, None)


def test_without_items_no_figure_is_defined() -> None:
    found = m.twice_figures([])
    assert found.counts["n"] == 0
    assert {estimate.value for estimate in found.figures.values()} == {None}
