"""Thresholds of a cascade or a mean, chosen from gold `dev` for a required recall.

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
from ..protocol.model import EnsembleSpec, Until
from ..reviewers.ensemble import combine, settles

INCLUDE_PRECISION = 0.95
"""The least share of gold-kept records among those that `include_above` settles."""
DIGITS = (2, 12)
"""The fewest and the most digits after the point of a threshold."""


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


def _path(spec: EnsembleSpec, case: Case) -> _Path:
    if spec.rule is not None:
        mean = combine(with_until(spec, 0, 1), case.said)
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


def with_until(spec: EnsembleSpec, exclude_below: float, include_above: float) -> EnsembleSpec:
    """The combination with other thresholds."""
    until = Until(exclude_below=exclude_below, include_above=include_above)
    return EnsembleSpec(kind="ensemble", members=spec.members, rule=spec.rule, until=until)


def can_choose(spec: EnsembleSpec, cases: Iterable[Case]) -> bool:
    """Whether thresholds change anything: some probability is given by a member whose word they can make final."""
    return any(p is not None for case in cases for p, _ in _path(spec, case).steps)


def choose(spec: EnsembleSpec, cases: Sequence[Case], required: float) -> Until | None:
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

    def enough(include_above: float, exclude_below: float) -> bool:
        return (len(kept) - _lost(kept, exclude_below, include_above)) / len(kept) >= required

    # Who was settled above at the protocol's present value was never put to the next member, so 1 cannot be tried.
    starts = {1.0, spec.until.include_above} if any(path.rest is None for path in paths) else {1.0}
    found = [(_largest(kept, start, partial(enough, start)), start) for start in starts if enough(start, 0)]
    if not found:
        return None
    exact, start = max(found)
    probabilities = sorted({p for path in paths for p, _ in path.steps if p is not None})
    excluded = _down(exact, probabilities)
    values = _precisions(paths, excluded, probabilities)
    good = (value for value, precision in values if precision >= INCLUDE_PRECISION and enough(value, excluded))
    return Until(exclude_below=excluded, include_above=next(good, start))


def largest_allowed(spec: EnsembleSpec, cases: Sequence[Case], allowed: int) -> tuple[Until, int] | None:
    """The largest `exclude_below` at which at most `allowed` kept cases are lost, and how many are; `include_above` as it is.

    A case that is settled below, or lacks a judgement it needs, counts as lost. None where even 0 loses more.
    """
    assert spec.until is not None
    paths = [_path(spec, case) for case in cases]
    kept, start = [path for path in paths if path.kept], spec.until.include_above
    if _lost(kept, 0, start) > allowed:
        return None
    exact = _largest(kept, start, lambda value: _lost(kept, value, start) <= allowed)
    excluded = _down(exact, sorted({p for path in paths for p, _ in path.steps if p is not None}))
    return Until(exclude_below=excluded, include_above=start), _lost(kept, excluded, start)


def _lost(kept: Sequence[_Path], exclude_below: float, include_above: float) -> int:
    until = Until(exclude_below=exclude_below, include_above=include_above)
    return sum(path.lost(until) for path in kept)


def _largest(kept: Sequence[_Path], start: float, enough: Callable[[float], bool]) -> float:
    """The largest value up to `start` that is enough; 0 is.

    What is lost grows only just above the probability of a kept record, so the largest is one of these.
    """
    steps = {p for path in kept for p, _ in path.steps if p is not None and p < start}
    candidates = sorted(steps | {0.0, start})
    return candidates[bisect_left(candidates, True, key=lambda value: not enough(value)) - 1]


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


def outcome(spec: EnsembleSpec, cases: Sequence[Case]) -> Outcome:
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


def _asked(spec: EnsembleSpec, case: Case) -> tuple[str, ...]:
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
