"""What `screener evaluate --thresholds` has to say."""

from typing import TYPE_CHECKING

from .evaluate_pages import DRAWN
from .page import TextPage, interval, names, share

if TYPE_CHECKING:
    from ..evaluation import ChosenThresholds, Estimate
    from ..protocol.model import Until


def choice_page(choice: "ChosenThresholds") -> TextPage:
    """Return the thresholds, who settles what at them, what is promised, and the line to paste."""
    gold = choice.gold
    called = "provisional gold" if gold.status == "provisional" else "gold"
    page = TextPage(f"{choice.reviewer} on gold, split dev: {gold.stage.label.lower()}, labels of level {gold.level}")
    if gold.status == "provisional":
        page.line("PROVISIONAL GOLD: no human has confirmed these labels. Thresholds chosen on them are no evidence.")
    if gold.drawn == "chosen":
        page.line(DRAWN["chosen"])
    if choice.weighted:
        page.line(
            "ESTIMATES: the labels were drawn within strata, so each counts 1/chance in every share; intervals are bootstraps "
            "within strata. Counts are of labels."
        )
    if choice.no_promise:
        page.line(
            f"DESCRIPTIVE, NO GUARANTEE: {choice.no_promise}."
            + (" The thresholds below only describe the labels." if choice.method == "empirical" else "")
        )
    for remark in gold.remarks:
        page.line(remark)
    rows = []
    for part in (*choice.parts, choice.total):
        counts = (part.exclude, part.include, part.unclear, part.kept, part.missed)
        part_of = f"{choice.part_of(part):.1%}"
        rows.append((part.name, f"{part.asked:,}", f"{part.settled:,}", part_of, *(f"{count:,}" for count in counts)))
    page.table(
        f"{called}; who decides what, from stored judgements; unclear counts as not excluded; "
        f"{'bootstrap in strata' if choice.weighted else 'Wilson'} 95 %",
        (
            "",
            "labels" if choice.weighted else "records",
            "decided",
            "share",
            "excluded",
            "included",
            "unclear",
            "eligible in gold",
            "missed",
        ),
        rows,
        right=range(1, 9),
    )
    _say_thresholds(page, choice, called)
    if (best := choice.recall_with_no_miss) is not None:
        page.line(
            f"{choice.kept:,} eligible records: recall {choice.required:g} needs no miss at all; its lower bound is {best.low:.2f}."
        )
    _left_out(page, choice)
    if choice.yaml is None:
        return page
    _say_line(page, choice, choice.yaml)
    return page


def _say_line(page: TextPage, choice: "ChosenThresholds", line: str) -> None:
    """Add the line to paste, and what it holds for."""
    place = f"a cascade that begins with {choice.reviewer}" if choice.kind == "reviewer" else choice.reviewer
    page.code(f"In prompts/review.yaml, for {place}:", line)
    if choice.kind == "graded":
        page.line(
            f"Then `screener run --stage {choice.gold.stage} --reviewer {choice.reviewer}` decides by it; no answer is asked for again."
        )
    if choice.kind == "reviewer":
        page.line(
            "All members of a cascade share these thresholds: once all have judged, choose for the cascade as a whole."
        )
    if choice.promise is None:
        page.line("Chosen and measured on the same labels, so the recall is optimistic: check it once on split test.")


def _said(choice: "ChosenThresholds", estimate: "Estimate") -> str:
    """Return a share with its counts; of weighted labels, of which counts say nothing, as an estimate."""
    return f"estimated {interval(estimate)}" if choice.weighted else share(estimate)


def _say_thresholds(page: TextPage, choice: "ChosenThresholds", called: str) -> None:
    if choice.promise is not None:
        page.line(f"Guarantee: {choice.promise.sentence}")
        page.line(
            "It holds for include_above as given, and for one use of these labels: if several reviewers or recalls are tried "
            "on them, count these with --looks."
        )
    if choice.until is not None:
        _say_until(page, choice, choice.until, called)
    elif choice.method == "empirical":
        page.line(
            f"No exclude_below reaches recall {choice.required:g}; at 0 it is {_said(choice, choice.recall)} of those eligible in {called}."
        )
    else:
        page.line(
            f"No exclude_below can be guaranteed; at 0 recall is {_said(choice, choice.recall)} of those eligible in {called}."
        )


def _say_until(page: TextPage, choice: "ChosenThresholds", until: "Until", called: str) -> None:
    from ..evaluation import INCLUDE_PRECISION, decimal

    below, above = choice.outcome.below, choice.outcome.above
    basis = f"the largest for recall {choice.required:g}"
    if choice.promise is not None:
        basis = f"the largest that passes the test of recall {choice.required:g}"
    page.line(
        f"exclude_below {decimal(until.exclude_below)}, {basis}: "
        f"{len(below):,} of {len(choice.cases):,} lie below it, {sum(case.kept for case, _ in below):,} of them eligible in {called}; "
        f"recall {_said(choice, choice.recall_by_rule)}."
    )
    if exceptions := choice.below_not_excluded:
        page.line(
            f"  {len(exceptions):,} of them are not excluded, since the reviewer that decides them does not; so recall is "
            f"{_said(choice, choice.recall)}: {names(exceptions)}"
        )
    rule = f"the smallest with precision {INCLUDE_PRECISION:g}"
    if choice.promise is not None:
        rule = "as the protocol has it" if choice.kind != "reviewer" else "which decides nothing before the next member"
    elif not choice.includes:
        rule = f"since no smaller one keeps the recall with precision {INCLUDE_PRECISION:g}"
    share_eligible = (
        f"of those above it {_said(choice, choice.precision)}, are eligible in {called}"
        if above
        else "no record lies above it"
    )
    page.line(f"include_above {decimal(until.include_above)}, {rule}: {share_eligible}.")
    if exceptions := choice.above_not_included:
        page.line(
            f"  {len(exceptions):,} of them are not included, since the reviewer that decides them does not: {names(exceptions)}"
        )


def _left_out(page: TextPage, choice: "ChosenThresholds") -> None:
    gold = choice.gold
    if gaps := choice.outcome.gaps:
        commands = ", ".join(
            f"`screener run --stage {gold.stage} --reviewer {reviewer}`" for reviewer in dict.fromkeys(gaps.values())
        )
        page.line(
            f"{len(gaps):,} records have no judgement yet ({commands}); eligible ones count as missed: {names(gaps)}"
        )
    if choice.missing:
        page.line(f"{len(choice.missing):,} records of gold dev are not judged and left out: {names(choice.missing)}")
    if gold.unplaced:
        page.line(f"{len(gold.unplaced):,} labels match no record and are left out: {names(gold.unplaced)}")
