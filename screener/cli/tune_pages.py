"""What `screener tune` has to say: errors by criterion, a variant beside the present wording, and all variants."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .common import counted
from .evaluate_pages import PROVISIONAL
from .page import TextPage, interval

if TYPE_CHECKING:
    from ..evaluation import CausedError, CriterionErrors, ReviewerComparison, TuningAnalysis
    from ..review.trying import ListedVariant, TriedVariant

_SHOWN = 240
"""Characters of a reason or quote that are shown."""
_CHANGES = 10
"""Records that are shown of those that a variant decides otherwise."""


def errors_page(analysis: "TuningAnalysis", limit: int, *, chat: bool) -> TextPage:
    """Return the errors on `tune`, what to reword first in front, each kind with its first `limit` records.

    `chat` says that the reviewer's own model can be asked for other wording.
    """
    evaluation, found = analysis.evaluation, analysis.figures
    page = TextPage(
        f"{evaluation.reviewer} against gold dev, part tune: {evaluation.stage.label.lower()}, labels of level {evaluation.level}"
    )
    if evaluation.status == "provisional":
        page.line(PROVISIONAL)
    page.line(
        f"{found.n:,} records of `tune`; the {analysis.check:,} of `check` are left to tell whether other wording helps. "
        f"{int(found.confusion.fn):,} missed, {int(found.confusion.fp):,} kept that should not be; recall "
        f"{interval(found.estimates['recall'])}, specificity {interval(found.estimates['specificity'])}; unclear {found.unclear:,}."
    )
    included, lost = analysis.finally_included
    if included:
        page.line(f"Of {included:,} known to be included in the end {lost:,} are missed.")
    for remark in evaluation.remarks:
        page.line(remark)
    if evaluation.missing:
        page.line(f"{len(evaluation.missing):,} of `tune` are not judged by the present wording and left out.")
    page.table(
        "criteria, what to reword first in front; `differs`: people and reviewer answer otherwise, of those both were asked",
        ("criterion", "missed alone", "with others", "let through", "differs", "κ", "unclear", "silent", "not asked"),
        [_row(criterion) for criterion in analysis.criteria],
        right=(1, 2, 3, 4, 6, 7, 8),
    )
    for criterion in analysis.criteria:
        _criterion(page, criterion, limit)
    _of_no_criterion(page, analysis, limit)
    _next(page, analysis, chat=chat)
    return page


def _of_no_criterion(page: TextPage, analysis: "TuningAnalysis", limit: int) -> None:
    """List the errors that belong to no criterion: what no answer excluded, and what was kept for a reason nobody named."""
    from ..core.judgement import Value
    from ..evaluation import excluded_by

    if analysis.not_by_wording:
        page.entry(
            f"{len(analysis.not_by_wording):,} missed by no answer to a question, so that no other wording keeps them",
            *(
                f"{pair.record.id} {_cut(pair.record.shown_title, 100)}: {_cut(excluded_by(pair), _SHOWN)}"
                for pair in analysis.not_by_wording[:limit]
            ),
            *([f"{more:,} more (--limit)"] if (more := len(analysis.not_by_wording) - limit) > 0 else []),
        )
    if analysis.unattributed:
        page.line(
            f"{len(analysis.unattributed):,} records were kept that should not be, and nobody has said which criterion they do "
            "not meet: gold by criterion (columns named after the criteria) would."
        )
        page.table(
            "answers to these records",
            ("criterion", "yes", "unclear"),
            [(c.criterion.id, f"{c.maybe[Value.YES]:,}", f"{c.maybe[Value.UNCLEAR]:,}") for c in analysis.criteria],
            right=(1, 2),
        )
        page.entry(
            "kept that should not be",
            *(f"{pair.record.id} {_cut(pair.record.shown_title, 100)}" for pair in analysis.unattributed[:limit]),
            *([f"{more:,} more (--limit)"] if (more := len(analysis.unattributed) - limit) > 0 else []),
        )


def _row(criterion: "CriterionErrors") -> tuple[str, ...]:
    agreement = criterion.agreement
    kappa = agreement.estimates.get("kappa")
    return (
        criterion.criterion.id,
        f"{len(criterion.missed):,}",
        f"{len(criterion.missed_with_others):,}",
        f"{len(criterion.let_through):,}",
        f"{agreement.n - agreement.same_answer:,} of {agreement.n:,}" if agreement.n else "no labels",
        interval(kappa) if agreement.n else "",
        f"{criterion.unclear:,} of {criterion.asked:,}",
        f"{criterion.silent:,}",
        f"{criterion.not_asked:,}",
    )


def _criterion(page: TextPage, criterion: "CriterionErrors", limit: int) -> None:
    if not (
        criterion.missed
        or criterion.missed_with_others
        or criterion.let_through
        or criterion.hints
        or criterion.differs
    ):
        return
    differs = "; ".join(f"people {people}, {given} here: {n:,}" for (people, given), n in criterion.differs.items())
    page.entry(
        f"{criterion.criterion.id}: {criterion.criterion.question}",
        *(f"→ {hint}" for hint in criterion.hints),
        *([f"differs: {differs}"] if differs else []),
        *_errors("missed by it alone", criterion.missed, limit),
        *_errors("missed with others", criterion.missed_with_others, limit),
        *_errors("let through", criterion.let_through, limit),
    )


def _errors(kind: str, errors: Sequence["CausedError"], limit: int) -> Iterable[str]:
    for error in errors[:limit]:
        final = " (finally included)" if error.finally_included else ""
        yield f"{kind}{final}: {error.record.id} {_cut(error.record.shown_title, 100)}"
        told = [error.given, error.answer.reason, *(f"“{piece.quote}”" for piece in error.answer.evidence)]
        yield "    " + _cut("; ".join(filter(None, told)), _SHOWN)
    if len(errors) > limit:
        yield f"{kind}: {len(errors) - limit:,} more (--limit, --json)"


def _cut(text: str, most: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[:most].rstrip()} …"


def _next(page: TextPage, analysis: "TuningAnalysis", *, chat: bool) -> None:
    if not (analysis.figures.confusion.fn or analysis.figures.confusion.fp):
        page.line("No error on `tune`: nothing speaks for other wording.")
        return
    evaluation = analysis.evaluation
    propose = (
        f"`screener tune propose --stage {evaluation.stage} --reviewer {evaluation.reviewer} --dry-run`, or "
        if chat
        else ""
    )
    page.line(f"Next: {propose}write other wording into prompts/variants/NAME.yaml; then `screener tune try NAME`.")


def tried_page(tried: "TriedVariant") -> TextPage:
    """Return a variant beside the present wording, on `tune` and, which counts, on `check`."""
    assert tried.wording is not None
    page = TextPage(f"{tried.name} by {tried.reviewer} on gold dev: {tried.stage.label.lower()}")
    if tried.wording.check.status == "provisional":
        page.line(PROVISIONAL)
    spent = "unknown" if tried.asked["cost_usd"] is None else f"{tried.asked['cost_usd']:,.4f} USD"
    page.line(
        f"{tried.asked['calls']:,} requests sent, {tried.asked['tokens']:,} tokens, {spent}; judged by stored answers otherwise. "
        "None of it counts as the reviewer's own judgement."
    )
    if tried.asked["stopped"]:
        page.line(f"Stopped: {tried.asked['stopped']}; the figures are of what was judged. The same command goes on.")
    if tried.failed:
        page.line(f"{len(tried.failed):,} records failed and are left out: {tried.failed[0]['reason']}")
    for remark in dict.fromkeys((*tried.wording.tune.remarks, *tried.wording.check.remarks)):
        page.line(remark)
    _figures(page, "part tune, which the wording was made from: flattering", tried.wording.tune)
    _figures(page, "part check, which nothing was made from", tried.wording.check)
    _gain(page, tried.wording.check)
    _changed(page, tried)
    page.line(
        f"So far {counted(tried.counts.variants, 'variant')} in {counted(tried.counts.rounds, 'round')} at this stage; `check` tells "
        f"less with each, and the report says how many. Next: `screener tune accept {tried.name} --note WHY`, or leave it."
    )
    return page


def _figures(page: TextPage, title: str, compared: "ReviewerComparison") -> None:
    from ..evaluation import final_misses

    rows = []
    for name, part in reversed(compared.figures.items()):
        cells = part.confusion
        rows.append(
            (name, f"{part.n:,}", f"{part.relevant:,}", f"{int(cells.fn):,}", f"{int(cells.fp):,}", f"{part.unclear:,}",
             interval(part.estimates["recall"]), interval(part.estimates["specificity"]))
        )  # fmt: skip
    columns = ("", "n", "eligible", "missed", "kept wrongly", "unclear", "recall", "specificity")
    page.table(title, columns, rows, right=(1, 2, 3, 4, 5))
    included, lost = final_misses(compared)
    if included:
        told = "; ".join(f"{name} {n:,}" for name, n in reversed(lost.items()))
        page.line(f"Missed of {included:,} known to be included in the end: {told}.")
    for name, ids in compared.missing.items():
        if ids:
            page.line(f"{len(ids):,} records are not judged by {name} and left out.")


def _gain(page: TextPage, compared: "ReviewerComparison") -> None:
    differences = compared.as_json()["differences"]
    for name in ("recall", "specificity"):
        test, difference = compared.tests[name], differences[name]
        page.line(
            f"{name} on check: {_signed(difference)}; {test.first_only:,} only the variant has right, {test.second_only:,} only "
            f"the present wording (exact McNemar p = {test.p:.2g})."
        )


def _changed(page: TextPage, tried: "TriedVariant") -> None:
    """List what changes on `tune`; which records those of `check` are is not told, so that nobody words for them."""
    assert tried.wording is not None
    changes = tried.wording.tune.disagreements
    for change in changes[:_CHANGES]:
        pair = change.pair
        right = "variant" if change.right == tried.name else "present wording"
        page.entry(
            f"tune: {pair.record.id} {_cut(pair.record.shown_title, 100)}",
            f"gold {pair.reference.decision}; {tried.name} {pair.judged.decision}, present wording {change.other.decision}: the "
            f"{right} is right",
        )
    if len(changes) > _CHANGES:
        page.line(f"{len(changes) - _CHANGES:,} more of `tune` are decided otherwise (--json).")


def _signed(difference: Mapping[str, float | None]) -> str:
    value, low, high = (difference[name] for name in ("value", "low", "high"))
    if value is None:
        return "not defined"
    return f"{value:+.2f}" if low is None or high is None else f"{value:+.2f} ({low:+.2f} to {high:+.2f})"


def variants_page(listed: Sequence["ListedVariant"], *, provisional: bool) -> TextPage:
    """Return all variants with what they change, and their figures as far as there are any, against `provisional` gold or not."""
    page = TextPage("Variants of the wording")
    if provisional:
        page.line(PROVISIONAL)
    page.table(
        "recall and specificity on `check`, less those of the present wording",
        ("variant", "stage", "changes", "state", "recall", "specificity"),
        [_variant_row(variant) for variant in listed],
        right=(4, 5),
    )
    for variant in listed:
        if variant.problem:
            page.line(f"{variant.name}: {variant.problem}")
    return page


def _variant_row(variant: "ListedVariant") -> tuple[str, ...]:
    if variant.problem:
        state = "faulty" if variant.stage is None else "cannot be compared"
    elif variant.accepted:
        state = "accepted"
    else:
        tried = "tried" if variant.tried else "not tried"
        state = f"{variant.open_requests:,} requests open" if variant.open_requests else tried
    check = variant.as_json()["check"]
    figures = (_signed(check["differences"][name]) if check else "" for name in ("recall", "specificity"))
    return (variant.name, variant.stage or "", ", ".join(variant.changes), state, *figures)
