"""`screener evaluate`: a reviewer against gold or another reviewer, two compared, or thresholds chosen."""

from typing import TYPE_CHECKING, Annotated

import typer

from .attach import user_name
from .common import JoinOption, JsonOption, ReviewOption, StageOption, emit, review_at, stage_named
from .confirm_meanings import confirm_meanings

if TYPE_CHECKING:
    from ..evaluation import ChosenThresholds
    from ..review import OpenReview
    from ..review.evaluating import EvaluationResult
    from .page import TextPage


LimitOption = Annotated[
    int | None, typer.Option("--limit", min=0, help="List so many wrong decisions at most (default: all).")
]
OnlyOption = Annotated[
    str | None,
    typer.Option(
        "--only", help="Of the wrong decisions only: missed (excluded, but eligible) or kept (that should not be)."
    ),
]


ConfirmOption = Annotated[
    bool,
    typer.Option(
        "--confirm",
        help="At extraction: say which values mean the same as gold's in other words, without knowing whose each is.",
    ),
]
WhoOption = Annotated[
    str | None, typer.Option("--who", help="With --confirm: your name, kept with it (default: the user's name).")
]
SplitOption = Annotated[
    str | None,
    typer.Option(
        help="Part of the gold set: test (default), dev, or at extraction all. Where a gate stands on test, asking for "
        "it records a check of the gate, and without a recorded check dev is the default."
    ),
]
CompareOption = Annotated[
    tuple[str, str] | None,
    typer.Option(metavar="A B", help="Compare two reviewers on the same gold; at extraction A A: one, asked twice."),
]
ByOption = Annotated[
    str | None,
    typer.Option(metavar="FIELD", help="By group, worst first: source, year, criterion, language or has_abstract."),
]
QualityOption = Annotated[
    bool,
    typer.Option(
        "--quality", help="Every machine reviewer against the recall asked for, and what is missing to claim it."
    ),
]
TargetOption = Annotated[
    float | None,
    typer.Option(
        metavar="RECALL", help="What the lower bound of recall is read against, without a gate (default: 0.95)."
    ),
]


def evaluate(
    stage: StageOption,
    reviewer: Annotated[str | None, typer.Option(help="The reviewer to check (default: the stage's machine).")] = None,
    reference: Annotated[str, typer.Option(help="What to check it against: gold, or a reviewer.")] = "gold",
    split: SplitOption = None,
    compare: CompareOption = None,
    by: ByOption = None,
    quality: QualityOption = False,
    target: TargetOption = None,
    thresholds: Annotated[
        float | None,
        typer.Option(metavar="RECALL", help="Choose `until` for this recall on gold dev, from stored judgements."),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(help="With --thresholds: guarantee the recall with this one-sided confidence, or say why not."),
    ] = None,
    looks: Annotated[
        int,
        typer.Option(help="With --confidence: how often these labels are used for such a choice, this one included."),
    ] = 1,
    limit: LimitOption = None,
    only: OnlyOption = None,
    confirm: ConfirmOption = False,
    who: WhoOption = None,
    format_: Annotated[str, typer.Option("--format", help="text, or md: Markdown for the paper.")] = "text",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Recall, specificity, precision and agreement with intervals; every wrongly decided record by name.

    At extraction: what became of each part of the form and each item, strictly and with what people confirmed, and every
    error with the quotes. With --compare A B: what both say rightly, what both say wrongly (which nobody sees), and where they differ.

    With --quality: what may be said of each machine reviewer, and what is missing to say more. It makes no check of a gate.

    With --thresholds RECALL: where a cascade or a mean may exclude and include by probability, chosen on gold dev.
    """
    current, extracts = review_at(review), stage_named(stage) == "extraction"
    _check_values(stage, split, by, format_, json)
    _check_list(limit, only, listed=not extracts and compare is None and thresholds is None)
    _refuse_to_extract(extracts and bool(by or thresholds is not None or (format_ == "md" and compare is None)))
    _refuse_beside(compare, by, thresholds, confidence, looks, reviewer, reference)
    _refuse_beside_quality(quality, bool(compare or by or confirm or only or limit is not None), reference, thresholds)
    _refuse_target(target, extracts or compare is not None or thresholds is not None or reference != "gold")
    _refuse_to_confirm(confirm, who, extracts and compare is None and reference == "gold" and not json)
    if confirm:
        confirm_meanings(review, join=join, reviewer=reviewer, split=split, who=who or user_name())
    elif quality:
        _quality(current, stage, reviewer, split, target, format_, json)
    elif compare is not None:
        _compare(current, stage, compare, split, format_, json)
    elif thresholds is not None:
        _refuse_to_choose(split, reference)
        choice = current.choose_thresholds(stage, thresholds, reviewer, confidence=confidence, looks=looks)
        emit(choice.as_json()) if json else _show_choice(choice, format_)
    else:
        result = current.evaluate(stage, reviewer, reference=reference, split=split, target=target)
        emit(result.as_json(by, only=only, limit=limit)) if json else _show(result, by, format_, only, limit)


def _check_values(stage: str, split: str | None, by: str | None, name: str, json: bool) -> None:
    """Raise `BadInput` for a split, a group or a format (`name`) that there is not, or that goes with another one."""
    from ..core.errors import BadInput
    from ..review.evaluating import check_groups, check_split

    check_split(stage_named(stage), split)
    check_groups(by)
    if name not in ("text", "md"):
        raise BadInput(f"--format: `{name}` is neither text nor md")
    if json and name == "md":
        raise BadInput("--json and --format md exclude each other; leave out one")


def _refuse_to_extract(asked: bool) -> None:
    """Raise `BadInput` where something was asked of the extraction that only the screening stages have."""
    from ..core.errors import BadInput

    if asked:
        raise BadInput(
            "--by, --thresholds, and --format md without --compare are for the screening stages, not for extraction"
        )


def _check_list(limit: int | None, only: str | None, *, listed: bool) -> None:
    """Raise `BadInput` for options of the list of wrong decisions where there is none, or that mean nothing."""
    from ..core.errors import BadInput

    if only not in (None, "missed", "kept"):
        raise BadInput(f"--only: `{only}` is neither missed nor kept")
    if (limit is not None or only is not None) and not listed:
        raise BadInput("--limit and --only are for the wrong decisions of one reviewer at the screening stages")


def _refuse_beside(
    compare: tuple[str, str] | None,
    by: str | None,
    thresholds: float | None,
    confidence: float | None,
    looks: int,
    reviewer: str | None,
    reference: str,
) -> None:
    """Raise `BadInput` for options that mean nothing together."""
    from ..core.errors import BadInput

    if compare is not None and (by or thresholds is not None or reviewer or reference != "gold"):
        raise BadInput("--compare A B names both reviewers and compares them with gold; leave out the other options")
    if by is not None and thresholds is not None:
        raise BadInput("--by and --thresholds exclude each other; leave out one")
    if confidence is not None and thresholds is None:
        raise BadInput("--confidence goes with --thresholds RECALL, the recall to guarantee")
    if looks != 1 and confidence is None:
        raise BadInput("--looks goes with --confidence, the error of which it divides")


def _refuse_beside_quality(quality: bool, others: bool, reference: str, thresholds: float | None) -> None:
    """Raise `BadInput` for options that the page of quality has no use for."""
    from ..core.errors import BadInput

    if quality and (others or reference != "gold" or thresholds is not None):
        raise BadInput(
            "--quality goes with --stage, --reviewer, --split, --target, --format and --json; leave out the other options"
        )


def _refuse_target(target: float | None, no_gold: bool) -> None:
    """Raise `BadInput` for a target where no bound is read against it."""
    from ..core.errors import BadInput

    if target is not None and no_gold:
        raise BadInput("--target is for one reviewer, or --quality, against gold at the screening stages")


def _refuse_to_confirm(confirm: bool, who: str | None, fits: bool) -> None:
    """Raise `BadInput` where a person would be asked about values and there are none, or a name is given for nothing."""
    from ..core.errors import BadInput

    if confirm and not fits:
        raise BadInput(
            "--confirm asks a person about extractions against gold; leave out --compare, --reference and --json"
        )
    if who is not None and not confirm:
        raise BadInput("--who goes with --confirm, which keeps your name with your answers")


def _refuse_to_choose(split: str | None, reference: str) -> None:
    """Raise `BadInput` where thresholds would be chosen on anything but gold dev."""
    from ..core.errors import BadInput

    if split == "test":
        raise BadInput("--thresholds chooses on gold dev only, so that test stays unseen; leave out `--split test`")
    if reference != "gold":
        raise BadInput(f"--thresholds chooses on gold dev only; leave out `--reference {reference}`")


def _show(
    result: "EvaluationResult", by: str | None, format_: str, only: str | None = None, limit: int | None = None
) -> None:
    from ..evaluation import ItemAgreement, ItemEvaluation
    from .evaluate_items import show_agreement, show_items
    from .evaluate_pages import evaluation_page
    from .examples_page import effect_lines

    if isinstance(result.details, ItemEvaluation):
        show_items(result.details)
    elif isinstance(result.details, ItemAgreement):
        show_agreement(result.details)
    else:
        page = evaluation_page(result.details, by, result.humans, only=only, limit=limit, quality=result.quality)
        if result.examples is not None:
            effect_lines(page, result.examples)
        _show_page(page, format_)


def _quality(
    current: "OpenReview",
    stage: str,
    reviewer: str | None,
    split: str | None,
    target: float | None,
    format_: str,
    json: bool,
) -> None:
    from ..review.evaluating import stage_quality
    from .quality_page import quality_json, quality_page

    found = stage_quality(current.ledger, current.review, stage_named(stage), reviewer, split, target)
    emit(quality_json(found)) if json else _show_page(quality_page(found), format_)


def _compare(
    current: "OpenReview", stage: str, names: tuple[str, str], split: str | None, format_: str, json: bool
) -> None:
    """Compare two reviewers with gold; at the extraction two readings, item by item."""
    if stage_named(stage) == "extraction":
        from ..review.evaluating import compare_extractions
        from .read_twice_page import read_twice_page

        twice = compare_extractions(current.ledger, current.review, *names, split)
        emit(twice.as_json()) if json else _show_page(read_twice_page(twice), format_)
    else:
        from .evaluate_pages import comparison_page

        comparison = current.compare(stage, *names, split=split)
        emit(comparison.as_json()) if json else _show_page(comparison_page(comparison), format_)


def _show_choice(choice: "ChosenThresholds", format_: str) -> None:
    from .thresholds_page import choice_page

    _show_page(choice_page(choice), format_)


def _show_page(page: "TextPage", format_: str) -> None:
    if format_ == "md":
        print(page.markdown(), end="")
    else:
        page.show()
