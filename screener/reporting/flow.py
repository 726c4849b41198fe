"""The PRISMA 2020 flow: boxes that count, each with what enters and what leaves it.

Pure counting over `FlowInputs`. The numbers of one box come from different readings of the ledger (rows of the imports,
the merged records, the standings, the places of reports), so that a ledger that contradicts itself shows: what enters a
box must equal its count and what leaves it. Source: Page et al. 2021, BMJ 372:n71.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.judgement import Decision
from ..stages import FlowPlace, Status
from .flow_box import PHASES, in_column
from .flow_box import Box as Box
from .flow_box import checked as checked
from .flow_models import PREFIX as VIA
from .flow_models import ModelCounts, identified, via_model
from .flow_others import COLUMN as OTHERS
from .flow_others import HEADINGS, LEAD, PREFIX, OtherCounts
from .flow_others import identified as identified_otherwise

OF_KIND = {
    "database": "Databases",
    "register": "Registers",
    "": "Sources that the protocol does not list",
}
"""The heading for each kind of source in the first column, in the order of the diagram."""
NO_CRITERION = "no criterion given"
BY_RULE = "Ineligible by rule, by automation"
MERGED, UNREADABLE = "Duplicates, merged", "Rows that could not be read"
VENUES = "Other reasons: venue not eligible by the rule of the source"
NOTICES = "Other reasons: notices (errata, retractions, replies) of papers among the records"


@dataclass(frozen=True, slots=True)
class FlowStanding:
    """Hold where one record or report stands at a stage. `failed` is the first criterion it does not meet."""

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
    def proceeds(self) -> bool:
        """Return whether it is kept: finally, or on a machine's suggestion."""
        return self.decision is not None and self.decision.kept and self.status in (Status.FINAL, Status.SUGGESTED)

    @property
    def excluded(self) -> bool:
        """Return whether it is excluded for good: what a machine merely suggests is not."""
        return self.decision is Decision.EXCLUDE and self.status is Status.FINAL

    @property
    def by_rule(self) -> bool:
        """Return whether the program alone removed it, by a rule over its fields."""
        return self.excluded and not self.human and self.rule is not None


@dataclass(frozen=True)
class FlowInputs:
    """Hold what the flow is counted from. `abstract` and `fulltext` are None where the protocol has no such stage."""

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
    candidates: int = 0
    """Pairs of records that are likely duplicates, on which nobody has decided."""
    supposed_studies: int = 0
    """Pairs of included reports that the program supposes to be of one study, which nobody has confirmed."""
    """The criteria of each stage, in the protocol's order."""
    notices: int = 0
    """Records that are notices of others and are not screened alone."""
    venues: int = 0
    """Records that are no notices, and that a rule on venues removes."""
    notes: tuple[str, ...] = ()
    """What is to be known of the records identified."""
    models: ModelCounts | None = None
    """Models and data sets, which are in none of the counts above; what came via them alone is in `abstract` and `fulltext`."""
    others: OtherCounts | None = None
    """What other methods found, likewise."""


def flow(inputs: FlowInputs) -> tuple[Box, ...]:
    """Return the boxes of the diagram from top to bottom, each checked; other methods, models and data sets are columns by themselves."""
    apart = inputs.models.via_model if inputs.models else frozenset()
    apart |= inputs.others.records if inputs.others else frozenset()
    own = _only(inputs, lambda item: item.id not in apart)
    boxes = [_identified(own)]
    by_rule = [item for item in own.abstract or () if item.by_rule]
    boxes.append(_removed(own))
    boxes += _judged(own, own.records - own.notices - own.venues - len(by_rule))
    entering = [("assessed", _included_in(own))]
    columns = [_other_column(inputs, inputs.others)] if inputs.others is not None else []
    columns += [_model_column(inputs, inputs.models)] if inputs.models is not None else []
    for column in columns:
        boxes += column
        entering += [(box.id, n) for box in column for name, n in box.leaves if name == "included"]
    if inputs.fulltext is not None:
        boxes.append(_included(inputs, tuple(entering)))
    return tuple(checked(box) for box in boxes)


def _model_column(inputs: FlowInputs, models: ModelCounts) -> list[Box]:
    """Return the boxes of models and data sets, and of the publications that came via them alone."""
    came = _only(inputs, lambda item: item.id in models.via_model)
    by_rule = _by_rule(inputs, came.abstract or ())
    headings = {name: (OF_KIND | HEADINGS).get(inputs.kinds.get(name, ""), "") for name in models.hits}
    following = "via_screened" if inputs.abstract is not None else "via_sought"
    judged = _judged(came, len(models.via_model) - sum(by_rule.values()))
    return [*identified(models, headings, by_rule, following), *map(via_model, judged)]


def _other_column(inputs: FlowInputs, others: OtherCounts) -> list[Box]:
    """Return the boxes of what other methods alone found."""
    came = _only(inputs, lambda item: item.id in others.records)
    removed = _by_rule(inputs, came.abstract or ())
    removed |= {label: n for label, n in ((NOTICES, others.notices), (VENUES, others.venues)) if n}
    following = f"{PREFIX}screened" if inputs.abstract is not None else f"{PREFIX}sought"
    judged = _judged(came, len(others.records) - sum(removed.values()))
    first = f"{PREFIX}identified"
    return [
        *identified_otherwise(others, inputs.kinds, removed, following),
        *(in_column(box, OTHERS, PREFIX, LEAD, first) for box in judged),
    ]


def _by_rule(inputs: FlowInputs, items: Iterable[FlowStanding]) -> dict[str, int]:
    """Return how many records each rule removed, by the line that says so, in the order of the protocol."""
    rules = Counter(item.rule or "" for item in items if item.by_rule)
    return {f"{BY_RULE}: {name}": rules[name] for name in _in_order(inputs, rules)}


def _only(inputs: FlowInputs, chosen: Callable[[FlowStanding], bool]) -> FlowInputs:
    """Return the inputs with the standings of some records only."""
    abstract, fulltext = (
        None if items is None else tuple(filter(chosen, items)) for items in (inputs.abstract, inputs.fulltext)
    )
    return replace(inputs, abstract=abstract, fulltext=fulltext)


def _judged(inputs: FlowInputs, remaining: int) -> list[Box]:
    """Return the boxes from screening to what is assessed; `remaining` is how many records come to the first of them."""
    boxes = list[Box]()
    if inputs.abstract is not None:
        boxes += _screening(inputs, [item for item in inputs.abstract if not item.by_rule], remaining)
        remaining = sum(item.proceeds for item in inputs.abstract)
    if inputs.fulltext is not None:
        boxes += _full_text(inputs, inputs.fulltext, remaining)
    return boxes


def _included_in(inputs: FlowInputs) -> int:
    return sum(item.place is FlowPlace.INCLUDED for item in inputs.fulltext or ())


def adds_up(boxes: Iterable[Box]) -> bool:
    """Return whether no box has a problem."""
    return not any(box.problems for box in boxes)


def _identified(inputs: FlowInputs) -> Box:
    parts = []
    for kind, heading in OF_KIND.items():
        rows_of = {name: n for name, n in inputs.hits.items() if inputs.kinds.get(name, "") == kind}
        parts += [(f"{heading}: {name}", n) for name, n in rows_of.items()]
    if inputs.unreadable:
        parts.append((UNREADABLE, inputs.unreadable))
    total = sum(inputs.hits.values()) + inputs.unreadable
    first = "screened" if inputs.abstract is not None else "sought"
    by_rule = sum(item.by_rule for item in inputs.abstract or ())
    aside = inputs.notices + inputs.venues + by_rule
    leaves = (("removed", inputs.merged + inputs.unreadable + aside), (first, inputs.records - aside))
    return Box(
        "identified", PHASES[0], "Records identified", "records", total, tuple(parts), inputs.notes, leaves=leaves
    )


def _removed(inputs: FlowInputs) -> Box:
    parts = [(MERGED, inputs.merged), *_by_rule(inputs, inputs.abstract or ()).items()]
    if inputs.unreadable:
        parts.append((UNREADABLE, inputs.unreadable))
    if inputs.notices:
        parts.append((NOTICES, inputs.notices))
    if inputs.venues:
        parts.append((VENUES, inputs.venues))
    total = sum(n for _, n in parts)
    waiting = (f"{_pairs(inputs.candidates)} of records likely to be duplicates await a decision",)
    return Box("removed", PHASES[0], "Records removed before screening", "records", total, tuple(parts),
               notes=waiting if inputs.candidates else (), enters=(("identified", total),), side=True)  # fmt: skip


def _pairs(count: int) -> str:
    return f"{count:,} {'pair' if count == 1 else 'pairs'}"


def _screening(inputs: FlowInputs, judged: list[FlowStanding], remaining: int) -> list[Box]:
    human = sum(item.excluded and item.human for item in judged)
    machine = sum(item.excluded and not item.human for item in judged)
    proceeding = sum(item.proceeds for item in judged)
    waiting = [item for item in judged if not item.excluded and not item.proceeds]
    undecided = _undecided(waiting)
    following = "sought" if inputs.fulltext is not None else "kept"
    leaves = [("excluded", human + machine), ("undecided", len(waiting)), (following, proceeding)]
    screened = Box("screened", PHASES[1], "Records screened (title and abstract)", "records", len(judged),
                   enters=(("identified", remaining),), leaves=tuple(leaves))  # fmt: skip
    excluded = Box("excluded", PHASES[1], "Records excluded", "records", human + machine,
                   (("By humans", human), ("By a machine whose gate is open", machine)),
                   enters=(("screened", human + machine),), side=True)  # fmt: skip
    awaiting = Box("undecided", PHASES[1], "Records awaiting a decision", "records", len(waiting), undecided,
                   enters=(("screened", len(waiting)),), side=True)  # fmt: skip
    boxes = [screened, excluded, awaiting]
    if inputs.fulltext is None:
        notes = _on_suggestion(item for item in judged if item.proceeds)
        boxes.append(
            Box(
                "kept",
                PHASES[3],
                "Records kept",
                "records",
                proceeding,
                notes=notes,
                enters=(("screened", proceeding),),
            )
        )
    return boxes


def _full_text(inputs: FlowInputs, judged: tuple[FlowStanding, ...], entering: int) -> list[Box]:
    counts = Counter(item.place for item in judged)
    previous_box = "screened" if inputs.abstract is not None else "identified"
    missing = Counter(
        item.retrieval_reason or "no reason given" for item in judged if item.place is FlowPlace.NOT_RETRIEVED
    )
    parts = [(f"Not retrieved: {reason}", n) for reason, n in missing.most_common()]
    parts += [
        ("No full text exists", counts[FlowPlace.NO_FULL_TEXT]),
        ("Search not yet ended", counts[FlowPlace.SOUGHT]),
    ]
    without_text = counts[FlowPlace.NOT_RETRIEVED] + counts[FlowPlace.NO_FULL_TEXT] + counts[FlowPlace.SOUGHT]
    # What is in nobody's books stays out of the sum, so that it shows.
    assessed = sum(counts[name] for name in (FlowPlace.UNDECIDED, FlowPlace.EXCLUDED, FlowPlace.INCLUDED, *_CLASSIFIED))
    suggested = {item.id for item in inputs.abstract or () if item.status is Status.SUGGESTED and item.proceeds}
    note = f"{len(suggested):,} of them on a machine's suggestion alone" if suggested else ""
    sought = Box("sought", PHASES[2], "Reports sought for retrieval", "reports", len(judged),
                 notes=(note,) if note else (), enters=((previous_box, entering),),
                 leaves=(("not_retrieved", without_text), ("assessed", assessed)))  # fmt: skip
    lost = Box("not_retrieved", PHASES[2], "Reports without a full text", "reports", without_text,
               tuple((label, n) for label, n in parts if n), enters=(("sought", without_text),), side=True)  # fmt: skip
    classified = _classified(counts)
    final = Box("assessed", PHASES[2], "Reports assessed for eligibility", "reports", assessed,
                enters=(("sought", assessed),),
                leaves=(("excluded_reports", counts[FlowPlace.EXCLUDED]), ("awaiting", counts[FlowPlace.UNDECIDED]),
                        *((box.id, box.count) for box in classified), ("included", counts[FlowPlace.INCLUDED])))  # fmt: skip
    excluded_reports = [item for item in judged if item.place is FlowPlace.EXCLUDED]
    reasons = Counter(item.failed or NO_CRITERION for item in excluded_reports)
    names = _in_order(inputs, reasons, "fulltext")
    excluded = Box("excluded_reports", PHASES[2], "Reports excluded, one reason each", "reports", len(excluded_reports),
                   tuple((name, reasons[name]) for name in names), notes=_by_whom(excluded_reports),
                   enters=(("assessed", counts[FlowPlace.EXCLUDED]),), side=True)  # fmt: skip
    unsettled = [item for item in judged if item.place is FlowPlace.UNDECIDED]
    awaiting = Box("awaiting", PHASES[2], "Reports awaiting a decision", "reports", len(unsettled), _undecided(unsettled),
                   enters=(("assessed", counts[FlowPlace.UNDECIDED]),), side=True)  # fmt: skip
    return [sought, lost, final, excluded, awaiting, *classified]


def _included(inputs: FlowInputs, entering: tuple[tuple[str, int], ...]) -> Box:
    """Return the last box; `entering` says from where."""
    reports, studies = _included_in(inputs), inputs.studies or 0
    notes = [f"{studies:,} {'study' if studies == 1 else 'studies'}", "Reports linked as the same work make one study."]
    ways = ((PREFIX, "by other methods"), (VIA, "via models and data sets alone"))
    for prefix, way in ways:
        if came := sum(n for name, n in entering if name.startswith(prefix)):
            notes.append(f"of these {way}: {came:,}")
    if inputs.supposed_studies:
        notes.append(f"{_pairs(inputs.supposed_studies)} of them may be of one study; nobody has confirmed it.")
    return Box("included", PHASES[3], "Reports of included studies", "reports", reports, notes=tuple(notes), enters=entering,
               problems=("more studies than reports",) if studies > reports else ())  # fmt: skip


_CLASSIFIED = {
    FlowPlace.AWAITING: ("unclassified", "Reports awaiting classification", "By people, until something is known"),
    FlowPlace.ONGOING: ("ongoing", "Reports of ongoing studies", "By people"),
}
"""The boxes of what people say of reports that cannot be decided yet: id, title, note."""


def _classified(counts: Mapping[FlowPlace | None, int]) -> list[Box]:
    """Return the boxes of reports that await classification, or whose studies are ongoing, where there are any."""
    return [
        Box(name, PHASES[2], title, "reports", counts[flow_place], notes=(note,), enters=(("assessed", counts[flow_place]),),
            side=True)
        for flow_place, (name, title, note) in _CLASSIFIED.items() if counts[flow_place]
    ]  # fmt: skip


def _by_whom(excluded: Sequence[FlowStanding]) -> tuple[str, ...]:
    """Return who excluded reports whose lines are their reasons: people, or a machine."""
    people = sum(item.human for item in excluded)
    if not excluded:
        return ()
    return (f"{people:,} by humans, {len(excluded) - people:,} by a machine whose gate is open",)


def _undecided(waiting: Iterable[FlowStanding]) -> tuple[tuple[str, int], ...]:
    counts = Counter(_why(item) for item in waiting)
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


def _why(item: FlowStanding) -> str:
    if item.status is Status.SUGGESTED:
        place = {Decision.EXCLUDE: 0, Decision.INCLUDE: 1, Decision.UNCLEAR: 2}
        return _WHY[place[item.decision or Decision.UNCLEAR]]
    pending = 6 if item.incomplete else 5 if item.begun else 7
    return _WHY[{Status.FINAL: 3, Status.CONFLICT: 4, Status.PENDING: pending, Status.ERROR: 8}[item.status]]


def _on_suggestion(items: Iterable[FlowStanding]) -> tuple[str, ...]:
    count = sum(item.status is Status.SUGGESTED for item in items)
    return (f"{count:,} of them on a machine's suggestion alone",) if count else ()


def _in_order(inputs: FlowInputs, reasons: Mapping[str, int], stage: str = "abstract") -> list[str]:
    criteria = inputs.criteria.get(stage, ())
    return [*(name for name in criteria if name in reasons), *(name for name in reasons if name not in criteria)]


def reasons_table(judged: Iterable[FlowStanding], criteria: Iterable[str]) -> list[dict[str, Any]]:
    """Return why records were excluded, or would be: by first failed criterion, who says so, and whether it is final."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in criteria}
    for item in judged:
        if item.decision is Decision.EXCLUDE and item.status in (Status.FINAL, Status.SUGGESTED):
            column = "suggested" if item.status is Status.SUGGESTED else "human" if item.human else "machine"
            counts.setdefault(item.failed or NO_CRITERION, Counter())[column] += 1
    return [
        {"criterion": name, **{key: by_whom[key] for key in ("human", "machine", "suggested")}, "all": by_whom.total()}
        for name, by_whom in counts.items()
    ]
