"""What `screener check --critique` prints: its cost before, its suggestions after."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import say_path

if TYPE_CHECKING:
    from ..protocol import Review
    from ..review.critique import CritiquePlan, CritiqueResult


def critique(
    review: "Review", reviewer: str, *, dry_run: bool, output: Path | None, answers: Path | None, quiet: bool
) -> tuple[dict[str, Any], bool]:
    """Ask for a critique, write its requests, or read the answers to them; print it unless `quiet`.

    Returns it as JSON, and whether a stage has no answer.
    """
    from ..review.critique import ask_critique, plan_critique, read_critique, write_critique_requests

    plan = plan_critique(review, reviewer)
    if answers is not None:
        result = read_critique(review, reviewer, answers)
    elif output is not None:
        count = write_critique_requests(review, reviewer, output)
        if not quiet:
            print(f"{plan_line(plan)} They are in {say_path(output)}; have them answered, then `--answers FILE`.")
        return {"plan": plan.as_json(), "path": str(output), "requests": count}, False
    elif dry_run:
        if not quiet:
            print(f"{plan_line(plan)} Nothing was sent.")
        return {"dry_run": True, "plan": plan.as_json()}, False
    else:
        print(plan_line(plan), file=sys.stderr)
        result = ask_critique(review, reviewer)
    if not quiet:
        _show(result)
    return {"plan": plan.as_json(), **result.as_json()}, bool(result.failed)


def plan_line(plan: "CritiquePlan") -> str:
    """Say what a critique asks and costs."""
    price = "unknown (state `price:` in the protocol)" if plan.cost_usd is None else f"about {plan.cost_usd:,.4f} USD"
    return (
        f"Critique by {plan.reviewer}: {plan.calls} requests, one a stage, about {plan.input_tokens:,} input and "
        f"{plan.output_tokens:,} output tokens; price {price}."
    )


def _show(result: "CritiqueResult") -> None:
    price = "unknown" if result.cost_usd is None else f"{result.cost_usd:,.4f} USD"
    print(f"Suggestions by {result.reviewer} ({result.calls} calls, price {price}); a person decides on each:")
    for note in result.suggestions:
        print(f"- {note.sentence}")
    if not result.suggestions and not result.failed:
        print("- none")
    for why in result.left_out:
        print(f"left out: {why}")
    for stage, why in result.failed.items():
        print(f"{stage}: no critique: {why}")
