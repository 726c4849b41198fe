"""Units of two studies (models, arms) linked as one and the same by a person, so that tables count them once."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ..core.errors import BadInput
from ..ledger import Ledger
from ..ledger.same_models import UnitEnd, say_same_model
from ..protocol import Review
from ..reporting.tables import ExtractedStudy, Synthesis, broken_links, entry_name, own_name, unit_list
from ..stages import check_name
from .tables import synthesis_of


@dataclass(frozen=True)
class UnitPair:
    """Two units of two studies: linked by `who`, or (`who` is empty) a pair of one name that nobody has decided on.

    `holds` is false where an extraction has changed since, so that the link counts no more.
    """

    a: UnitEnd
    b: UnitEnd
    who: str = ""
    at: str = ""
    holds: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return what `models same --json` lists."""
        ends = [{"study": end.record, "unit": end.place, "name": end.name} for end in (self.a, self.b)]
        return {"a": ends[0], "b": ends[1], "who": self.who, "at": self.at, "holds": self.holds}


@dataclass(frozen=True)
class UnitPairs:
    """The pairs that people have linked, and those of one name on which nobody has decided."""

    linked: Sequence[UnitPair]
    open: Sequence[UnitPair]

    def as_json(self) -> dict[str, Any]:
        """Return what `models same --json` prints."""
        return {"linked": [pair.as_json() for pair in self.linked], "open": [pair.as_json() for pair in self.open]}


def unit_pairs(ledger: Ledger, review: Review) -> UnitPairs:
    """Return the links between units, and the pairs of units that have one name in two studies."""
    synthesis = synthesis_of(ledger, review)
    broken = broken_links(synthesis)
    linked = [
        UnitPair(link.a, link.b, link.who, link.at, link not in broken) for link in synthesis.links if link.active
    ]
    lists = _counted_lists(review, synthesis)
    decided = {frozenset((link.a.key, link.b.key)) for link in synthesis.links if link not in broken}
    return UnitPairs(
        linked, [pair for pair in _of_one_name(synthesis, lists) if frozenset((pair.a.key, pair.b.key)) not in decided]
    )


def _counted_lists(review: Review, synthesis: Synthesis) -> set[str]:
    """Return the lists whose entries tables count as units: two outcomes of one name, say, are none."""
    tables = review.protocol.tables
    paths = [part.item for part in tables.reproducibility.values()]
    paths += [tables.performance.value] if tables.performance else []
    return {unit_list(synthesis.form, [path]) for path in paths} - {""}


def _of_one_name(synthesis: Synthesis, lists: Collection[str]) -> Iterator[UnitPair]:
    named: dict[str, list[UnitEnd]] = {}
    for list_path in lists:
        for study in synthesis.studies:
            for place in study.entries(list_path):
                if name := " ".join(own_name(synthesis.form, study, place).casefold().split()):
                    named.setdefault(name, []).append(_end(synthesis, study, place))
    for ends in named.values():
        yield from (UnitPair(a, b) for a, b in combinations(ends, 2) if a.record != b.record)


def link_units(ledger: Ledger, review: Review, first: str, second: str, who: str, *, same: bool = True) -> UnitPair:
    """Say that two units are the same or, not `same`, that they are not; what was said last counts.

    A unit is given as `STUDY:models[0]` or `STUDY:NAME`. Raises `BadInput` for an unknown study or unit, for two of one study,
    and for a name that is no person's.
    """
    person, synthesis = check_name(review, who), synthesis_of(ledger, review)
    a, b = (unit_named(synthesis, text) for text in (first, second))
    if a.record == b.record:
        raise BadInput(
            f"models same: {first} and {second} are of one study; a study's own entries are told apart in its form"
        )
    with ledger.write() as connection:
        say_same_model(connection, a, b, person, active=same)
    return UnitPair(a, b, person, holds=same)


def unit_named(synthesis: Synthesis, text: str) -> UnitEnd:
    """Return the unit that a text names: `STUDY:models[0]`, or `STUDY:NAME` with the unit's name.

    Raises `BadInput` with the units of the study where there is none such.
    """
    # Both ids of studies and names of units may have colons of their own.
    reports = [(f"{report}:", study) for study in synthesis.studies for report in study.reports]
    begun = max((pair for pair in reports if text.startswith(pair[0])), key=lambda pair: len(pair[0]), default=None)
    if begun is None:
        raise BadInput(f"models same: {text}: no included study has this id; write STUDY:{_example(synthesis)}")
    start, study = begun
    unit = text.removeprefix(start)
    ends = [_end(synthesis, study, place) for unit_ in synthesis.form.units for place in study.entries(unit_.path)]
    found = [end for end in ends if unit in (end.place, end.name)]
    if len(found) != 1:
        known = ", ".join(f"{end.place} ({end.name})" for end in ends) or "none"
        which = "several units" if found else "no unit"
        raise BadInput(f"models same: {text}: {which} of {study.id} is `{unit}`; it has {known}")
    return found[0]


def _end(synthesis: Synthesis, study: ExtractedStudy, place: str) -> UnitEnd:
    return UnitEnd(study.id, place, entry_name(synthesis.form, study, place))


def _example(synthesis: Synthesis) -> str:
    units = synthesis.form.units
    return f"{units[0].path}[0]" if units else "UNIT"
