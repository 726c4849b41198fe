"""`screener tune`: errors on gold `dev` by criterion; other wording proposed, tried, listed and accepted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .attach import user_name
from .common import JoinOption, JsonOption, ReviewOption, console, counted, emit, review_at, say_path, warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..review.proposing import Proposals
    from ..review.trying import TriedVariant
    from ..review.tuning import AcceptedVariant
    from ..running import AskingPlan

app = typer.Typer(rich_markup_mode=None)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A variant: the file prompts/variants/NAME.yaml.")]
ReviewerOption = Annotated[str | None, typer.Option(help="A reviewer of the protocol (default: the stage's machine).")]
BudgetOption = Annotated[float | None, typer.Option(min=0, help="Stop sending once so many US dollars are spent.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print the number of requests and the cost; send nothing.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Send nothing; write the open requests to this batch file."),
]


@app.callback(invoke_without_command=True)
def tune(
    context: typer.Context,
    stage: Annotated[str | None, typer.Option("--stage", help="abstract or fulltext.")] = None,
    reviewer: ReviewerOption = None,
    limit: Annotated[int, typer.Option(min=0, help="List so many records of each kind at most.")] = 5,
    format_: Annotated[str, typer.Option("--format", help="text, or md: Markdown.")] = "text",
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Show which criterion causes which errors on gold dev; propose, try and accept other wording.

    Without a command: the errors by criterion, with reasons and quotes, what to reword first in front. Errors are read from
    the part `tune` of dev, gains from `check`, nothing from test.
    """
    from ..core.errors import BadInput
    from .common import stage_named
    from .tune_pages import errors_page

    if context.invoked_subcommand is not None:
        if stage or reviewer or review or json:
            command = f"screener tune {context.invoked_subcommand}"
            raise BadInput(f"tune: what is said of a command stands behind it: `{command} --review DIR …`")
        return
    if stage is None:
        raise BadInput("tune: say which stage, by --stage abstract or --stage fulltext")
    if format_ not in ("text", "md"):
        raise BadInput(f"--format: `{format_}` is neither text nor md")
    current = review_at(review)
    analysis = current.tune(stage_named(stage), reviewer)
    if json:
        emit(analysis.as_json())
        return
    spec = current.review.reviewer(analysis.evaluation.reviewer)
    page = errors_page(analysis, limit, chat=spec.kind == "chat")
    if format_ == "md":
        print(page.markdown(), end="")
    else:
        page.show()


@app.command("propose")
def propose(
    stage: Annotated[str, typer.Option("--stage", help="abstract or fulltext.")],
    reviewer: ReviewerOption = None,
    criterion: Annotated[
        list[str] | None,
        typer.Option(help="A criterion to reword (repeatable; default: those that alone caused errors)."),
    ] = None,
    name: Annotated[str, typer.Option(help="The variant's name (default: proposal_1, _2, …).")] = "",
    budget: BudgetOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Ask the reviewer's own model for other wording, one request a criterion, from its errors on `tune`.

    What it says becomes a variant, which nothing uses until it is tried and a person accepts it. With -o the requests are
    written as a batch file; after `screener batch import` the same command without -o goes on with the answers.
    """
    from .common import stage_named

    current = review_at(review, join=join)
    proposals = current.propose_wording(
        stage_named(stage), reviewer, criteria=criterion or (), name=name,
        budget=budget, dry_run=dry_run, output=output, told=_telling(json),
    )  # fmt: skip
    if json:
        emit(proposals.as_json())
    else:
        _show_proposals(proposals, output, dry_run=dry_run)
    if proposals.failed:
        raise typer.Exit(3)


@app.command("try")
def try_(
    name: NameArgument,
    reviewer: ReviewerOption = None,
    budget: BudgetOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Have the reviewer judge gold dev by a variant's wording, and compare it with the present one.

    Only what no stored answer suffices for is asked. These judgements never count as the reviewer's own.
    """
    from .tune_pages import tried_page

    tried = review_at(review, join=join).try_wording(
        name, reviewer, budget=budget, dry_run=dry_run, output=output, told=_telling(json)
    )
    if json:
        emit(tried.as_json())
    elif tried.wording is not None:
        tried_page(tried).show()
    else:
        _show_open(tried, output)
    if tried.failed:
        raise typer.Exit(3)


@app.command("list")
def list_(reviewer: ReviewerOption = None, review: ReviewOption = None, json: JsonOption = False) -> None:
    """List the variants with their changes and figures; nothing is asked."""
    from ..protocol import gold_spec
    from .tune_pages import variants_page

    opened = review_at(review)
    listed = opened.variants(reviewer)
    if json:
        emit({"variants": [variant.as_json() for variant in listed]})
    elif listed:
        gold, stages = gold_spec(opened.review), [variant.stage for variant in listed if variant.stage is not None]
        provisional = gold is not None and any(gold.of(stage).status == "provisional" for stage in stages)
        variants_page(listed, provisional=provisional).show()
    else:
        print("No variant yet: `screener tune propose` asks for one, or write prompts/variants/NAME.yaml.")


@app.command("accept")
def accept(
    name: NameArgument,
    note: Annotated[str, typer.Option(help="Why (default: the variant's note).")] = "",
    who: Annotated[str | None, typer.Option(help="Your name, kept with it (default: the user's name).")] = None,
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Write a variant's wording into prompts/review.yaml, and record the change as an amendment with date, name and reason."""
    current = review_at(review, join=join)
    accepted = current.accept_wording(name, who=who or user_name(), note=note)
    if json:
        emit(accepted.as_json())
    else:
        _show_accepted(accepted, say_path(current.review.prompts / "review.yaml"))


def _telling(json: bool) -> "Callable[[AskingPlan], None]":
    """Return what prints, before anything is sent, how much that will be; where errors are printed."""
    progress = console(stderr=True)
    return lambda plan: progress.print(f"Asking now: {_plan_line(plan)}") if plan.requests and not json else None


def _plan_line(plan: "AskingPlan") -> str:
    cost = (
        "price unknown (state `price:` in the protocol)" if plan.cost_usd is None else f"about {plan.cost_usd:,.4f} USD"
    )
    return (
        f"{counted(plan.requests, 'request')} ({plan.answered:,} of {plan.questions:,} answered before), about {plan.input_tokens:,} "
        f"input and {plan.output_tokens:,} output tokens, {cost}, without repairs."
    )


def _show_proposals(proposals: "Proposals", output: Path | None, *, dry_run: bool) -> None:
    if proposals.exported is not None or dry_run:
        print(f"{', '.join(proposals.criteria)}: {_plan_line(proposals.plan)}")
        _say_next(proposals.exported, output)
        return
    for criterion, why in proposals.diagnoses.items():
        print(f"{criterion}: {why}")
    for criterion in proposals.unchanged:
        print(f"{criterion}: the model leaves the wording as it is.")
    warn(f"{criterion}: {reason}" for criterion, reason in proposals.failed.items())
    if proposals.path is not None:
        print(f"Variant {proposals.name}: {say_path(proposals.path)}. Read and edit it; nothing uses it yet.")
        print(f"Next: `screener tune try {proposals.name} --dry-run` says what trying it costs.")


def _show_open(tried: "TriedVariant", output: Path | None) -> None:
    print(f"{tried.name} by {tried.reviewer} on gold dev: {_plan_line(tried.plan)}")
    _say_next(tried.exported, output)


def _say_next(exported: int | None, output: Path | None) -> None:
    if exported is None:
        print("Nothing was sent.")
    elif exported:
        print(
            f"{exported:,} requests in {output}. Have them answered, `screener batch import ANSWERS`, then the same command without -o."
        )
    else:
        print("All are answered: the same command without -o goes on.")


def _show_accepted(accepted: "AcceptedVariant", path: str) -> None:
    print(f"{path}: {', '.join(accepted.changed)} at {accepted.stage.label.lower()} worded as in {accepted.name}.")
    if (amendment := accepted.amendment) is None:
        print("Nothing was tried, and nothing judged under the earlier wording, so no amendment was needed.")
        return
    stale = amendment.stale
    people = sum(stale["people"].values())
    print(
        f"Amendment of {amendment.at[:10]} by {amendment.who}: {amendment.note}. Judged under the earlier wording: {people:,} by "
        f"people, {stale['machine']:,} by machines{', gold ' + stale['gold'] if stale['gold'] else ''}; nothing is withdrawn."
    )
    print(f"Next: `screener run --stage {accepted.stage}` judges anew; answers of the trial are used again.")
