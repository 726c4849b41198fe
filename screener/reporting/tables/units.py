"""The units that tables count: each entry of a list, or those of several studies that people say are the same, once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...forms import FormSpec
from ...ledger.link_checks import LinkCheck
from ...ledger.same_models import SameModel, UnitEnd
from .named_items import entry_name, innermost, places_of
from .studies import ExtractedStudy, list_of, lists_above
from .table import listed, unanswered_note


@dataclass(frozen=True)
class CountedUnit:
    """A unit, with its place in each of the studies that report it. `year` is the earliest of these studies'."""

    name: str
    members: tuple[tuple[ExtractedStudy, str], ...]

    @property
    def year(self) -> int | None:
        """Return the year in which it was first reported."""
        return min((study.record.year for study, _ in self.members if study.record.year), default=None)

    @property
    def label(self) -> str:
        """Return its name with its studies: `Name (Smith 2021; Lee 2022)`."""
        studies = "; ".join(dict.fromkeys(study.label for study, _ in self.members))
        return f"{self.name} ({studies})" if self.name else studies


@dataclass(frozen=True)
class Synthesis:
    """What tables are made from: the form, the studies, what people say of units, and what was seen at addresses."""

    form: FormSpec
    studies: Sequence[ExtractedStudy]
    links: Sequence[SameModel] = ()
    observed: Mapping[str, LinkCheck] = field(default_factory=dict)
    """The last look at each address."""

    def units(self, paths: Sequence[str]) -> list[CountedUnit]:
        """Return the units that some items are asked of."""
        return counted_units(self, unit_list(self.form, paths))

    def notes(self, units: Sequence[CountedUnit]) -> tuple[str, ...]:
        """Return what is to be known of what was counted."""
        return (*unit_notes(units, self.studies, broken_links(self)), *unanswered_note(self.studies))


def unit_list(form: FormSpec, paths: Sequence[str]) -> str:
    """Return the outermost list that some items are in; the empty string where they are asked once a study."""
    innermost(form, paths)
    return next((lists_above(form, name)[0] for path in paths if (name := list_of(form, path))), "")


def present_links(studies: Sequence[ExtractedStudy], links: Iterable[SameModel]) -> list[SameModel]:
    """Return links with the ids of the studies that their records are reports of now; those within one study are left out.

    `links` are in the order in which they were said. What was said last of two units counts, whichever of a study's reports
    was named.
    """
    study_of = {report: study.id for study in studies for report in study.reports}

    def end(of_link: UnitEnd) -> UnitEnd:
        return replace(of_link, record=study_of.get(of_link.record, of_link.record))

    present = [replace(link, a=end(link.a), b=end(link.b)) for link in links]
    newest = dict[frozenset[tuple[str, str]], SameModel]()
    for link in present:
        ends = frozenset((link.a.key, link.b.key))
        newest.pop(ends, None)
        newest[ends] = link
    return [link for link in newest.values() if link.a.record != link.b.record]


def counted_units(synthesis: Synthesis, list_path: str) -> list[CountedUnit]:
    """Return the entries of a list over all studies, linked ones as one unit; of the empty list the studies.

    A link of which an end is no more, or is called otherwise now, joins nothing.
    """
    places = [(study, place) for study in synthesis.studies if study.by for place in places_of(study, list_path)]
    names = {(study.id, place): entry_name(synthesis.form, study, place) for study, place in places}
    first = {key: key for key in names}

    def root(key: tuple[str, str]) -> tuple[str, str]:
        while first[key] != key:
            key = first[key]
        return key

    for link in synthesis.links:
        if link.active and all(names.get(end.key) == end.name for end in (link.a, link.b)):
            first[root(link.b.key)] = root(link.a.key)
    members: dict[tuple[str, str], list[tuple[ExtractedStudy, str]]] = {}
    for study, place in places:
        members.setdefault(root((study.id, place)), []).append((study, place))
    return [CountedUnit(names[of_unit[0][0].id, of_unit[0][1]], tuple(of_unit)) for of_unit in members.values()]


def broken_links(synthesis: Synthesis) -> list[SameModel]:
    """Return the links of which an end is not there any more, or is called otherwise now."""
    by_id = {study.id: study for study in synthesis.studies}

    def holds(end: UnitEnd) -> bool:
        study = by_id.get(end.record)
        if study is None or end.place not in study.entries(end.place.partition("[")[0]):
            return False
        return entry_name(synthesis.form, study, end.place) == end.name

    return [link for link in synthesis.links if link.active and not (holds(link.a) and holds(link.b))]


def unit_notes(
    units: Sequence[CountedUnit], studies: Sequence[ExtractedStudy], broken: Sequence[SameModel]
) -> list[str]:
    """Return what is to be known of what was counted: units of several studies, links that hold no more, studies without."""
    notes = []
    if several := [unit.label for unit in units if len(unit.members) > 1]:
        notes.append(
            f"{len(several):,} of {len(units):,} are reported more than once and counted once: {listed(several)}."
        )
    if broken:
        notes.append(
            f"{len(broken):,} links between units do not hold any more, since an extraction has changed: see "
            "`screener models same`."
        )
    present = {study.id for unit in units for study, _ in unit.members}
    if without := [study.label for study in studies if study.by and study.id not in present]:
        notes.append(f"{len(without):,} of {len(studies):,} studies have none: {listed(without)}.")
    return notes
