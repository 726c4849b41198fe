"""The PRISMA 2020 flow: boxes that count, each with what enters and what leaves it.

Pure counting over `FlowInputs`. The numbers of one box come from different readings of the ledger (rows of the imports,
the merged records, the standings, the places of reports), so that a ledger that contradicts itself shows: what enters a
box must equal its count and what leaves it. Source: Page et al. 2021, BMJ 372:n71.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.judgement import Decision
from ..stages.standing import FlowPlace, Status

OF_KIND = {
    "database": "Databases",
    "register": "Registers",
    "repository": "Other methods: model and data repositories",
    "": "Sources that the protocol does not list",
}
"""The heading for each kind of source, in the order of the diagram."""
PHASES = ("Identification", "Screening", "Full text", "Included")
NO_CRITERION = "no criterion given"
BY_RULE = "Ineligible by rule, by automation"
MERGED, UNREADABLE = "Duplicates, merged", "Rows that could not be read"


@dataclass(frozen=True)
class FlowStanding:
    """How one record or report stands at a stage. `failed` is the first criterion it does not meet."""

    id: str
    status: Status
    decision: Decision | None = None
    human: bool = False
    failed: str | None = None
    rule: str | None = None
    """The first criterion by rule that it does not meet."""
    place: FlowPlace | None = None
    """At full text: where the report stands."""
    retrieval_reason: str = ""
    begun: bool = False
    """Whether a person has judged it, though perhaps not enough of them."""
    incomplete: bool = False
    """Whether enough people have judged it and agree, but one of them excludes without a reason."""

    @property
    def goes_on(self) -> bool:
        """Whether it is kept: finally, or on a machine's suggestion."""
        return self.decision is not None and self.decision.kept and self.status in (Status.FINAL, Status.SUGGESTED)

    @property
    def excluded(self) -> bool:
        """Whether it is excluded for good: what a machine merely suggests is not."""
        return self.decision is Decision.EXCLUDE and self.status is Status.FINAL

    @property
    def by_rule(self) -> bool:
        """Whether the program alone removed it, by a rule over its fields."""
        return self.excluded and not self.human and self.rule is not None


@dataclass(frozen=True)
class FlowInputs:
    """What the flow is counted from. `abstract` and `fulltext` are None where the protocol has no such stage."""

    hits: Mapping[str, int]
    """Rows by source, before merging."""
    kinds: Mapping[str, str]
    """The kind of each source that the protocol lists."""
    unreadable: int
    """Rows of imported files that could not be read."""
    merged: int
    """Rows that were merged into the record of another one."""
    records: int
    """Records after merging."""
    abstract: tuple[FlowStanding, ...] | None
    fulltext: tuple[FlowStanding, ...] | None
    studies: int | None
    """Studies among the included reports."""
    criteria: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The criteria of each stage, in the protocol's order."""


@dataclass(frozen=True)
class Box:
    """One box. `parts` add up to `count`; `enters` and `leaves` name other boxes; `problems` is empty if all add up."""

    id: str
    phase: str
    title: str
    unit: str
    count: int
    parts: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    enters: tuple[tuple[str, int], ...] = ()
    leaves: tuple[tuple[str, int], ...] = ()
    side: bool = False
    problems: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it stands in the figures."""
        return {
            "id": self.id,
            "phase": self.phase,
            "title": self.title,
            "unit": self.unit,
            "count": self.count,
            "parts": [{"label": label, "count": count} for label, count in self.parts],
            "notes": list(self.notes),
            "enters": [{"from": name, "count": count} for name, count in self.enters],
            "leaves": [{"to": name, "count": count} for name, count in self.leaves],
            "side": self.side,
            "problems": list(self.problems),
        }


def flow(readings: FlowInputs) -> tuple[Box, ...]:
    """The boxes of the diagram from top to bottom, each checked."""
    boxes = [_identified(readings)]
    by_rule = [one for one in readings.abstract or () if one.by_rule]
    boxes.append(_removed(readings, by_rule))
    remaining = readings.records - len(by_rule)
    if readings.abstract is not None:
        boxes += _screening(readings, [one for one in readings.abstract if not one.by_rule], remaining)
        remaining = sum(one.goes_on for one in readings.abstract)
    if readings.fulltext is not None:
        boxes += _full_text(readings, readings.fulltext, remaining)
    return tuple(_checked(box) for box in boxes)


def adds_up(boxes: Iterable[Box]) -> bool:
    """Whether no box has a problem."""
    return not any(box.problems for box in boxes)


def _identified(readings: FlowInputs) -> Box:
    parts = []
    for kind, heading in OF_KIND.items():
        found = {name: n for name, n in readings.hits.items() if readings.kinds.get(name, "") == kind}
        parts += [(f"{heading}: {name}", n) for name, n in found.items()]
    if readings.unreadable:
        parts.append((UNREADABLE, readings.unreadable))
    total = sum(readings.hits.values()) + readings.unreadable
    first = "screened" if readings.abstract is not None else "sought"
    by_rule = sum(one.by_rule for one in readings.abstract or ())
    removed = readings.merged + readings.unreadable + by_rule
    leaves = (("removed", removed), (first, readings.records - by_rule))
    return Box("identified", PHASES[0], "Records identified", "records", total, tuple(parts), leaves=leaves)


def _removed(readings: FlowInputs, by_rule: list[FlowStanding]) -> Box:
    rules = Counter(one.rule or "" for one in by_rule)
    parts = [(MERGED, readings.merged)]
    parts += [(f"{BY_RULE}: {name}", rules[name]) for name in _in_order(readings, rules)]
    if readings.unreadable:
        parts.append((UNREADABLE, readings.unreadable))
    total = sum(n for _, n in parts)
    return Box("removed", PHASES[0], "Records removed before screening", "records", total, tuple(parts),
               enters=(("identified", total),), side=True)  # fmt: skip


def _screening(readings: FlowInputs, judged: list[FlowStanding], remaining: int) -> list[Box]:
    human = sum(one.excluded and one.human for one in judged)
    machine = sum(one.excluded and not one.human for one in judged)
    kept = sum(one.goes_on for one in judged)
    waiting = [one for one in judged if not one.excluded and not one.goes_on]
    undecided = _undecided(waiting)
    following = "sought" if readings.fulltext is not None else "kept"
    leaves = [("excluded", human + machine), ("undecided", len(waiting)), (following, kept)]
    screened = Box("screened", PHASES[1], "Records screened (title and abstract)", "records", len(judged),
                   enters=(("identified", remaining),), leaves=tuple(leaves))  # fmt: skip
    excluded = Box("excluded", PHASES[1], "Records excluded", "records", human + machine,
                   (("By humans", human), ("By a machine whose gate is open", machine)),
                   enters=(("screened", human + machine),), side=True)  # fmt: skip
    awaiting = Box("undecided", PHASES[1], "Records awaiting a decision", "records", len(waiting), undecided,
                   enters=(("screened", len(waiting)),), side=True)  # fmt: skip
    boxes = [screened, excluded, awaiting]
    if readings.fulltext is None:
        notes = _on_suggestion(one for one in judged if one.goes_on)
        boxes.append(Box("kept", PHASES[3], "Records kept", "records", kept, notes=notes, enters=(("screened", kept),)))
    return boxes


def _full_text(readings: FlowInputs, judged: tuple[FlowStanding, ...], entering: int) -> list[Box]:
    at = Counter(one.place for one in judged)
    before = "screened" if readings.abstract is not None else "identified"
    missing = Counter(
        one.retrieval_reason or "no reason given" for one in judged if one.place is FlowPlace.NOT_RETRIEVED
    )
    parts = [(f"Not retrieved: {reason}", n) for reason, n in missing.most_common()]
    parts += [("No full text exists", at[FlowPlace.NO_FULL_TEXT]), ("Search not yet ended", at[FlowPlace.SOUGHT])]
    without = at[FlowPlace.NOT_RETRIEVED] + at[FlowPlace.NO_FULL_TEXT] + at[FlowPlace.SOUGHT]
    # What is in nobody's books stays out of the sum, so that it shows.
    assessed = at[FlowPlace.AWAITING] + at[FlowPlace.EXCLUDED] + at[FlowPlace.INCLUDED]
    kept = {one.id for one in readings.abstract or () if one.status is Status.SUGGESTED and one.goes_on}
    note = f"{len(kept):,} of them on a machine's suggestion alone" if kept else ""
    sought = Box("sought", PHASES[2], "Reports sought for retrieval", "reports", len(judged),
                 notes=(note,) if note else (), enters=((before, entering),),
                 leaves=(("not_retrieved", without), ("assessed", assessed)))  # fmt: skip
    lost = Box("not_retrieved", PHASES[2], "Reports without a full text", "reports", without,
               tuple((label, n) for label, n in parts if n), enters=(("sought", without),), side=True)  # fmt: skip
    final = Box("assessed", PHASES[2], "Reports assessed for eligibility", "reports", assessed,
                enters=(("sought", assessed),),
                leaves=(("excluded_reports", at[FlowPlace.EXCLUDED]), ("awaiting", at[FlowPlace.AWAITING]),
                        ("included", at[FlowPlace.INCLUDED])))  # fmt: skip
    out = [one for one in judged if one.place is FlowPlace.EXCLUDED]
    reasons = Counter(one.failed or NO_CRITERION for one in out)
    names = _in_order(readings, reasons, "fulltext")
    excluded = Box("excluded_reports", PHASES[2], "Reports excluded, one reason each", "reports", len(out),
                   tuple((name, reasons[name]) for name in names), notes=_by_whom(out),
                   enters=(("assessed", at[FlowPlace.EXCLUDED]),), side=True)  # fmt: skip
    unsettled = [one for one in judged if one.place is FlowPlace.AWAITING]
    awaiting = Box("awaiting", PHASES[2], "Reports awaiting classification", "reports", len(unsettled), _undecided(unsettled),
                   enters=(("assessed", at[FlowPlace.AWAITING]),), side=True)  # fmt: skip
    reports = sum(one.place is FlowPlace.INCLUDED for one in judged)
    studies = readings.studies or 0
    notes = (f"{studies:,} {'study' if studies == 1 else 'studies'}", "Reports linked as the same work make one study.")
    included = Box("included", PHASES[3], "Reports of included studies", "reports", reports, notes=notes,
                   enters=(("assessed", at[FlowPlace.INCLUDED]),),
                   problems=("more studies than reports",) if studies > reports else ())  # fmt: skip
    return [sought, lost, final, excluded, awaiting, included]


def _by_whom(excluded: Sequence[FlowStanding]) -> tuple[str, ...]:
    """Who excluded reports whose lines are their reasons: people, or a machine."""
    people = sum(one.human for one in excluded)
    if not excluded:
        return ()
    return (f"{people:,} by humans, {len(excluded) - people:,} by a machine whose gate is open",)


def _undecided(waiting: Iterable[FlowStanding]) -> tuple[tuple[str, int], ...]:
    counts = Counter(_why(one) for one in waiting)
    return tuple((name, counts[name]) for name in _WHY if counts[name])


_WHY = (
    "A machine suggests to exclude",
    "A machine suggests to include",
    "A machine finds it unclear",
    "Humans find it unclear",
    "Conflict between reviewers",
    "Too few judgements yet",
    "Excluded without a reason so far",
    "Not judged yet",
    "The machine failed on it",
)


def _why(one: FlowStanding) -> str:
    if one.status is Status.SUGGESTED:
        place = {Decision.EXCLUDE: 0, Decision.INCLUDE: 1, Decision.UNCLEAR: 2}
        return _WHY[place[one.decision or Decision.UNCLEAR]]
    pending = 6 if one.incomplete else 5 if one.begun else 7
    return _WHY[{Status.FINAL: 3, Status.CONFLICT: 4, Status.PENDING: pending, Status.ERROR: 8}[one.status]]


def _on_suggestion(kept: Iterable[FlowStanding]) -> tuple[str, ...]:
    count = sum(one.status is Status.SUGGESTED for one in kept)
    return (f"{count:,} of them on a machine's suggestion alone",) if count else ()


def _in_order(readings: FlowInputs, found: Mapping[str, int], stage: str = "abstract") -> list[str]:
    known = readings.criteria.get(stage, ())
    return [*(name for name in known if name in found), *(name for name in found if name not in known)]


def _checked(box: Box) -> Box:
    problems = list(box.problems)
    for sums, said in ((box.enters, "enter"), (box.leaves, "leave"), (box.parts, "are in its lines")):
        total = sum(n for _, n in sums)
        if sums and total != box.count:
            problems.append(f"does not add up: {box.count:,} counted, but {total:,} {said}")
    return replace(box, problems=tuple(problems))


def reasons_table(judged: Iterable[FlowStanding], criteria: Iterable[str]) -> list[dict[str, Any]]:
    """Why records were excluded, or would be: by first failed criterion, who says so, and whether it is final."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in criteria}
    for one in judged:
        if one.decision is Decision.EXCLUDE and one.status in (Status.FINAL, Status.SUGGESTED):
            column = "suggested" if one.status is Status.SUGGESTED else "human" if one.human else "machine"
            counts.setdefault(one.failed or NO_CRITERION, Counter())[column] += 1
    return [
        {"criterion": name, **{key: found[key] for key in ("human", "machine", "suggested")}, "all": found.total()}
        for name, found in counts.items()
    ]
