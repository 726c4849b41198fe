"""What `screener evaluate` has to say of a reviewer, and of two of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .page import TextPage, interval, names, number

if TYPE_CHECKING:
    from ..evaluation import (
        Estimate,
        Evaluation,
        Figures,
        Goal,
        InterRaterAgreement,
        JudgedPair,
        ReviewerComparison,
        ReviewerQuality,
    )

PROVISIONAL = (
    "PROVISIONAL GOLD: no human has confirmed these labels. The figures below are regression marks, not evidence."
)
_MAIN = ("recall", "specificity", "precision", "f2", "kappa")
_AGREEMENT = ("raw", "positive", "negative", "kappa", "pabak", "ac1")
DRAWN = {
    "chosen": "Labels drawn: chosen (gold.yaml does not say `random`); descriptive of these records, no estimate for others.",
    "random": "Labels drawn: at random, as gold.yaml says; the figures estimate those of all records they were drawn from.",
    "stratified": "Labels drawn: at random within strata; each counts 1/chance, intervals are bootstraps within strata.",
}


def evaluation_page(
    result: "Evaluation",
    by: str | None = None,
    humans: "InterRaterAgreement | None" = None,
    *,
    only: str | None = None,
    limit: int | None = None,
    quality: "tuple[Goal, ReviewerQuality] | None" = None,
) -> TextPage:
    """Return a reviewer against gold or another reviewer: all figures, then every wrongly decided record by name.

    Of these the first `limit`, and `only` those `missed` or those `kept`.
    """
    against = f"{result.reference}, split {result.split}" if result.split else result.reference
    page = TextPage(
        f"{result.reviewer} against {against}: {result.stage.label.lower()}, labels of level {result.level}"
    )
    mark = _mark(result.status)
    if mark:
        page.line(PROVISIONAL)
    if result.drawn is not None:
        page.line(DRAWN[result.drawn])
    else:
        page.line(
            f"The records that {result.reference} has judged are no random sample: descriptive of these records, no "
            "estimate for others."
        )
    for remark in result.remarks:
        page.line(remark)
    if result.machine:
        return _with_machine(page, result, by or only, limit)
    _table_of(
        page,
        f"{mark}unclear counts as not excluded on both sides; 95 % intervals: {_interval_method(result.weighted)}",
        "records",
        {"all": result.overall, **result.groups},
    )
    _lines(page, result)
    if quality is not None:
        quality_lines(page, *quality)
    if by is not None:
        title = f"{mark}by {by}, worst recall first; not defined: the reference excludes the whole group"
        _table_of(page, title, by, result.by(by))
    _agreement(page, result, mark)
    _calibration(page, result, mark)
    if humans is not None:
        humans_table(page, humans)
    _wrong(page, result.wrong_of(only), len(result.pairs), only, limit)
    return page


def _with_machine(page: TextPage, result: "Evaluation", part: str | None, limit: int | None) -> TextPage:
    """Return the page of an agreement with a machine: how far the two decide alike, and where not; none of them is right."""
    differ = result.wrong_of(part)
    _agreement(page, result, "")
    if not result.pairs:
        page.line("No record was judged by both.")
    elif not differ:
        page.line("They exclude the same records.")
    else:
        page.line(f"\n{len(differ):,} of {len(result.pairs):,} records are excluded by only one of them:")
    for pair in differ[:limit]:
        sides = ((result.reviewer, pair.judged), (result.reference, pair.reference))
        said = (
            f"{name} {judged.decision}{f' ({failed})' if (failed := judged.failed()) else ''}" for name, judged in sides
        )
        page.entry(f"{pair.record.id}  {'; '.join(said)}", pair.record.shown_title[:150])
    if limit is not None and len(differ) > limit:
        page.line(f"… and {len(differ) - limit:,} more.")
    return page


def _interval_method(weighted: bool) -> str:
    return "bootstrap in strata" if weighted else "Wilson; F2 bootstrap; κ closed form"


def _mark(status: str) -> str:
    return "provisional gold; " if status == "provisional" else ""


def _table_of(page: TextPage, title: str, first_column: str, parts: "Mapping[str, Figures]") -> None:
    columns = (first_column, "n", "eligible in reference", "missed", "recall", "specificity", "precision", "F2", "κ")
    rows = [
        (
            name,
            f"{part.n:,}",
            f"{part.relevant:,}",
            f"{int(part.confusion.fn):,}",
            *(interval(part.estimates[key]) for key in _MAIN),
        )
        for name, part in parts.items()
    ]
    page.table(title, columns, rows, right=(1, 2, 3))


def _lines(page: TextPage, result: "Evaluation") -> None:
    whole = result.overall
    page.line(
        f"Not excluded {whole.kept:,} of {whole.n:,}; answered unclear {whole.unclear:,}; "
        f"recall by include alone {_with_count(result.recall_auto)}."
    )
    estimates = {name: whole.estimates.get(name) for name in ("f1", "npv", "mcc", "wmcc")}
    page.line(
        f"F1 {interval(estimates['f1'])}; NPV {_with_count(estimates['npv'])}; MCC {interval(estimates['mcc'])}; "
        f"MCC with a missed study weighted 10 {interval(estimates['wmcc'])}."
    )
    if whole.ranking:
        parts = {"all": whole, **result.groups}
        aurocs = [f"{name} {interval(part.ranking['auroc'])}" for name, part in parts.items() if part.ranking]
        page.line(f"AUROC of its probabilities: {'; '.join(aurocs)}.")
        ranks = {"WSS@95": "wss95", "TNR@95": "tnr95", "average precision": "average_precision"}
        page.line(
            f"Of the ranking: {'; '.join(f'{label} {interval(whole.ranking[key])}' for label, key in ranks.items())}."
        )
    if (studies := result.by_study) is not None:
        page.line(
            f"Resampled by study ({len(result.study_of):,} records share a study): recall "
            f"{interval(studies.estimates['recall'])}; specificity {interval(studies.estimates['specificity'])}."
        )
    if (part := result.against_final) is not None:
        page.line(
            f"Against final inclusion (n {part.n:,}, included {part.relevant:,}): recall {interval(part.estimates['recall'])}."
        )
    if (steady := result.stability) is not None:
        flips = ", ".join(f"{name} {count:,}" for name, count in steady.by_criterion.items() if count)
        page.line(
            f"Asked {steady.repeats} times over {steady.n:,} records: {len(steady.records):,} decisions changed"
            f"{f' ({flips} by criterion)' if flips else ''}."
        )
    if result.missing:
        page.line(
            f"{len(result.missing):,} records of the reference are not judged and left out: {names(result.missing)}"
        )
    if result.unplaced:
        page.line(f"{len(result.unplaced):,} labels match no record and are left out: {names(result.unplaced)}")


def quality_lines(page: TextPage, goal: "Goal", quality: "ReviewerQuality") -> None:
    """Say the worst group, and the lower bound of recall against the recall that is asked for."""
    from ..evaluation.quality_words import bound_words, goal_words, verdict_words, worst_words

    said, against = quality.as_json(), goal.as_json()
    verdict = verdict_words(said["bound"], against)
    page.line(f"Worst group: {worst_words(said)}.")
    page.line(
        f"Lower bound of recall {bound_words(said['bound'])}. {goal_words(against)} "
        f"{verdict[0].upper()}{verdict[1:]}. What is missing: --quality."
    )


def _with_count(share: "Estimate | None") -> str:
    """Return a proportion with its interval and of how many records it is."""
    if share is None or share.value is None or share.n is None:
        return interval(share)
    return f"{interval(share)} of {share.n:,.0f}"


def _agreement(page: TextPage, result: "Evaluation", mark: str) -> None:
    if not result.agreement:
        return
    rows: list[tuple[str, int, Mapping[str, Estimate]]] = [("decision", result.overall.n, result.agreement)]
    rows += [(name, figures.n, figures.estimates) for name, figures in result.per_criterion.items() if figures.n]
    page.table(
        f"{mark}agreement with {result.reference}: excluded or not, and by criterion `no` against the rest",
        ("", "n", "raw", "positive", "negative", "κ", "PABAK", "AC1"),
        [(name, f"{n:,}", *(interval(estimates.get(key)) for key in _AGREEMENT)) for name, n, estimates in rows],
        right=(1,),
    )
    weighted = [interval(result.agreement.get(key)) for key in ("kappa_linear", "kappa_quadratic")]
    not_asked = {name: figures.not_asked for name, figures in result.per_criterion.items() if figures.not_asked}
    if not_asked:
        page.line(f"Not asked of one of the two, and left out: {counts_of(not_asked)}.")
    if silent := {name: figures.silent for name, figures in result.per_criterion.items() if figures.silent}:
        page.line(f"Answered by {result.reviewer} from the text's silence: {counts_of(silent)}.")
    page.line(f"Weighted κ of exclude, unclear, include: linear {weighted[0]}; quadratic {weighted[1]}.")


def counts_of(records: "Mapping[str, int]") -> str:
    """Return how many records there are for each name: `adaptation 12, effect 1,003`."""
    return ", ".join(f"{name} {n:,}" for name, n in records.items())


def _calibration(page: TextPage, result: "Evaluation", mark: str) -> None:
    if (calibration := result.calibration) is None:
        return
    page.table(
        f"{mark}calibration: Brier {interval(calibration.brier)}, expected calibration error {interval(calibration.ece)} "
        "(10 bins of equal width; basic bootstrap)",
        ("probability", "records, weighted" if result.weighted else "records", "mean", "eligible in reference"),
        [
            (f"{b.low:.1f}–{b.high:.1f}", f"{b.n:,.0f}", f"{b.predicted:.2f}", interval(b.observed))
            for b in calibration.bins
        ],
        right=(1, 2),
    )


def humans_table(page: TextPage, humans: "InterRaterAgreement") -> None:
    """Inter-rater agreement on the decision and by criterion."""
    questions = {"decision": humans.decision, **humans.by_criterion}
    two = len(humans.reviewers) == 2
    two_person_figures = {"raw": "raw", "kappa": "κ", "pabak": "PABAK", "ac1": "AC1"} if two else {}
    for name, n in humans.called.items():
        page.line(
            f"{name}: {n:,} judgements of records on which the others differ are left out: who settles a dispute is no rater"
        )
    if humans.called:
        page.line(
            f"Over all ratings Fleiss' κ is not defined and α misleads: how many there are depends on the answers. The figures are "
            f"those of {', '.join(humans.reviewers)} alone."
        )
    page.table(
        f"inter-rater agreement: {', '.join(humans.reviewers)}; {humans.records:,} records rated by two or more",
        ("", "n", "Krippendorff's α", "Fleiss' κ", *two_person_figures.values()),
        [
            (
                name,
                f"{agreement.n:,}",
                *(interval(agreement.estimates.get(key)) for key in ("alpha", "fleiss", *two_person_figures)),
            )
            for name, agreement in questions.items()
        ],
        right=(1,),
    )
    if not_asked := {name: agreement.not_asked for name, agreement in questions.items() if agreement.not_asked}:
        page.line(f"Not asked of one or more of them, and left out: {counts_of(not_asked)}.")


def _wrong(page: TextPage, wrong: "Sequence[JudgedPair]", compared: int, only: str | None, limit: int | None) -> None:
    what = {"missed": "missed records", "kept": "records not excluded that should be"}.get(
        only or "", "wrong decisions"
    )
    if not compared:
        page.line("No record was judged by both.")
        return
    if not wrong:
        page.line(f"No {what}.")
        return
    page.line(f"\n{len(wrong)} {what}:")
    for pair in wrong[:limit]:
        judged, failed = pair.judged, pair.judged.failed()
        kind = "not excluded, should be" if judged.decision.kept else "MISSED: excluded, but eligible"
        should = pair.reference.failed()
        details = [pair.record.shown_title[:150]]
        if judged.decision.kept:
            answer = judged.answers.get(should or "")
            details.append(f"reference: {should} = no" if should else f"reference: {pair.reference.decision}")
        else:
            answer = judged.answers.get(failed or "")
            details.append(f"failed: {failed}" if failed else "no criterion named")
        if answer is not None:
            details.append(f"answered {answer.value}: {answer.reason}")
            details += [f"“{quote.quote[:200]}” ({quote.document}, {quote.status})" for quote in answer.evidence[:1]]
        page.entry(f"{pair.record.id}  {kind}  (probability {number(judged.probability)})", *details)
    if limit is not None and len(wrong) > limit:
        page.line(f"… and {len(wrong) - limit:,} more.")


def comparison_page(result: "ReviewerComparison") -> TextPage:
    """Return two reviewers over the same gold records: figures, differences, tests, and who is right where they differ."""
    page = TextPage(
        f"{result.first} and {result.second} against gold, split {result.split}: {result.stage.label.lower()}, "
        f"labels of level {result.level}, {len(result.pairs):,} records judged by both"
    )
    mark = _mark(result.status)
    if mark:
        page.line(PROVISIONAL)
    if result.drawn is not None:
        page.line(DRAWN[result.drawn])
    for remark in result.remarks:
        page.line(remark)
    title = f"{mark}unclear counts as not excluded on both sides; 95 % intervals: {_interval_method(result.weighted)}"
    _table_of(page, title, "reviewer", result.figures)
    unweighted = ", unweighted" if result.weighted else ""
    figure_names = {"recall": "recall", "specificity": "specificity", "precision": "precision", "f2": "F2", "mcc": "MCC",
            "wmcc": "MCC, a missed study weighted 10"}  # fmt: skip
    rows = []
    for key, name in figure_names.items():
        test = result.tests.get(key)
        tested = (f"{test.first_only:,}", f"{test.second_only:,}", _p(test.p)) if test else ("", "", "")
        rows.append((name, _signed(result.differences[key]), *tested))
    page.table(
        f"{mark}{result.first} minus {result.second}: 95 % by paired bootstrap, by score where none differs; exact McNemar test, two-sided{unweighted}",
        ("figure", "difference", f"only {result.first} right", f"only {result.second} right", "p"),
        rows,
        right=(2, 3, 4),
    )
    for name, missing in result.missing.items():
        if missing:
            page.line(f"{len(missing):,} gold records are not judged by {name} and left out: {names(missing)}")
    disagreements = result.disagreements
    if not disagreements:
        page.line("They exclude the same records.")
        return page
    right = sum(disagreement.right == result.first for disagreement in disagreements)
    page.line(
        f"\n{len(disagreements):,} records are excluded by only one of them; {mark.replace('; ', ' ') or 'gold '}"
        f"agrees with {result.first} on {right:,}, with {result.second} on {len(disagreements) - right:,}:"
    )
    for disagreement in disagreements:
        page.entry(
            f"{disagreement.pair.record.id}  {disagreement.right} is right  (reference {disagreement.pair.reference.decision}; {result.first} "
            f"{disagreement.pair.judged.decision}, {result.second} {disagreement.other.decision})",
            disagreement.pair.record.shown_title[:150],
        )
    return page


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _signed(estimate: "Estimate") -> str:
    if estimate.value is None:
        return "not defined"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:+.2f}"
    if estimate.flat:  # as everywhere: no difference in these records is no proof that there is none
        return f"{estimate.value:+.2f} (no spread)"
    return f"{estimate.value:+.2f} ({estimate.low:+.2f} to {estimate.high:+.2f})"
