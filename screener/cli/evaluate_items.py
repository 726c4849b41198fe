"""`screener evaluate --stage extraction`: every item against gold, worst first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .common import console, table

if TYPE_CHECKING:
    from ..evaluation import ItemAgreement, ItemEvaluation
    from ..metrics import Estimate

OUTCOMES = ("correct", "wrong", "missed", "fabricated", "not_reported", "unclear")


def show_items(result: "ItemEvaluation") -> None:
    """Print the table of items, the totals, and every item that is wrong with what it stands on."""
    from ..evaluation import wrong_items

    out = console()
    n = len(result.studies)
    out.print(f"{result.reviewer} against gold, split {result.split}: extraction, {n:,} studies")
    mark = ""
    if result.status == "provisional":
        mark = "provisional gold; "
        out.print(
            "PROVISIONAL GOLD: no human has confirmed these labels. The figures below are regression marks, not evidence."
        )
    out.print(_items_table(result, mark))
    micro, macro = result.scores.micro, result.scores.macro
    tally = micro.tally
    values_given = tally.correct + tally.wrong + tally.fabricated
    out.print(
        f"Of {values_given:,} values given {_interval(micro.figures['precision'])} are correct; of {tally.expected:,} in gold "
        f"{_interval(micro.figures['recall'])} were found. Mean of the items: precision "
        f"{_interval(macro['precision'])}, recall {_interval(macro['recall'])}. Intervals: 95 %, bootstrap by study; of "
        "0 and 1 Wilson."
    )
    out.print(f"Quotes found in the documents: {_interval(result.quote_validity)} of {result.quotes:,} (Wilson).")
    out.print(
        f"Gold's passage among the first three given: {_interval(result.evidence_at_3)} of {result.placed:,} "
        "values in gold with a known passage."
    )
    if (steady := result.stability) is not None:
        out.print(
            f"Asked {steady.repeats} times, {steady.studies:,} studies: {len(steady.changed):,} of {steady.items:,} items "
            f"changed their value or status; {steady.other_quotes:,} others rest on other quotes."
        )
    if result.missing:
        out.print(
            f"Studies of gold not extracted and left out: {', '.join(result.missing[:8])}"
            f"{f' and {len(result.missing) - 8:,} more' if len(result.missing) > 8 else ''}."
        )
    _say_left_out(result.left_out)
    _say_wrong([item for study in result.studies for item in wrong_items(study)])


def _items_table(result: "ItemEvaluation", mark: str) -> Any:
    """Return the table of items, worst first, with all of them together at its foot."""
    item_table = table(
        f"{mark}worst items first; none: correctly not reported; fabricated: a value where gold has none",
        "item", "correct", "wrong", "missed", "fabricated", "none", "unclear", "precision", "recall",
        right=(1, 2, 3, 4, 5, 6, 7, 8),
    )  # fmt: skip
    for name, score in result.scores.items.items():
        counts = [f"{score.tally.counts[key]:,}" for key in OUTCOMES]
        item_table.add_row(name, *counts, *(_short(score.figures[key]) for key in ("precision", "recall")))
    micro = result.scores.micro
    item_table.add_section()
    totals = [f"{micro.tally.counts[key]:,}" for key in OUTCOMES]
    macro = result.scores.macro
    # Without intervals: they stand below, so that the names of items need not be broken.
    item_table.add_row("all items (micro)", *totals, *(_short(micro.figures[key]) for key in ("precision", "recall")))
    item_table.add_row("mean of the items (macro)", *[""] * 6, *(_short(macro[key]) for key in ("precision", "recall")))
    return item_table


def _say_wrong(items: Sequence[dict[str, Any]]) -> None:
    """Print every item that is wrong, missed or made up, with the quotes of both sides."""
    if items:
        print(f"\n{len(items)} wrong, missed or fabricated:")
    for item in items:
        print(f"\n{item['id']}  {item['item']}: {item['outcome']}")
        print(f"  given {item['value']!r}, gold {item['gold']!r}")
        for quote in item["evidence"]:
            print(f"  quote “{' '.join(quote.split())[:200]}”")
        if item["gold_quote"]:
            print(f"  gold quote “{' '.join(item['gold_quote'].split())[:200]}”")


def show_agreement(result: "ItemAgreement") -> None:
    """Print how far two extractors agree, and the items in conflict."""
    out = console()
    out.print(f"{result.first} and {result.second}: extraction, {result.studies:,} studies extracted by both")
    item_table = table("Same status and value; least agreement first", "item", "agreement")
    for name, estimate in result.by_item.items():
        item_table.add_row(name, _interval(estimate))
    item_table.add_section()
    item_table.add_row("all items", _interval(result.overall))
    out.print(item_table)
    _say_left_out(result.left_out)
    out.print(f"{len(result.conflicts):,} items in conflict.")
    for name, item in result.conflicts[:40]:
        print(f"  {name}  {item.path}")
    if len(result.conflicts) > 40:
        print(f"  … and {len(result.conflicts) - 40:,} more (--json has all)")


def _say_left_out(names: Sequence[str]) -> None:
    if names:
        console().print(f"No longer in the form and not compared: {', '.join(names)}.")


def _short(estimate: "Estimate") -> str:
    return "–" if estimate.value is None else f"{estimate.value:.2f}"


def _interval(estimate: "Estimate") -> str:
    if estimate.value is None:
        return "not defined"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"
