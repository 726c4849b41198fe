"""What is printed of worked examples: those that were chosen, and what a prompt's examples change."""

from typing import TYPE_CHECKING

from .common import say_path
from .page import TextPage, interval, number

if TYPE_CHECKING:
    from ..evaluation import ReviewerComparison
    from ..review.examples import DraftedExamples


def show_drafted(drafted: "DraftedExamples") -> None:
    """Print which examples were written, what a person must do, and what they cost."""
    print(
        f"{say_path(drafted.path)}: {len(drafted.chosen)} examples of {drafted.candidates:,} records of gold dev, part tune, "
        f"that {drafted.reviewer} has judged."
    )
    for each in drafted.chosen:
        print(f"  {each.pair.record.id}  {each.sentence}: {each.pair.record.shown_title}")
    if drafted.provisional:
        print("  gold is provisional: no person has confirmed these answers; confirm each before you use it")
    price = "price unknown" if drafted.cost_usd is None else f"about {drafted.cost_usd:,.4f} USD"
    print(
        f"They add about {drafted.tokens:,} tokens to each request; a changed prompt makes judgements stale, so that all "
        f"{drafted.records:,} records of {drafted.stage.label.lower()} are asked anew: {price} for the examples alone."
    )
    if drafted.blanks:
        print(f'Next: a person fills in the {drafted.blanks} values that are still "?".')
    print(
        f"Then `examples: {drafted.path.name}` under stages.{drafted.stage} in review.yaml, `screener check`, and a run on dev:"
    )
    print(
        f"`screener evaluate --stage {drafted.stage} --reviewer {drafted.reviewer} --split dev` says what they change on the part check."
    )


def effect_lines(page: TextPage, effect: "ReviewerComparison") -> None:
    """Say what the worked examples of a prompt change on the part `check` of gold dev."""
    with_, without = effect.figures[effect.first], effect.figures[effect.second]
    page.line(
        f"Worked examples: on the {len(effect.pairs):,} records of dev's part check that were judged with and without them"
    )
    for name in ("recall", "specificity"):
        difference, test = effect.differences[name], effect.tests[name]
        page.line(
            f"  {name}: {number(with_.estimates[name].value)} with, {number(without.estimates[name].value)} without; difference "
            f"{interval(difference)}; right with them alone {test.first_only}, without them alone {test.second_only} "
            f"(McNemar p = {number(test.p)})"
        )
    if unjudged := len(effect.missing[effect.second]):
        page.line(f"  {unjudged:,} records of check have no stored answer without examples and are not compared")
