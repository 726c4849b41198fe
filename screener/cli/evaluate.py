"""`screener evaluate`: a reviewer against gold or another reviewer."""

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from .common import JsonOption, ReviewOption, StageOption, console, emit, open_ledger, open_review, stage_named, table

if TYPE_CHECKING:
    from ..evaluation import Evaluation, Pair
    from ..metrics import Estimate


def evaluate(
    stage: StageOption,
    reviewer: Annotated[str | None, typer.Option(help="The reviewer to check (default: the stage's machine).")] = None,
    reference: Annotated[str, typer.Option(help="What to check it against: gold, or a reviewer.")] = "gold",
    split: Annotated[str | None, typer.Option(help="Part of the gold set: test (default) or dev.")] = None,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Recall, specificity, precision and agreement with intervals; every wrongly decided record by name."""
    from ..errors import BadInput
    from ..evaluation import evaluate as compare

    if split not in (None, "test", "dev"):
        raise BadInput(f"--split: `{split}` is neither test nor dev")
    here, which = open_review(review), stage_named(stage)
    protocol = here.stage(which)
    name = reviewer or protocol.decided_by.machine
    if name is None:
        raise BadInput("the stage names no machine reviewer; use --reviewer NAME")
    chosen = cast(Literal["dev", "test"] | None, split)
    result = compare(open_ledger(here), here, which, name, reference, chosen)
    if json:
        emit(result.as_json())
    else:
        _show(result)


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
