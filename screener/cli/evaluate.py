"""`screener evaluate`: a reviewer against gold or another reviewer, two compared, or thresholds chosen."""

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from .common import JsonOption, ReviewOption, StageOption, emit, open_ledger, open_review, stage_named

if TYPE_CHECKING:
    from ..core.judgement import Stage
    from ..protocol.model import Review
    from .page import Page


def evaluate(
    stage: StageOption,
    reviewer: Annotated[str | None, typer.Option(help="The reviewer to check (default: the stage's machine).")] = None,
    reference: Annotated[str, typer.Option(help="What to check it against: gold, or a reviewer.")] = "gold",
    split: Annotated[
        str | None, typer.Option(help="Part of the gold set: test (default), dev, or at extraction all.")
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Compare two reviewers over the same gold records: who is right."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="Groups, worst first: source, year, criterion, language or has_abstract."),
    ] = None,
    thresholds: Annotated[
        float | None,
        typer.Option(metavar="RECALL", help="Choose `until` for this recall on gold dev, from stored judgements."),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(help="With --thresholds: promise the recall with this one-sided confidence, or say why not."),
    ] = None,
    looks: Annotated[
        int, typer.Option(help="With --confidence: how many choices these labels serve, this one included.")
    ] = 1,
    format_: Annotated[str, typer.Option("--format", help="text, or md: Markdown for the paper.")] = "text",
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Recall, specificity, precision and agreement with intervals; every wrongly decided record by name.

    At extraction: every item right, wrong, missed, made up or unclear, worst first, with the quotes.

    With --thresholds RECALL: where a cascade or a mean may exclude and include by probability, chosen on gold dev.
    """
    from ..core.errors import BadInput
    from ..evaluation.figures import FIELDS

    here, which = open_review(review), stage_named(stage)
    if split not in (None, "test", "dev", *(["all"] if which.value == "extraction" else [])):
        raise BadInput(f"--split: `{split}` is neither test nor dev{', nor all' * (which.value == 'extraction')}")
    if by is not None and by not in FIELDS:
        raise BadInput(f"--by: `{by}` is none of {', '.join(FIELDS)}")
    if format_ not in ("text", "md"):
        raise BadInput(f"--format: `{format_}` is neither text nor md")
    if json and format_ == "md":
        raise BadInput("--json and --format md ask for two different things; leave out one")
    if which.value == "extraction" and (compare or by or thresholds is not None or format_ == "md"):
        raise BadInput("--compare, --by, --thresholds and --format md are for the screening stages, not for extraction")
    _refuse_beside(compare, by, thresholds, confidence, looks, reviewer, reference)
    if compare is not None:
        _compare(here, which, compare, split, format_, json)
        return
    protocol = here.stage(which)
    name = reviewer or protocol.decided_by.machine
    if name is None:
        raise BadInput("the stage names no machine reviewer; use --reviewer NAME")
    if which.value == "extraction":
        _items(here, name, reference, split or "test", json)
    elif thresholds is not None:
        asked = None if confidence is None else (confidence, looks)
        _choose(here, which, name, thresholds, asked, reference, split, format_, json)
    else:
        _evaluate(here, which, name, reference, split, by, format_, json)


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
        raise BadInput("--by and --thresholds ask for two different things; leave out one")
    if confidence is not None and thresholds is None:
        raise BadInput("--confidence goes with --thresholds RECALL, the recall that is to be promised")
    if looks != 1 and confidence is None:
        raise BadInput("--looks goes with --confidence, which it is divided among")


def _evaluate(
    here: "Review",
    stage: "Stage",
    name: str,
    reference: str,
    split: str | None,
    by: str | None,
    format_: str,
    json: bool,
) -> None:
    from ..evaluation.agreement import human_agreement
    from ..evaluation.evaluate import evaluate as check
    from .evaluate_pages import evaluation_page

    ledger = open_ledger(here)
    result = check(ledger, here, stage, name, reference, cast(Literal["dev", "test"] | None, split))
    humans = human_agreement(ledger, stage, here.stage(stage))
    if json:
        emit(result.as_json(by) | {"humans": humans.as_json() if humans else None})
    else:
        _say(evaluation_page(result, by, humans), format_)


def _compare(
    here: "Review", stage: "Stage", names: tuple[str, str], split: str | None, format_: str, json: bool
) -> None:
    from ..evaluation.compare import compare
    from .evaluate_pages import comparison_page

    result = compare(open_ledger(here), here, stage, *names, cast(Literal["dev", "test"] | None, split))
    if json:
        emit(result.as_json())
    else:
        _say(comparison_page(result), format_)


def _items(here: "Review", name: str, reference: str, split: str, json: bool) -> None:
    from ..evaluation.items import Part, compare_extractors, evaluate_items
    from .evaluate_items import show_agreement, show_items

    ledger = open_ledger(here)
    if reference != "gold":
        agreed = compare_extractors(ledger, here, name, reference)
        emit(agreed.as_json()) if json else show_agreement(agreed)
        return
    result = evaluate_items(ledger, here, name, cast(Part, split))
    emit(result.as_json()) if json else show_items(result)


def _choose(
    here: "Review",
    stage: "Stage",
    name: str,
    recall: float,
    asked: tuple[float, int] | None,
    reference: str,
    split: str | None,
    format_: str,
    json: bool,
) -> None:
    from ..core.errors import BadInput
    from ..evaluation.threshold_choice import Asked, choose_on_dev
    from .thresholds_page import choice_page

    if split == "test":
        raise BadInput("--thresholds chooses on gold dev only, so that test stays unseen; leave out `--split test`")
    if reference != "gold":
        raise BadInput(f"--thresholds chooses on gold dev only; leave out `--reference {reference}`")
    choice = choose_on_dev(open_ledger(here), here, stage, name, recall, Asked(*asked) if asked else None)
    if json:
        emit(choice.as_json())
    else:
        _say(choice_page(choice), format_)


def _say(page: "Page", format_: str) -> None:
    if format_ == "md":
        print(page.markdown(), end="")
    else:
        page.show()
