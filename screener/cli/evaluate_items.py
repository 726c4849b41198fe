"""`screener evaluate --stage extraction`: every item against gold, worst first."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .common import console, counted, table

if TYPE_CHECKING:
    from ..evaluation import Estimate, FormPartCounts, ItemAgreement, ItemEvaluation, Offer

OUTCOMES = ("correct", "wrong", "missed", "fabricated", "not_reported", "unclear")


def show_items(result: "ItemEvaluation") -> None:
    """Print what became of each part of the form, the figures, the items with errors, and every error by name."""
    from ..evaluation import wrong_items

    out = console()
    n = len(result.studies)
    out.print(f"{result.reviewer} against gold, split {result.split}: extraction, {counted(n, 'study', 'studies')}")
    mark = ""
    if result.status == "provisional":
        mark = "provisional gold; "
        out.print(
            "PROVISIONAL GOLD: no human has confirmed these labels. The figures below are regression marks, not evidence."
        )
    out.print(_parts_table(result, mark))
    for line in (*_right_lines(result), *_value_lines(result)):
        out.print(line)
    out.print(_items_table(result, mark))
    _say_left_out(result.left_out)
    errors = [
        (item, study.offers.get(number))
        for study in result.studies
        for item, number in zip(wrong_items(study), study.wrong, strict=True)
    ]
    _say_wrong(errors)


def _parts_table(result: "ItemEvaluation", mark: str) -> Any:
    """Return the table of the parts of the form, in its order, with all of them together at its foot."""
    parts_table = table(
        f"{mark}items by part of the form; right: says what gold says, a value or that there is none",
        "part of the form", "items", "right", "+ confirmed", "wrong", "missed", "made up", "open", "offered",
        "not in text",
        right=tuple(range(1, 10)),
    )  # fmt: skip
    for path, part in result.parts.items():
        parts_table.add_row(path, *_cells(part))
    if len(result.parts) > 1:
        parts_table.add_section()
        parts_table.add_row("all", *_cells(result.all_parts))
    return parts_table


def _cells(part: "FormPartCounts") -> list[str]:
    counts = (part.wrong, part.missed, part.fabricated, part.unclear, part.offered, part.not_in_text)
    shares = (f"{part.strict:.0%}", f"{part.with_confirmed:.0%}")
    return [f"{part.items:,}", *shares, *(f"{count:,}" if count else "·" for count in counts)]


def _right_lines(result: "ItemEvaluation") -> list[str]:
    """Return the two figures, what was offered, and what became of the entries of lists."""
    strict, confirmed = (scores.micro.figures["accuracy"] for scores in (result.scores, result.confirmed))
    offered, lines = result.offered, []
    whole = result.all_parts
    lines.append(
        f"Right of {whole.items:,} items: strictly (texts in the same words) {_interval(strict)}; with what people confirmed "
        f"{_interval(confirmed)}. Open, neither right nor wrong: {whole.unclear:,}."
    )
    if offered.offered:
        lines.append(
            f"Perhaps the same in other words: {offered.offered:,} offered, {offered.confirmed:,} confirmed, "
            f"{offered.refused:,} refused, {offered.open:,} not yet looked at. What nobody has confirmed is wrong."
        )
    if offered.open:
        of = f"--reviewer {shlex.quote(result.reviewer)}{f' --split {result.split}' * (result.split != 'test')}"
        lines.append(
            f"Look at them, without knowing whose value is whose: screener evaluate --stage extraction {of} --confirm"
        )
    if result.not_in_text:
        lines.append(
            f"Not in the text: {counted(result.not_in_text, 'value')} of gold that the reviewer did not give "
            f"{'stands' if result.not_in_text == 1 else 'stand'} nowhere in the documents as they were read. That is the fault of "
            "reading the page, not of the reviewer."
        )
    for name, entries in result.entries.items():
        lines.append(
            f"{name}: {counted(entries['matched'], 'entry', 'entries')} matched, {entries['missing']:,} missing, "
            f"{entries['extra']:,} too many{f', {left:,} of lists left open' if (left := entries['open']) else ''}."
        )
    return lines


def _value_lines(result: "ItemEvaluation") -> list[str]:
    """Return the figures of values, quotes and passages, and what was left out."""
    micro, macro = result.scores.micro, result.scores.macro
    tally, lines = micro.tally, []
    values_given = tally.correct + tally.wrong + tally.fabricated
    lines.append(
        f"Of {counted(values_given, 'value')} given {_interval(micro.figures['precision'])} {'is' if values_given == 1 else 'are'} correct; "
        f"of {tally.expected:,} in gold {_interval(micro.figures['recall'])} {'was' if tally.expected == 1 else 'were'} found. Mean of the items: precision "
        f"{_interval(macro['precision'])}, recall {_interval(macro['recall'])}. Intervals: 95 %, bootstrap by study; of "
        "0 and 1 Wilson."
    )
    if result.offered.confirmed:
        figures = result.confirmed.micro.figures
        lines.append(
            f"With what people confirmed: {_interval(figures['precision'])} of the values given, "
            f"{_interval(figures['recall'])} of those in gold."
        )
    quotes = f"{_interval(result.quote_validity)} of {result.quotes:,} (Wilson)" if result.quotes else "none was given"
    lines.append(f"Quotes found in the documents: {quotes}.")
    placed = "no value in gold has a known passage"
    if result.placed:
        known = counted(result.placed, "value")
        placed = f"{_interval(result.evidence_at_3)} of {known} in gold with a known passage"
    lines.append(f"Gold's passage among the first three given: {placed}.")
    if (steady := result.stability) is not None:
        lines.append(
            f"Asked {steady.repeats} times, {counted(steady.studies, 'study', 'studies')}: {len(steady.changed):,} of "
            f"{steady.items:,} items changed their value or status; {steady.other_quotes:,} others rest on other quotes."
        )
    if result.missing:
        lines.append(
            f"Studies of gold not extracted and left out: {', '.join(result.missing[:8])}"
            f"{f' and {len(result.missing) - 8:,} more' if len(result.missing) > 8 else ''}."
        )
    return lines


def _items_table(result: "ItemEvaluation", mark: str) -> Any:
    """Return the table of the items with errors, worst first, with all of them together at its foot."""
    item_table = table(
        f"{mark}items that are not all right, worst first; none: rightly said not to be there",
        "item", "correct", "wrong", "missed", "made up", "none", "open", "precision", "recall",
        right=(1, 2, 3, 4, 5, 6, 7, 8),
    )  # fmt: skip
    shown = 0
    for name, score in result.scores.items.items():
        counts = score.tally.counts
        if any(counts[key] for key in ("wrong", "missed", "fabricated", "unclear")):
            shown += 1
            cells = [f"{counts[key]:,}" if counts[key] else "·" for key in OUTCOMES]
            item_table.add_row(name, *cells, *(_short(score.figures[key]) for key in ("precision", "recall")))
    micro = result.scores.micro
    item_table.add_section()
    totals = [f"{micro.tally.counts[key]:,}" for key in OUTCOMES]
    macro = result.scores.macro
    # Without intervals: they stand above, so that the names of items need not be broken.
    item_table.add_row("all items (micro)", *totals, *(_short(micro.figures[key]) for key in ("precision", "recall")))
    item_table.add_row("mean of the items (macro)", *[""] * 6, *(_short(macro[key]) for key in ("precision", "recall")))
    if faultless := len(result.scores.items) - shown:
        item_table.caption = (
            f"{counted(faultless, 'item')} without any error or doubt {'is' if faultless == 1 else 'are'} not listed"
        )
        item_table.caption_justify = "left"
    return item_table


_ENTRIES = {
    "missing": "the whole entry is missing",
    "extra": "the whole entry is one too many",
    "matched": "in a matched entry",
}
_OUTCOMES = {"fabricated": "made up"}


def _say_wrong(errors: "Sequence[tuple[dict[str, Any], Offer | None]]") -> None:
    """Print every item that is wrong, missed or made up, with the quotes of both sides.

    Of values that wait for a person who says whether they mean the same, it does not tell whose each is; nor what stands
    in other entries of that item, which would give it away.
    """
    if errors:
        print(f"\n{len(errors)} wrong, missed or made up:")
    for item, offer in errors:
        notes = [_ENTRIES[item["entry"]]] if item["entry"] in ("missing", "extra") else []
        notes += ["gold's value is not in the text as read"] if item["not_in_text"] else []
        notes += [f"{offer.state} as the same in other words"] if offer and offer.verdict else []
        told = f" ({'; '.join(notes)})" if notes else ""
        print(f"\n{item['id']}  {item['item']}: {_OUTCOMES.get(item['outcome'], item['outcome'])}{told}")
        if item["values"]:
            one, two = item["values"]
            print(f"  perhaps the same in other words: {one!r} and {two!r}")
            continue
        if item["withheld"]:
            print("  told once the values of this item that may be the same in other words are looked at")
            continue
        # Of a value outside the form's codes its own words: both sides may say `other`.
        given, gold = (offer.given, offer.gold) if offer is not None else (item["value"], item["gold"])
        print(f"  given {_value(given)}, gold {_value(gold)}")
        for quote in item["evidence"]:
            print(f"  quote “{' '.join(quote.split())[:200]}”")
        if item["gold_quote"]:
            print(f"  gold quote “{' '.join(item['gold_quote'].split())[:200]}”")


def _value(value: Any) -> str:
    return "nothing" if value is None else repr(value)


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
