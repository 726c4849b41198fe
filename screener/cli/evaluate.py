"""`screener evaluate`: a reviewer against gold or another reviewer."""

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from .common import JsonOption, ReviewOption, StageOption, console, emit, open_ledger, open_review, stage_named, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from ..evaluation import Evaluation, Pair
    from ..judgement import Stage
    from ..metrics import Estimate
    from ..protocol import Review, Until
    from ..thresholds import Choice


def evaluate(
    stage: StageOption,
    reviewer: Annotated[str | None, typer.Option(help="The reviewer to check (default: the stage's machine).")] = None,
    reference: Annotated[str, typer.Option(help="What to check it against: gold, or a reviewer.")] = "gold",
    split: Annotated[str | None, typer.Option(help="Part of the gold set: test (default) or dev.")] = None,
    thresholds: Annotated[
        float | None,
        typer.Option(metavar="RECALL", help="Choose `until` for this recall on gold dev, from stored judgements."),
    ] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Recall, specificity, precision and agreement with intervals; every wrongly decided record by name.

    With --thresholds RECALL: where a cascade or a mean may exclude and include by probability, chosen on gold dev.
    """
    from ..errors import BadInput
    from ..evaluation import evaluate as compare

    here, which = open_review(review), stage_named(stage)
    if split not in (None, "test", "dev", *(["all"] if which.value == "extraction" else [])):
        raise BadInput(f"--split: `{split}` is neither test nor dev")
    protocol = here.stage(which)
    name = reviewer or protocol.decided_by.machine
    if name is None:
        raise BadInput("the stage names no machine reviewer; use --reviewer NAME")
    if which.value == "extraction":
        _items(here, name, reference, split or "test", json)
        return
    if thresholds is not None:
        _choose(here, which, name, thresholds, reference, split, json)
        return
    chosen = cast(Literal["dev", "test"] | None, split)
    result = compare(open_ledger(here), here, which, name, reference, chosen)
    if json:
        emit(result.as_json())
    else:
        _show(result)


def _items(here: "Review", name: str, reference: str, split: str, json: bool) -> None:
    from ..item_evaluation import Part, compare_extractors, evaluate_items
    from .evaluate_items import show_agreement, show_items

    ledger = open_ledger(here)
    if reference != "gold":
        agreed = compare_extractors(ledger, here, name, reference)
        emit(agreed.as_json()) if json else show_agreement(agreed)
        return
    result = evaluate_items(ledger, here, name, cast(Part, split))
    emit(result.as_json()) if json else show_items(result)


def _choose(
    here: "Review", stage: "Stage", name: str, recall: float, reference: str, split: str | None, json: bool
) -> None:
    from ..errors import BadInput
    from ..thresholds import choose_on_dev

    if split == "test":
        raise BadInput("--thresholds chooses on gold dev only, so that test stays unseen; leave out `--split test`")
    if reference != "gold":
        raise BadInput(f"--thresholds chooses on gold dev only; leave out `--reference {reference}`")
    choice = choose_on_dev(open_ledger(here), here, stage, name, recall)
    if json:
        emit(choice.as_json())
    else:
        _show_choice(choice)


def _show_choice(choice: "Choice") -> None:
    out, gold = console(), choice.gold
    called = "provisional gold" if gold.status == "provisional" else "gold"
    out.print(f"{choice.reviewer} on gold, split dev: stage {gold.stage}, labels of level {gold.level}")
    if gold.status == "provisional":
        out.print("PROVISIONAL GOLD: no human has confirmed these labels. Thresholds chosen from them are no evidence.")
    for remark in gold.remarks:
        out.print(remark)
    shown = table(
        f"{called}; who settles what by stored judgements; unclear counts as kept; Wilson 95 %",
        "", "records", "settled", "share", "excluded", "included", "unclear", "kept in gold", "missed",
        right=tuple(range(1, 9)),
    )  # fmt: skip
    for part in (*choice.parts, choice.total):
        counts = (part.exclude, part.include, part.unclear, part.kept, part.missed)
        share = f"{part.settled / len(choice.cases):.1%}"
        shown.add_row(part.name, f"{part.asked:,}", f"{part.settled:,}", share, *(f"{count:,}" for count in counts))
    out.print(shown)
    if choice.until is None:
        out.print(
            f"No exclude_below reaches recall {choice.required:g}; at 0 it is {_share(choice.recall)}, kept in {called}."
        )
    else:
        _show_until(choice, choice.until, called, out)
    if (best := choice.recall_with_no_miss) is not None:
        out.print(
            f"{choice.kept:,} kept records: recall {choice.required:g} can only be met with no miss; its lower bound is {best.low:.2f}."
        )
    if gaps := choice.outcome.gaps:
        told = ", ".join(
            f"`screener run --stage {gold.stage} --reviewer {one}`" for one in dict.fromkeys(gaps.values())
        )
        out.print(
            f"{len(gaps):,} records wait for a judgement ({told} gets it); what gold keeps of them counts as missed: {_names(gaps)}"
        )
    if choice.missing:
        out.print(
            f"{len(choice.missing):,} records of gold dev are not judged and not counted: {_names(choice.missing)}"
        )
    if gold.unplaced:
        out.print(
            f"{len(gold.unplaced):,} labels match no record of the ledger and are not counted: {_names(gold.unplaced)}"
        )
    if choice.yaml is not None:
        place = f"a cascade that begins with {choice.reviewer}" if choice.kind == "reviewer" else choice.reviewer
        print(f"\nIn prompts/review.yaml, for {place}:\n\n  {choice.yaml}\n")
        if choice.kind == "reviewer":
            out.print(
                "All members of a cascade share these: once the others have judged too, choose for it as a whole."
            )
        out.print("Chosen and measured on the same labels, the recall is optimistic: check it once, on split test.")


def _show_until(choice: "Choice", until: "Until", called: str, out: "Console") -> None:
    from ..cutoffs import INCLUDE_PRECISION, decimal

    below, above = choice.outcome.below, choice.outcome.above
    out.print(
        f"exclude_below {decimal(until.exclude_below)}, the largest for recall {choice.required:g}: "
        f"{len(below):,} of {len(choice.cases):,} lie below it, {sum(case.kept for case, _ in below):,} of them kept in {called}; "
        f"recall {_share(choice.recall_by_rule)}."
    )
    if other := choice.below_not_excluded:
        out.print(
            f"  {len(other):,} of them stay kept, since who settles them does not exclude them; so recall is "
            f"{_share(choice.recall)}: {_names(other)}"
        )
    rule = "the smallest with" if choice.includes else "since no smaller one keeps the recall with"
    told = (
        f"of those from it on {_share(choice.precision)}, are kept in {called}" if above else "nothing lies from it on"
    )
    out.print(f"include_above {decimal(until.include_above)}, {rule} precision {INCLUDE_PRECISION:g}: {told}.")
    if other := choice.above_not_included:
        out.print(f"  {len(other):,} of them are not included, since who settles them does not: {_names(other)}")


def _share(estimate: "Estimate") -> str:
    """A share with its counts: `18 of 19, 0.95 (0.75–0.99)`."""
    if estimate.value is None or estimate.n is None:
        return "not defined"
    return f"{round(estimate.value * estimate.n):,} of {int(estimate.n):,}, {_interval(estimate)}"


def _names(ids: "Iterable[str]") -> str:
    found = list(ids)
    return f"{', '.join(found[:5])}{' …' if len(found) > 5 else ''}"


def _show(result: "Evaluation") -> None:
    out = console()
    against = f"{result.reference}, split {result.split}" if result.split else result.reference
    out.print(f"{result.reviewer} against {against}: stage {result.stage}, labels of level {result.level}")
    if result.status == "provisional":
        out.print(
            "PROVISIONAL GOLD: no human has confirmed these labels. The figures below are regression marks, not evidence."
        )
    for remark in result.remarks:
        out.print(remark)
    mark = "provisional gold; " if result.status == "provisional" else ""
    shown = table(
        f"{mark}unclear counts as kept on both sides; 95 % intervals: Wilson; F2 bootstrap; κ closed form",
        "records", "n", "kept in reference", "missed", "recall", "specificity", "precision", "F2", "κ",
        right=(1, 2, 3),
    )  # fmt: skip
    for name, part in {"all": result.overall, **result.groups}.items():
        cells = [_interval(part.estimates[key]) for key in ("recall", "specificity", "precision", "f2", "kappa")]
        shown.add_row(name, f"{part.n:,}", f"{part.relevant:,}", f"{int(part.confusion.fn):,}", *cells)
    out.print(shown)
    whole = result.overall
    out.print(
        f"Kept {whole.kept:,} of {whole.n:,}; answered unclear {whole.unclear:,}; recall by include alone {_interval(result.recall_auto)}."
    )
    if whole.ranking:
        parts = {"all": whole, **result.groups}
        told = [f"{name} {_interval(part.ranking['auroc'])}" for name, part in parts.items() if part.ranking]
        out.print(f"AUROC of its probabilities: {'; '.join(told)}.")
    if result.against_final is not None:
        part = result.against_final
        out.print(
            f"Against final inclusion (n {part.n:,}, included {part.relevant:,}): recall {_interval(part.estimates['recall'])}."
        )
    if (steady := result.stability) is not None:
        flips = ", ".join(f"{name} {count:,}" for name, count in steady.by_criterion.items() if count)
        out.print(
            f"Asked {steady.repeats} times over {steady.n:,} records: {len(steady.records):,} decisions flipped"
            f"{f' ({flips} by criterion)' if flips else ''}."
        )
    if result.missing:
        out.print(
            f"{len(result.missing):,} records of the reference are not judged and not counted: {', '.join(result.missing[:5])} …"
        )
    if result.unplaced:
        out.print(
            f"{len(result.unplaced):,} labels match no record of the ledger and are not counted: {', '.join(result.unplaced[:5])} …"
        )
    _list_wrong(result.wrong, out)


def _list_wrong(wrong: "list[Pair]", out: object) -> None:
    if not wrong:
        print("No record was decided wrongly.")
        return
    print(f"\n{len(wrong)} wrongly decided:")
    for pair in wrong:
        judged, failed = pair.judged, pair.judged.failed()
        kind = "kept, should be excluded" if judged.decision.kept else "MISSED, should be kept"
        print(f"\n{pair.record.id}  {kind}  (probability {_number(judged.probability)})")
        print(f"  {pair.record.title[:150]}")
        should = pair.reference.failed()
        if judged.decision.kept:
            answer = judged.answers.get(should or "")
            print(
                f"  reference: {should or pair.reference.decision} = no"
                if should
                else f"  reference: {pair.reference.decision}"
            )
        else:
            answer = judged.answers.get(failed or "")
            print(f"  failed: {failed}")
        if answer is not None:
            print(f"  answered {answer.value}: {answer.reason}")
            for quote in answer.evidence[:1]:
                print(f"  “{quote.quote[:200]}” ({quote.document}, {quote.status})")


def _interval(estimate: "Estimate") -> str:
    if estimate.value is None:
        return "not defined"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
