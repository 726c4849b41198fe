"""Thresholds of a cascade or a mean, chosen from gold `dev` for a required recall.

The rule has two steps. `exclude_below` is the largest at which enough of the records that gold keeps are still kept,
with `include_above` at 1 (or at the protocol's present value, where the judgements that 1 needs are missing). A record
that is settled below it counts as excluded here, also where the member's own decision, which a cascade takes, is
`unclear`. So what is lost can only grow with `exclude_below`: there is one largest value, and values may be tested in
order from below. `include_above` is then the smallest from which at least `INCLUDE_PRECISION` of what is settled there
is kept in gold, as long as the recall still holds.

The figures of a choice are the combination's own decisions at the numbers as printed, from stored judgements. They are
of the labels that chose (`method` is `empirical`): they promise nothing of other records.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import accumulate
from typing import Any, Literal

from .errors import BadInput
from .evaluation import Evaluation, evaluate, limits
from .gold import REVIEWER, load_gold
from .judgement import Decision, Judgement, Stage
from .ledger.store import Ledger
from .metrics import Estimate, wilson
from .protocol import CombineSpec, Review, Until
from .reviewers.combine import combine, settles

INCLUDE_PRECISION = 0.95
"""The least share of gold-kept records among those that `include_above` settles."""
DIGITS = (2, 12)
"""The fewest and the most digits after the point of a threshold."""

Kind = Literal["reviewer", "cascade", "mean"]


@dataclass(frozen=True)
class Case:
    """A gold record: whether gold keeps it (include or unclear), and what the members said of it, by name."""

    id: str
    kept: bool
    said: Mapping[str, Judgement]


@dataclass(frozen=True)
class _Path:
    """The way of a case through the members: what each may settle by probability, and what becomes of the rest."""

    kept: bool
    steps: tuple[tuple[float | None, Decision], ...]
    rest: Decision | None
    """What is decided where no step settles; None where the judgement that is needed then is missing."""

    def lost(self, until: Until) -> bool:
        """Whether the record is excluded, or may be for all that is known; settled below counts as excluded."""
        for probability, decision in self.steps:
            if probability is None:
                if decision is not Decision.UNCLEAR:
                    return decision is Decision.EXCLUDE
            elif probability < until.exclude_below:
                return True
            elif probability >= until.include_above:
                return decision is Decision.EXCLUDE
        return self.rest is None or self.rest is Decision.EXCLUDE

    def ceiling(self, exclude_below: float) -> float | None:
        """The largest `include_above` at which a step settles the record above; None where none can."""
        reached: list[float] = []
        for probability, decision in self.steps:
            if probability is None:
                if decision is not Decision.UNCLEAR:
                    break
            elif probability < exclude_below:
                break
            else:
                reached.append(probability)
        return max(reached, default=None)


def _path(spec: CombineSpec, case: Case) -> _Path:
    if spec.rule is not None:
        mean = combine(_at(spec, 0, 1), case.said)
        probability = mean.probability if mean is not None else None
        steps = ((probability, Decision.INCLUDE),) if probability is not None else ()
        return _Path(case.kept, steps, None if mean is None else Decision.UNCLEAR)
    said: list[Judgement] = []
    for name in spec.members:
        if name not in case.said:
            break
        said.append(case.said[name])
    rest = said.pop().decision if len(said) == len(spec.members) else None
    return _Path(case.kept, tuple((one.probability, one.decision) for one in said), rest)


def _at(spec: CombineSpec, exclude_below: float, include_above: float) -> CombineSpec:
    until = Until(exclude_below=exclude_below, include_above=include_above)
    return CombineSpec(kind="combine", members=spec.members, rule=spec.rule, until=until)


def can_choose(spec: CombineSpec, cases: Iterable[Case]) -> bool:
    """Whether thresholds change anything: some probability is given by a member whose word they can make final."""
    return any(p is not None for case in cases for p, _ in _path(spec, case).steps)


def choose(spec: CombineSpec, cases: Sequence[Case], required: float) -> Until | None:
    """The thresholds for a recall of at least `required` in (0, 1] over the cases, by the rule of this module.

    Both are short decimals: `exclude_below` is rounded down, with as many digits as settling the same records takes.
    A kept case that lacks a judgement it needs counts as lost. None where even `exclude_below: 0` loses too many.
    Raises ValueError where no case is kept.
    """
    assert spec.until is not None
    paths = [_path(spec, case) for case in cases]
    kept = [path for path in paths if path.kept]
    if not kept:
        raise ValueError("no case is kept, so there is no recall")

    def enough(exclude_below: float, include_above: float) -> bool:
        until = Until(exclude_below=exclude_below, include_above=include_above)
        return (len(kept) - sum(path.lost(until) for path in kept)) / len(kept) >= required

    def largest(start: float) -> float:
        """What is lost grows only just above the probability of a kept record, so the largest is one of these."""
        steps = {p for path in kept for p, _ in path.steps if p is not None and p < start}
        candidates = sorted(steps | {0.0, start})
        return candidates[bisect_left(candidates, True, key=lambda value: not enough(value, start)) - 1]

    # Who was settled above at the protocol's present value was never put to the next member, so 1 cannot be tried.
    starts = {1.0, spec.until.include_above} if any(path.rest is None for path in paths) else {1.0}
    found = [(largest(start), start) for start in starts if enough(0, start)]
    if not found:
        return None
    exact, start = max(found)
    probabilities = sorted({p for path in paths for p, _ in path.steps if p is not None})
    excluded = _down(exact, probabilities)
    values = _precisions(paths, excluded, probabilities)
    good = (value for value, precision in values if precision >= INCLUDE_PRECISION and enough(excluded, value))
    return Until(exclude_below=excluded, include_above=next(good, start))


def _precisions(paths: Sequence[_Path], excluded: float, given: Sequence[float]) -> Iterable[tuple[float, float]]:
    """Each printable `include_above`, smallest first, with the share of gold-kept among what it settles."""
    ceilings = [(c, path.kept) for path in paths if (c := path.ceiling(excluded)) is not None]
    ceilings.sort(reverse=True)
    values = [-c for c, _ in ceilings]
    kept = [0, *accumulate(kept for _, kept in ceilings)]
    for probability in sorted({c for c, _ in ceilings}):
        value = _down(probability, given, at_least=excluded)
        settled = bisect_right(values, -value)
        if settled:
            yield value, kept[settled] / settled


def _down(value: float, given: Sequence[float], at_least: float = 0.0) -> float:
    """`value` rounded down to the fewest digits that leave no probability of `given` between the two.

    Where `at_least` or the limit of digits forbids that, it is the nearest decimal on the allowed side.
    """
    place = bisect_left(given, value)
    floor = given[place - 1] if place else -1.0
    exact = Decimal(repr(value))
    for digits in range(DIGITS[0], DIGITS[1] + 1):
        rounded = float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_FLOOR))
        if rounded > floor and rounded >= at_least:
            return rounded
    rounding = ROUND_CEILING if rounded < at_least else ROUND_FLOOR
    return float(exact.quantize(Decimal(1).scaleb(-DIGITS[1]), rounding))


def decimal(value: float) -> str:
    """A threshold as it is printed and pasted: never in powers of ten, which YAML would read as text."""
    return format(Decimal(repr(value)), "f") if value not in (0, 1) else str(int(value))


@dataclass(frozen=True)
class Part:
    """What one member settles: counts of records; `kept` of them are kept in gold, of which `missed` are excluded."""

    name: str
    asked: int
    settled: int
    exclude: int
    include: int
    unclear: int
    kept: int
    missed: int


@dataclass(frozen=True)
class Outcome:
    """What a combination does with cases at given thresholds."""

    parts: tuple[Part, ...]
    gaps: Mapping[str, str]
    """Cases without a decision, by id, with the member whose judgement they wait for."""
    below: tuple[tuple[Case, Decision], ...]
    """What is settled below `exclude_below`, with what becomes of it: a cascade takes the member's own decision."""
    above: tuple[tuple[Case, Decision], ...]
    """The same from `include_above` on."""


def outcome(spec: CombineSpec, cases: Sequence[Case]) -> Outcome:
    """The combination's decisions over the cases at its own thresholds, by the member that settles each.

    A mean has two parts: what it settles, and what lies between and stays unclear. In a cascade the last member
    settles all that reach it, whatever its probability.
    """
    assert spec.until is not None
    names = spec.members if spec.rule is None else ("mean", "between")
    settled: dict[str, list[tuple[Case, Decision]]] = {name: [] for name in names}
    asked = dict.fromkeys(names, 0)
    gaps: dict[str, str] = {}
    below: list[tuple[Case, Decision]] = []
    above: list[tuple[Case, Decision]] = []
    for case in cases:
        combined = combine(spec, case.said)
        if spec.rule is None:
            way = _asked(spec, case)
        else:
            way = names if combined is not None and not settles(spec, combined) else names[:1]
        for name in way:
            asked[name] += 1
        if combined is None:
            gaps[case.id] = next(name for name in spec.members if name not in case.said)
            continue
        decided = (case, combined.decision)
        settled[way[-1]].append(decided)
        if way[-1] == names[-1] or combined.probability is None:
            continue
        if combined.probability < spec.until.exclude_below:
            below.append(decided)
        elif combined.probability >= spec.until.include_above:
            above.append(decided)
    parts = tuple(_part(name, asked[name], settled[name]) for name in names)
    return Outcome(parts, gaps, tuple(below), tuple(above))


def _asked(spec: CombineSpec, case: Case) -> tuple[str, ...]:
    """The members of a cascade that are asked about a case, in order; the last of them settles it or is missing."""
    for position, name in enumerate(spec.members):
        if name not in case.said or settles(spec, case.said[name]):
            return spec.members[: position + 1]
    return spec.members


def _part(name: str, asked: int, settled: Sequence[tuple[Case, Decision]]) -> Part:
    decisions = [decision for _, decision in settled]
    return Part(
        name,
        asked,
        len(settled),
        exclude=decisions.count(Decision.EXCLUDE),
        include=decisions.count(Decision.INCLUDE),
        unclear=decisions.count(Decision.UNCLEAR),
        kept=sum(case.kept for case, _ in settled),
        missed=sum(case.kept and not decision.kept for case, decision in settled),
    )


@dataclass(frozen=True)
class Choice:
    """Thresholds chosen for a reviewer or combination, and what they do on the records that chose them.

    `until` is None where no `exclude_below` reaches the recall; `outcome` is then that of 0 and 1. `missing` are gold
    records that nobody could decide on at any threshold; they are not counted.
    """

    reviewer: str
    kind: Kind
    spec: CombineSpec
    required: float
    until: Until | None
    cases: tuple[Case, ...]
    outcome: Outcome
    gold: Evaluation
    missing: tuple[str, ...]
    method: Literal["empirical"] = "empirical"
    """How the recall was tested. `empirical`: on the labels that chose, with no promise for other records."""

    @property
    def kept(self) -> int:
        """How many of the counted records gold keeps."""
        return sum(case.kept for case in self.cases)

    @property
    def missed(self) -> int:
        """How many of these the combination excludes, or might: those that wait for a judgement are among them."""
        return sum(p.missed for p in self.parts) + sum(c.kept for c in self.cases if c.id in self.outcome.gaps)

    @property
    def recall(self) -> Estimate:
        """The share of gold-kept records that are kept (Wilson)."""
        return wilson(self.kept - self.missed, self.kept)

    @property
    def recall_by_rule(self) -> Estimate:
        """The same with all that is settled below `exclude_below` taken as excluded: what the choice went by."""
        spared = sum(case.kept and decision.kept for case, decision in self.outcome.below)
        return wilson(self.kept - self.missed - spared, self.kept)

    @property
    def recall_with_no_miss(self) -> Estimate | None:
        """The recall without any miss, where one miss is already too many; else None."""
        return wilson(self.kept, self.kept) if (self.kept - 1) / self.kept < self.required else None

    @property
    def precision(self) -> Estimate:
        """Of what is settled from `include_above` on, the share that gold keeps (Wilson)."""
        return wilson(sum(case.kept for case, _ in self.outcome.above), len(self.outcome.above))

    @property
    def below_not_excluded(self) -> list[str]:
        """Records settled below `exclude_below` that the settling member does not exclude."""
        return [case.id for case, decision in self.outcome.below if decision.kept]

    @property
    def above_not_included(self) -> list[str]:
        """Records settled from `include_above` on that the settling member does not include."""
        return [case.id for case, decision in self.outcome.above if decision is not Decision.INCLUDE]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Who settles what, named for people."""
        members, parts = self.spec.members, self.outcome.parts
        names = {
            "reviewer": [self.reviewer, "left for the next member"],
            "mean": [f"mean of {', '.join(members)}", "between the two"],
        }.get(self.kind, list(members))
        return tuple(replace(part, name=name) for part, name in zip(parts, names, strict=True))

    @property
    def includes(self) -> bool:
        """Whether an `include_above` meets its rule; where none does it is 1, which cannot be switched off."""
        return self.precision.value is not None and self.precision.value >= INCLUDE_PRECISION

    @property
    def yaml(self) -> str | None:
        """The line for `prompts/review.yaml`."""
        if self.until is None:
            return None
        below, above = decimal(self.until.exclude_below), decimal(self.until.include_above)
        return f"until: {{exclude_below: {below}, include_above: {above}}}"

    @property
    def total(self) -> Part:
        """All parts together."""
        keys = ("settled", "exclude", "include", "unclear", "kept", "missed")
        return Part("all", len(self.cases), **{key: sum(getattr(part, key) for part in self.parts) for key in keys})

    def as_json(self) -> dict[str, Any]:
        """As `evaluate --thresholds --json` prints it."""
        total = self.total
        return {
            "stage": self.gold.stage.value,
            "reviewer": self.reviewer,
            "kind": self.kind,
            "reference": REVIEWER,
            "reference_status": self.gold.status,
            "reference_level": self.gold.level,
            "split": "dev",
            "method": self.method,
            "required_recall": self.required,
            "until": self.until.model_dump() if self.until else None,
            "yaml": self.yaml,
            "n": len(self.cases),
            "kept": self.kept,
            "missed": self.missed,
            **{key: getattr(total, key) for key in ("exclude", "include", "unclear")},
            "recall": limits(self.recall),
            "recall_by_rule": limits(self.recall_by_rule),
            "recall_with_no_miss": limits(self.recall_with_no_miss) if self.recall_with_no_miss else None,
            "below": len(self.outcome.below),
            "below_not_excluded": self.below_not_excluded,
            "above": len(self.outcome.above),
            "above_not_included": self.above_not_included,
            "precision": limits(self.precision),
            "required_precision": INCLUDE_PRECISION,
            "members": [vars(part) | {"share": part.settled / len(self.cases)} for part in self.parts],
            "gaps": [{"id": name, "needs": member} for name, member in self.outcome.gaps.items()],
            "missing": list(self.missing),
            "unplaced": list(self.gold.unplaced),
            "remarks": list(self.gold.remarks),
        }


def choose_on_dev(ledger: Ledger, review: Review, stage: Stage, name: str, required: float) -> Choice:
    """Thresholds for the reviewer or combination `name`, from gold `dev` and stored judgements; nobody is asked.

    A reviewer by itself is taken as the first of a cascade in which the next member keeps what is left. Raises
    `BadInput` where thresholds would change nothing or a judgement or gold-kept record is lacking altogether.
    """
    if not 0 < required <= 1:
        raise BadInput(f"--thresholds: a recall lies above 0 and is at most 1, such as 0.95; {required:g} does not")
    if load_gold(review, stage) is None:
        raise BadInput(
            f"{review.gold / f'{stage}.csv'}: there is no gold for this stage, so there is nothing to choose by"
        )
    spec, kind = _combination(review, name)
    after = f"{name}_next"
    found = {one: _on_dev(ledger, review, stage, one) for one in spec.members if one != after or kind != "reviewer"}
    said: dict[str, dict[str, Judgement]] = {}
    for one, evaluation in found.items():
        for pair in evaluation.pairs:
            said.setdefault(pair.record.id, {})[one] = pair.judged
    if kind == "reviewer":
        for by in said.values():
            by[after] = Judgement(decision=Decision.UNCLEAR)
    first = found[spec.members[0]]
    needed = spec.members if kind == "mean" else spec.members[:1]
    cases = tuple(
        Case(pair.record.id, pair.reference.decision.kept, said[pair.record.id])
        for pair in first.pairs
        if all(one in said[pair.record.id] for one in needed)
    )
    counted = {case.id for case in cases}
    missing = dict.fromkeys(first.missing) | dict.fromkeys(
        p.record.id for p in first.pairs if p.record.id not in counted
    )
    if not any(case.kept for case in cases):
        raise BadInput(
            f"{name}: of the {len(cases):,} records of gold dev that it has judged, gold keeps none: no recall to require"
        )
    if not can_choose(spec, cases):
        raise BadInput(
            f"{name}: no probability of inclusion that a threshold could settle by; name a reviewer with one"
        )
    until = choose(spec, cases, required)
    chosen = until or Until(exclude_below=0, include_above=1)
    at = _at(spec, chosen.exclude_below, chosen.include_above)
    return Choice(name, kind, at, required, until, cases, outcome(at, cases), first, tuple(missing))


def _combination(review: Review, name: str) -> tuple[CombineSpec, Kind]:
    spec = review.reviewer(name)
    if not isinstance(spec, CombineSpec):
        until = Until(exclude_below=0, include_above=1)
        return CombineSpec(kind="combine", members=(name, f"{name}_next"), until=until), "reviewer"
    if spec.until is None:
        raise BadInput(f"{name}: the rule {spec.rule} has no thresholds; a cascade or the rule mean has")
    if spec.rule is None and len(spec.members) == 1:
        raise BadInput(
            f"{name}: the last member of a cascade decides whatever the thresholds, and this one has no other"
        )
    return spec, "mean" if spec.rule == "mean" else "cascade"


def _on_dev(ledger: Ledger, review: Review, stage: Stage, name: str) -> Evaluation:
    try:
        return evaluate(ledger, review, stage, name, REVIEWER, "dev")
    except BadInput:
        # Gold and reviewer were looked up before: what is left to fail is that it has judged nothing.
        raise BadInput(
            f"{name} has judged nothing at stage {stage} under the present protocol; "
            f"run `screener run --stage {stage} --reviewer {name}` first"
        ) from None
