"""What decisions of every stage stand on: how many there are, conflicts, quotes, what has become stale, errors."""

from collections.abc import Iterator

from ..core.judgement import Stage
from ..reporting import wording as w
from .results import Results
from .status import StageStatus
from .trust_line import TrustLine


def decisions(stage: Stage, status: StageStatus, unit: str = "records") -> TrustLine:
    """Return how many records are decided for good."""
    total, final = status.records, status.counts["final"]
    if final == total:
        return TrustLine("Decisions", "holds", f"{final:,} of {total:,} {unit} are decided.")
    waiting = total - final
    says = f"{final:,} of {total:,} {unit} are decided; {waiting:,} wait for people."
    # That later stages are not done yet makes the decisions of earlier ones no less firm.
    weight = 50 + 35 * waiting / total if stage is Stage.ABSTRACT else 45
    if status.reports is not None and status.reports["sought"] >= waiting:
        return TrustLine(
            "Decisions",
            "missing",
            f"{says} Their full texts are still sought.",
            "Get them",
            "full-texts",
            weight=weight,
        )
    return TrustLine("Decisions", "missing", says, "Judge them", stage.value, weight=weight)


def conflicts(stage: Stage, status: StageStatus, of: int, unit: str = "records") -> TrustLine:
    """Return how many conflicts are open, of the records that several judged."""
    count = status.counts["conflict"]
    if not count:
        return TrustLine("Conflicts", "holds", f"None open, of {of:,} {unit} that two or more judged.", tells=True)
    says = f"{count:,} open, of {of:,} {unit} that two or more judged."
    return TrustLine(
        "Conflicts", "missing", says, "Resolve them", "conflicts", f"?stage={stage}", weight=58, tells=True
    )


def quotes(results: Results, stage: Stage, machine: str) -> Iterator[TrustLine]:
    """Yield how many of the machine's quotes were found in their sources; nothing where it gave none."""
    share = results.quotes.get(stage)
    if share is None or not share.n:
        return
    found = round((share.value or 0) * share.n)
    low = f" ({share.low:.2f}–{share.high:.2f})" if share.low is not None and share.high is not None else ""
    says = f"{found:,} of {share.n:,.0f} quotes of {machine} were found in their sources: {share.value or 0:.2f}{low}."
    if found == share.n:
        yield TrustLine("Quotes", "holds", says, tells=True)
    else:
        says += " An answer whose quote was not found needs a person’s look."
        yield TrustLine("Quotes", "fails", says, "See the records", "records", f"?stage={stage}", weight=30, tells=True)


def stale(stage: Stage, status: StageStatus, unit: str = "records") -> Iterator[TrustLine]:
    """Yield what was judged under other words of the protocol, or on another text."""
    change, moved = status.unrecorded_change, len(status.on_other_text)
    if change is not None:
        by = [*(f"{count:,} by {who}" for who, count in change.people.items())]
        by += [f"{change.machine:,} by the machine"] if change.machine else []
        says = f"The criteria have changed since: {', '.join(by) or 'judgements'} were made under earlier ones, and no reason is recorded."
        yield TrustLine(
            "Stale judgements", "fails", says, "Record the change", "overview", f"#amend-{stage}", weight=72
        )
    if moved:
        says = f"{moved:,} of {status.records:,} {unit} were judged on another text than they have now."
        if without := len(status.without_abstract):
            says += f" Of {without:,} the abstract came later."
        yield TrustLine("Stale judgements", "fails", says, "Look at them again", stage.value, weight=55)
    if change is None and not moved:
        yield TrustLine(
            "Stale judgements",
            "holds",
            f"None, of {w.plural(status.records, unit.removesuffix('s') if unit == 'records' else 'study', unit)}.",
        )


def errors(stage: Stage, status: StageStatus) -> Iterator[TrustLine]:
    """Yield the records on which the machine failed; nothing where there are none."""
    if count := status.counts["error"]:
        says = f"{count:,} of {status.records:,} have no judgement of the machine: the call failed."
        yield TrustLine(
            "Errors",
            "fails",
            says,
            "Run it again",
            "run",
            f"?stage={stage}",
            command=f"screener run --stage {stage} --retry-errors",
            weight=56,
        )
