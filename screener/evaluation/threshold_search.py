"""Choose thresholds of a cascade or a mean from gold `dev` for a required recall.

The rule has two steps. `exclude_below` is the largest at which enough of the records that gold keeps are still kept,
with `include_above` at 1 (or at the protocol's present value, where the judgements that 1 needs are missing). A record
that is settled below it counts as excluded here, also where the member's own decision, which a cascade takes, is
`unclear`. So what is lost can only grow with `exclude_below`: there is one largest value, and values may be tested in
order from below. `include_above` is then the smallest from which at least `INCLUDE_PRECISION` of what is settled there
is kept in gold, as long as the recall still holds.

The figures of a choice are the combination's own decisions at the numbers as printed, from stored judgements. They are
of the labels that chose (`method` is `empirical`): they promise nothing of other records. A promise needs labels drawn at
random and a test (`method` is `learn-then-test`, see `metrics.guarantees`): `largest_allowed` is then the last of all
values, tested in order from below, at which no more labels are lost than the test allows; `include_above` stays what the
protocol says, since it too would have to be tested.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import partial
from itertools import accumulate

from ..core.judgement import Decision, Judgement
from ..protocol import combine, settles
from ..protocol.model import EnsembleSpec, Until

INCLUDE_PRECISION = 0.95
"""The least share of gold-kept records among those that `include_above` settles."""
_ROUNDING = 1e-12
DIGITS = (2, 12)
"""The fewest and the most digits after the point of a threshold."""


@dataclass(frozen=True)
class Case:
    """Hold a gold record: whether gold keeps it (include or unclear), and its members' judgements, by name.

    `weight` is for how many records it stands (1/chance of being drawn), `stratum` where it was drawn.
    """

    id: str
    kept: bool
    judgements: Mapping[str, Judgement]
    weight: float = 1.0
    stratum: str = ""


@dataclass(frozen=True)
class _Path:
    """Hold the path of a case through the members: what each may settle by probability, and what is decided otherwise."""

    kept: bool
    weight: float
    steps: tuple[tuple[float | None, Decision], ...]
    rest: Decision | None
    """What is decided where no step settles; None where the judgement that is needed then is missing."""

    def lost(self, until: Until) -> bool:
        """Return whether the record is excluded, or may be for all that is known; settled below counts as excluded."""
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
        """Return the largest `include_above` at which a step settles the record above; None where none can."""
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


def _path(spec: EnsembleSpec, case: Case) -> _Path:
    if spec.rule is not None:
        mean = combine(with_until(spec, 0, 1), case.judgements)
        probability = mean.probability if mean is not None else None
        steps = ((probability, Decision.INCLUDE),) if probability is not None else ()
        return _Path(case.kept, case.weight, steps, None if mean is None else Decision.UNCLEAR)
    judgements: list[Judgement] = []
    for name in spec.members:
        if name not in case.judgements:
            break
        judgements.append(case.judgements[name])
    rest = judgements.pop().decision if len(judgements) == len(spec.members) else None
    return _Path(
        case.kept, case.weight, tuple((judgement.probability, judgement.decision) for judgement in judgements), rest
    )


def with_until(spec: EnsembleSpec, exclude_below: float, include_above: float) -> EnsembleSpec:
    """Return the combination with other thresholds."""
    until = Until(exclude_below=exclude_below, include_above=include_above)
    return EnsembleSpec(kind="ensemble", members=spec.members, rule=spec.rule, until=until)


def can_choose(spec: EnsembleSpec, cases: Iterable[Case]) -> bool:
    """Return whether thresholds change anything: some probability is given by a member whose word they can make final."""
    return any(p is not None for case in cases for p, _ in _path(spec, case).steps)


def choose(spec: EnsembleSpec, cases: Sequence[Case], required: float) -> Until | None:
    """Return the thresholds for a recall of at least `required` in (0, 1] over the cases, by the rule of this module.

    Both are short decimals: `exclude_below` is rounded down, with as many digits as settling the same records takes.
    A kept case that lacks a judgement it needs counts as lost. Each case counts its weight, in recall and in precision.
    None where even `exclude_below: 0` loses too many. Raises ValueError where no case is kept.
    """
    assert spec.until is not None
    paths = [_path(spec, case) for case in cases]
    relevant = [path for path in paths if path.kept]
    if not relevant:
        raise ValueError("no case is kept, so there is no recall")

    total = sum(path.weight for path in relevant)

    def enough(include_above: float, exclude_below: float) -> bool:
        # Weights are 1/chance, so that sums of them may be off in their last places.
        return (total - _lost(relevant, exclude_below, include_above)) / total >= required - _ROUNDING

    # Who was settled above at the protocol's present value was never put to the next member, so 1 cannot be tried.
    starts = {1.0, spec.until.include_above} if any(path.rest is None for path in paths) else {1.0}
    candidates = [(_largest(relevant, start, partial(enough, start)), start) for start in starts if enough(start, 0)]
    if not candidates:
        return None
    exact, start = max(candidates)
    probabilities = sorted({p for path in paths for p, _ in path.steps if p is not None})
    excluded = _down(exact, probabilities)
    values = _precisions(paths, excluded, probabilities)
    sufficient = (value for value, precision in values if precision >= INCLUDE_PRECISION and enough(value, excluded))
    return Until(exclude_below=excluded, include_above=next(sufficient, start))


def largest_allowed(spec: EnsembleSpec, cases: Sequence[Case], allowed: int) -> tuple[Until, int] | None:
    """Return the largest `exclude_below` at which at most `allowed` kept cases are lost, and how many are.

    All cases have the weight 1: only these allow a test. `include_above` stays as it is. A case that is settled below, or lacks a judgement it needs, counts as lost. None where
    even 0 loses more.
    """
    assert spec.until is not None
    paths = [_path(spec, case) for case in cases]
    relevant, start = [path for path in paths if path.kept], spec.until.include_above
    if _lost(relevant, 0, start) > allowed:
        return None
    exact = _largest(relevant, start, lambda value: _lost(relevant, value, start) <= allowed)
    excluded = _down(exact, sorted({p for path in paths for p, _ in path.steps if p is not None}))
    return Until(exclude_below=excluded, include_above=start), round(_lost(relevant, excluded, start))


def _lost(relevant: Sequence[_Path], exclude_below: float, include_above: float) -> float:
    """Return the weight of what is lost."""
    until = Until(exclude_below=exclude_below, include_above=include_above)
    return sum(path.weight for path in relevant if path.lost(until))


def _largest(relevant: Sequence[_Path], start: float, enough: Callable[[float], bool]) -> float:
    """Return the largest value up to `start` that is enough; 0 is.

    What is lost grows only just above the probability of a kept record, so the largest is one of these.
    """
    steps = {p for path in relevant for p, _ in path.steps if p is not None and p < start}
    candidates = sorted(steps | {0.0, start})
    return candidates[bisect_left(candidates, True, key=lambda value: not enough(value)) - 1]


def _precisions(paths: Sequence[_Path], excluded: float, given: Sequence[float]) -> Iterable[tuple[float, float]]:
    """Yield each printable `include_above`, smallest first, with the share of gold-kept among what it settles."""
    ceilings = [(c, path.weight, path.kept) for path in paths if (c := path.ceiling(excluded)) is not None]
    ceilings.sort(reverse=True)
    values = [-c for c, _, _ in ceilings]
    weights = [0.0, *accumulate(weight for _, weight, _ in ceilings)]
    kept_weights = [0.0, *accumulate(weight * is_kept for _, weight, is_kept in ceilings)]
    for probability in sorted({c for c, _, _ in ceilings}):
        value = _down(probability, given, at_least=excluded)
        settled = bisect_right(values, -value)
        if settled:
            yield value, kept_weights[settled] / weights[settled]


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
    """Return a threshold as it is printed and pasted: never in powers of ten, which YAML would read as text."""
    return format(Decimal(repr(value)), "f") if value not in (0, 1) else str(int(value))


@dataclass(frozen=True)
class Part:
    """Count what one member settles: records; `kept` of them are kept in gold, of which `missed` are excluded."""

    name: str
    asked: int
    settled: int
    exclude: int
    include: int
    unclear: int
    kept: int
    missed: int
    weight: float
    """For how many records those that it settles stand."""


@dataclass(frozen=True)
class ThresholdOutcome:
    """Hold what an ensemble does with cases at given thresholds."""

    parts: tuple[Part, ...]
    gaps: Mapping[str, str]
    """Cases without a decision, by id, with the member whose judgement they wait for."""
    below: tuple[tuple[Case, Decision], ...]
    """What is settled below `exclude_below`, with its decision: a cascade takes the member's own decision."""
    above: tuple[tuple[Case, Decision], ...]
    """The same from `include_above` on."""
    lost: frozenset[str]
    """The cases that gold keeps and that are excluded, or may be: those that wait for a judgement are among them."""


def outcome(spec: EnsembleSpec, cases: Sequence[Case]) -> ThresholdOutcome:
    """Return the combination's decisions over the cases at its own thresholds, by the member that settles each.

    A mean has two parts: what it settles, and what lies between and stays unclear. In a cascade the last member
    settles all that reach it, whatever its probability.
    """
    assert spec.until is not None
    names = spec.members if spec.rule is None else ("mean", "between")
    settled: dict[str, list[tuple[Case, Decision]]] = {name: [] for name in names}
    asked_counts = dict.fromkeys(names, 0)
    gaps: dict[str, str] = {}
    lost: set[str] = set()
    below: list[tuple[Case, Decision]] = []
    above: list[tuple[Case, Decision]] = []
    for case in cases:
        combined = combine(spec, case.judgements)
        if spec.rule is None:
            members = _asked(spec, case)
        else:
            members = names if combined is not None and not settles(spec, combined) else names[:1]
        for name in members:
            asked_counts[name] += 1
        if case.kept and (combined is None or not combined.decision.kept):
            lost.add(case.id)
        if combined is None:
            gaps[case.id] = next(name for name in spec.members if name not in case.judgements)
            continue
        decided = (case, combined.decision)
        settled[members[-1]].append(decided)
        if members[-1] == names[-1] or combined.probability is None:
            continue
        if combined.probability < spec.until.exclude_below:
            below.append(decided)
        elif combined.probability >= spec.until.include_above:
            above.append(decided)
    parts = tuple(_part(name, asked_counts[name], settled[name]) for name in names)
    return ThresholdOutcome(parts, gaps, tuple(below), tuple(above), frozenset(lost))


def _asked(spec: EnsembleSpec, case: Case) -> tuple[str, ...]:
    """Return the members of a cascade that are asked about a case, in order.

    The last of them settles it or is missing.
    """
    for position, name in enumerate(spec.members):
        if name not in case.judgements or settles(spec, case.judgements[name]):
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
        weight=sum(case.weight for case, _ in settled),
    )
