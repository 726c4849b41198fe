"""Choose thresholds of a reviewer from its stored judgements on gold `dev` (the rule: see `threshold_search`)."""

from collections.abc import Sequence
from dataclasses import replace

from ..core.errors import BadInput
from ..core.judgement import Decision, Judgement, Stage
from ..gold import load_gold, shown_records
from ..ledger import Ledger, Snapshot, reads
from ..ledger.tuned import tuning_counts
from ..metrics import Frame, ThresholdGuarantee, allowed_misses, positives_needed
from ..protocol import ChatSpec, Review, read_examples
from ..protocol.model import EnsembleSpec, Until
from .chosen_thresholds import ChosenThresholds, Kind, PromiseRequest
from .evaluate import Measure, against, measure
from .result import Evaluation
from .threshold_search import Case, can_choose, choose, largest_allowed, outcome, with_until


def choose_on_dev(
    ledger: Ledger, review: Review, stage: Stage, name: str, required: float, request: PromiseRequest | None = None
) -> ChosenThresholds:
    """Choose thresholds for the reviewer or ensemble `name`, from gold `dev` and stored judgements; nobody is asked.

    A reviewer by itself is taken as the first of a cascade in which the next member keeps what is left; one with graded answers
    decides alone, and what lies between is unclear. With `asked`
    they are chosen by learn-then-test and come with a promise, if the labels allow one; else with the reason why not.
    Raises `BadInput` where thresholds would change nothing or a judgement or gold-kept record is lacking altogether.
    """
    _check_asked(required, request)
    if not 0 < required <= 1:
        raise BadInput(f"--thresholds: a recall lies above 0 and is at most 1, such as 0.95; {required:g} does not")
    if load_gold(review, stage) is None:
        raise BadInput(
            f"{review.gold / f'{stage}.csv'}: there is no gold for this stage, so there is nothing to choose by"
        )
    spec, kind = _combination(review, stage, name)
    next_member = f"{name}_next"
    measured, remark = _labels(snapshot := Snapshot(ledger), review, stage)
    members = [member for member in spec.members if member != next_member or kind != "reviewer"]
    evaluations, taught = _evaluations(snapshot, review, measured, members)
    judgements_of: dict[str, dict[str, Judgement]] = {}
    for member, evaluation in evaluations.items():
        for pair in evaluation.pairs:
            judgements_of.setdefault(pair.record.id, {})[member] = pair.judged
    if kind == "reviewer":
        for judgements in judgements_of.values():
            judgements[next_member] = Judgement(decision=Decision.UNCLEAR)
    first = _remarked(evaluations[spec.members[0]], remark)
    needed = spec.members if spec.rule == "mean" else spec.members[:1]
    cases = tuple(
        Case(pair.record.id, pair.reference.decision.kept, judgements_of[pair.record.id], pair.weight, pair.stratum)
        for pair in first.pairs
        if all(member in judgements_of[pair.record.id] for member in needed)
    )
    decidable = {case.id for case in cases}
    missing = dict.fromkeys(first.missing) | dict.fromkeys(
        p.record.id for p in first.pairs if p.record.id not in decidable
    )
    if not any(case.kept for case in cases):
        raise BadInput(
            f"{name}: of the {len(cases):,} records of gold dev that it has judged, gold keeps none: no recall to require"
        )
    if not can_choose(spec, cases):
        raise BadInput(
            f"{name}: no probability of inclusion that a threshold could settle by; name a reviewer with one"
        )
    choice = ChosenThresholds(
        name, kind, spec, required, None, cases, outcome(spec, cases), first, tuple(missing),
        asked=request, taught=taught,
    )  # fmt: skip
    if request is not None:
        why_not = _why_no_promise(review, stage, choice, list(evaluations.values()), tuned=bool(remark))
        choice = replace(choice, no_promise=why_not) if why_not else _tested(ledger, review, stage, choice, request)
    until = choice.until if choice.method == "learn-then-test" else choose(spec, cases, required)
    chosen = until or Until(exclude_below=0, include_above=1)
    thresholded = with_until(spec, chosen.exclude_below, chosen.include_above)
    return replace(choice, spec=thresholded, until=until, outcome=outcome(thresholded, cases))


def _check_asked(required: float, request: PromiseRequest | None) -> None:
    if request is None:
        return
    if not 0 < request.confidence < 1:
        raise BadInput(f"--confidence: it lies between 0 and 1, such as 0.9; {request.confidence:g} does not")
    if request.looks < 1:
        raise BadInput(f"--looks: this choice counts too, so it is at least 1; {request.looks} is not")
    if required == 1:
        raise BadInput("--thresholds: a recall of 1 cannot be promised from any sample; ask for less, such as 0.95")


def _why_no_promise(
    review: Review, stage: Stage, choice: ChosenThresholds, members: Sequence[Evaluation], *, tuned: bool
) -> str:
    """Return why the labels may not feed a promise; empty if they may."""
    gold = choice.gold
    if tuned:
        return "the wording was tuned, and the labels of `check` have told which one to take"
    if gold.status == "provisional":
        return "the gold set is provisional: no human has confirmed its labels"
    if gold.drawn != "random":
        reasons = {
            "stratified": "gold.yaml says `drawn: stratified`: labels of unlike weight allow estimates, and no exact test",
            "chosen": "gold.yaml does not say `drawn: random`",
        }
        return f"{reasons[gold.drawn or 'chosen']}; only labels drawn at random, independently of any ranking, may feed one"
    if lacking := len(choice.missing) + len(gold.unplaced) + len(choice.outcome.gaps):
        return f"{lacking:,} labels of dev are without a judgement or a record, so those left are no random sample"
    if gold.contradictory:
        return (
            f"{len(gold.contradictory):,} labels of dev are left out because their records were merged with others that "
            f"have another label ({', '.join(gold.contradictory)}), so those left are no random sample"
        )
    if any(member.fitted for member in members):
        return "the reviewer was fitted to labels (`--fit`), those of dev among them"
    examples = read_examples(review, review.stage(stage))
    labels = load_gold(review, stage)
    if labels is not None and (examples_shown := shown_records(labels, examples, "dev")):
        return f"the prompt shows labels of dev as examples ({', '.join(examples_shown.values())})"
    return ""


def _tested(
    ledger: Ledger, review: Review, stage: Stage, choice: ChosenThresholds, request: PromiseRequest
) -> ChosenThresholds:
    """Return the choice by learn-then-test, with its promise or the reason why none can be made."""
    gold, spec = load_gold(review, stage), choice.spec
    lock = gold.lock if gold else None
    with ledger.read() as connection:
        judged = reads.judged_ids(connection, stage, spec.members[0])
        # What came after the labels were drawn could not be drawn, so nothing is promised of it.
        imported_later = judged & reads.imported_after(connection, stage, lock.drawn_at) if lock else frozenset[str]()
    taught = judged & choice.taught
    size = len(judged - imported_later - taught)
    labelled, positives = len(choice.cases), choice.kept
    allowed = allowed_misses(
        positives, choice.required, confidence=request.confidence, looks=request.looks, labelled=labelled, size=size
    )
    tested = replace(choice, method="learn-then-test")
    if allowed is None:
        fewest = positives_needed(choice.required, confidence=request.confidence, looks=request.looks)
        needed = f"at least {fewest} are needed" if positives < fewest else "more are needed"
        return replace(tested, no_promise=(
            f"{positives} labels that gold keeps are too few to promise recall {choice.required:g} for the "
            f"{size - labelled:,} other records judged by {spec.members[0]}, even with none lost; {needed}"
        ))  # fmt: skip
    largest = largest_allowed(spec, choice.cases, allowed)
    if largest is None:
        return replace(tested, no_promise=(
            f"more than the {allowed} of {positives} kept labels that may be lost are lost whatever lies below"
        ))  # fmt: skip
    until, lost = largest
    frame_name = (
        f"the records judged by {spec.members[0]}"
        + (f", but for {len(imported_later):,} that came after the draw" if imported_later else "")
        + (f", but for {len(taught):,} whose labels taught its calibration" if taught else "")
    )
    frame = Frame(frame_name, size, choice.gold.drawn or "chosen")
    promise = ThresholdGuarantee(
        frame,
        request.confidence,
        request.looks,
        choice.required,
        until.exclude_below,
        positives,
        lost,
        allowed,
        labelled,
    )
    return replace(tested, until=until, promise=promise)


def _combination(review: Review, stage: Stage, name: str) -> tuple[EnsembleSpec, Kind]:
    spec = review.reviewer(name)
    until = Until(exclude_below=0, include_above=1)
    if isinstance(spec, ChatSpec) and spec.answers == "graded":
        own = spec.until.get(stage, until)
        return EnsembleSpec(kind="ensemble", members=(name,), rule="mean", until=own), "graded"
    if not isinstance(spec, EnsembleSpec):
        return EnsembleSpec(kind="ensemble", members=(name, f"{name}_next"), until=until), "reviewer"
    if spec.until is None:
        raise BadInput(f"{name}: the rule {spec.rule} has no thresholds; a cascade or the rule mean has")
    if spec.rule is None and len(spec.members) == 1:
        raise BadInput(
            f"{name}: the last member of a cascade decides whatever the thresholds, and this one has no other"
        )
    return spec, "mean" if spec.rule == "mean" else "cascade"


def _labels(snapshot: Snapshot, review: Review, stage: Stage) -> tuple[Measure, str]:
    """Return the labels to choose by, with what is to be said of them: where wording was tuned, those of `check` alone."""
    measured = measure(snapshot, review, stage, "dev")
    if not tuning_counts(snapshot.specifications, stage).variants:
        return measured, ""
    check = measured.of_part("check")
    return check, (
        f"chosen on the {len(check.labels):,} labels of `check` alone: the wording was tuned on the other "
        f"{len(measured.labels) - len(check.labels):,} of dev"
    )


def _remarked(evaluation: Evaluation, remark: str) -> Evaluation:
    return replace(evaluation, remarks=(*evaluation.remarks, remark)) if remark else evaluation


def _evaluations(
    snapshot: Snapshot, review: Review, measured: Measure, members: Sequence[str]
) -> tuple[dict[str, Evaluation], frozenset[str]]:
    """Return the members on gold dev without the records whose labels taught the calibration of one; and these."""
    evaluations = {member: _on_dev(snapshot, review, measured, member) for member in members}
    taught = frozenset(name for evaluation in evaluations.values() for name in evaluation.taught)
    return {
        member: replace(evaluation, pairs=tuple(pair for pair in evaluation.pairs if pair.record.id not in taught))
        for member, evaluation in evaluations.items()
    }, taught


def _on_dev(snapshot: Snapshot, review: Review, measured: Measure, name: str) -> Evaluation:
    try:
        return against(snapshot, review, measured, name, shown=0)
    except BadInput:
        # Gold and reviewer were looked up before: what is left to fail is that it has judged nothing.
        stage = measured.gold.stage
        raise BadInput(
            f"{name} has judged nothing at {stage.label.lower()} under the present protocol; "
            f"run `screener run --stage {stage} --reviewer {name}` first"
        ) from None
