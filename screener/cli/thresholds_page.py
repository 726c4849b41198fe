"""What `screener evaluate --thresholds` has to say."""

from typing import TYPE_CHECKING

from .evaluate_pages import DRAWN
from .page import Page, names, share

if TYPE_CHECKING:
    from ..evaluation.threshold_choice import Choice
    from ..protocol.model import Until


def choice_page(choice: "Choice") -> Page:
    """The thresholds, who settles what at them, what is promised, and the line to paste."""
    gold = choice.gold
    called = "provisional gold" if gold.status == "provisional" else "gold"
    page = Page(f"{choice.reviewer} on gold, split dev: stage {gold.stage}, labels of level {gold.level}")
    if gold.status == "provisional":
        page.line("PROVISIONAL GOLD: no human has confirmed these labels. Thresholds chosen from them are no evidence.")
    if gold.drawn == "chosen":
        page.line(DRAWN["chosen"])
    if choice.no_promise:
        page.line(
            f"DESCRIPTIVE, NO PROMISE: {choice.no_promise}."
            + (" The thresholds below only describe the labels." if choice.method == "empirical" else "")
        )
    for remark in gold.remarks:
        page.line(remark)
    rows = []
    for part in (*choice.parts, choice.total):
        counts = (part.exclude, part.include, part.unclear, part.kept, part.missed)
        part_of = f"{part.settled / len(choice.cases):.1%}"
        rows.append((part.name, f"{part.asked:,}", f"{part.settled:,}", part_of, *(f"{count:,}" for count in counts)))
    page.table(
        f"{called}; who settles what by stored judgements; unclear counts as kept; Wilson 95 %",
        ("", "records", "settled", "share", "excluded", "included", "unclear", "kept in gold", "missed"),
        rows,
        right=range(1, 9),
    )
    _found(page, choice, called)
    if (best := choice.recall_with_no_miss) is not None:
        page.line(
            f"{choice.kept:,} kept records: recall {choice.required:g} can only be met with no miss; its lower bound is {best.low:.2f}."
        )
    _left_out(page, choice)
    if choice.yaml is None:
        return page
    place = f"a cascade that begins with {choice.reviewer}" if choice.kind == "reviewer" else choice.reviewer
    page.code(f"In prompts/review.yaml, for {place}:", choice.yaml)
    if choice.kind == "reviewer":
        page.line("All members of a cascade share these: once the others have judged too, choose for it as a whole.")
    if choice.promise is None:
        page.line("Chosen and measured on the same labels, the recall is optimistic: check it once, on split test.")
    return page


def _found(page: Page, choice: "Choice", called: str) -> None:
    if choice.promise is not None:
        page.line(f"Promise: {choice.promise.sentence}")
        page.line(
            "It holds for include_above as it stands, and for one use of these labels: whoever chooses between several "
            "reviewers or recalls on them says so with --looks."
        )
    if choice.until is not None:
        _until(page, choice, choice.until, called)
    elif choice.method == "empirical":
        page.line(
            f"No exclude_below reaches recall {choice.required:g}; at 0 it is {share(choice.recall)}, kept in {called}."
        )
    else:
        page.line(f"No exclude_below can be promised; at 0 recall is {share(choice.recall)}, kept in {called}.")


def _until(page: Page, choice: "Choice", until: "Until", called: str) -> None:
    from ..evaluation.threshold_search import INCLUDE_PRECISION, decimal

    below, above = choice.outcome.below, choice.outcome.above
    how = f"the largest for recall {choice.required:g}"
    if choice.promise is not None:
        how = f"the largest that passes the test of recall {choice.required:g}"
    page.line(
        f"exclude_below {decimal(until.exclude_below)}, {how}: "
        f"{len(below):,} of {len(choice.cases):,} lie below it, {sum(case.kept for case, _ in below):,} of them kept in {called}; "
        f"recall {share(choice.recall_by_rule)}."
    )
    if other := choice.below_not_excluded:
        page.line(
            f"  {len(other):,} of them stay kept, since who settles them does not exclude them; so recall is "
            f"{share(choice.recall)}: {names(other)}"
        )
    rule = f"the smallest with precision {INCLUDE_PRECISION:g}"
    if choice.promise is not None:
        rule = "as the protocol has it" if choice.kind != "reviewer" else "which settles nothing before the next member"
    elif not choice.includes:
        rule = f"since no smaller one keeps the recall with precision {INCLUDE_PRECISION:g}"
    told = (
        f"of those from it on {share(choice.precision)}, are kept in {called}" if above else "nothing lies from it on"
    )
    page.line(f"include_above {decimal(until.include_above)}, {rule}: {told}.")
    if other := choice.above_not_included:
        page.line(f"  {len(other):,} of them are not included, since who settles them does not: {names(other)}")


def _left_out(page: Page, choice: "Choice") -> None:
    gold = choice.gold
    if gaps := choice.outcome.gaps:
        told = ", ".join(
            f"`screener run --stage {gold.stage} --reviewer {one}`" for one in dict.fromkeys(gaps.values())
        )
        page.line(
            f"{len(gaps):,} records wait for a judgement ({told} gets it); what gold keeps of them counts as missed: {names(gaps)}"
        )
    if choice.missing:
        page.line(
            f"{len(choice.missing):,} records of gold dev are not judged and not counted: {names(choice.missing)}"
        )
    if gold.unplaced:
        page.line(
            f"{len(gold.unplaced):,} labels match no record of the ledger and are not counted: {names(gold.unplaced)}"
        )
