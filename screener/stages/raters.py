"""Choose which judgements of people are ratings: first ones, by people who were there whatever the others answered.

Somebody who is called because others differ settles the dispute and rates nothing: counted as a rater, they would leave
only records without a dispute with the usual number of ratings. The ledger does not say why somebody judged a record,
but it shows it: the larger group of people stands on records on which the smaller one within it differs.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..core.judgement import Stage
from ..ledger import StoredJudgement
from ..metrics import fisher_exact
from .agreement import agreement_of

ERROR = 0.05
"""From which p on a larger group of people is taken to have nothing to do with the answers of the smaller one."""

People = frozenset[str]
Group = list[StoredJudgement]


@dataclass(frozen=True)
class Ratings:
    """Hold the ratings of each record, by id, one a person, and who judged on which records without rating them."""

    by_record: Mapping[str, Sequence[StoredJudgement]]
    called: Mapping[str, frozenset[str]]
    """The records to which each person was called because the others differ."""

    def left_out(self) -> dict[str, int]:
        """Return on how many records each person was called because the others differ, by name."""
        return {name: len(records) for name, records in sorted(self.called.items())}


def independent_ratings(
    rows: Iterable[StoredJudgement],
    current_ids: Mapping[str, str],
    stage: Stage,
    made_here: Container[int] = frozenset(),
) -> Ratings:
    """Return the ratings among people's judgements, which come oldest first.

    `made_here` are the numbers of the judgements whose order is that in which people judged: those made in the app.
    Decisions from a file have no times.
    """
    groups = _first(rows, current_ids, stage)
    sets: dict[People, list[str]] = defaultdict(list)
    for name, group in groups.items():
        if len(group) > 1:
            sets[_people(group)].append(name)
    usual = min(map(len, sets), default=0)
    tallies: dict[People, Counter[bool]] = {}
    called: dict[str, set[str]] = defaultdict(set)
    for people in sorted(sets, key=lambda names: (len(names), sorted(names))):
        bases = _bases(people, tallies, usual)
        parts = {name: _parts(groups[name], bases, usual, made_here) for name in sets[people]} if bases else {}
        if parts and _by_dispute(parts, [tallies[base] for base in bases], len(people) - usual, stage):
            for name, candidates in parts.items():
                groups[name] = next((part for part in candidates if _differ(part, stage)), candidates[0])
                for reviewer in people - _people(groups[name]):
                    called[reviewer].add(name)
        for name in sets[people]:
            tallies.setdefault(_people(groups[name]), Counter())[_differ(groups[name], stage)] += 1
    return Ratings(groups, {name: frozenset(records) for name, records in called.items()})


def _first(rows: Iterable[StoredJudgement], current_ids: Mapping[str, str], stage: Stage) -> dict[str, Group]:
    """Return of each record the judgement of each person before the first dispute on it, in the order in which they came.

    What somebody changes while the judgements of a record differ may come from a discussion.
    """
    first: dict[str, dict[str, StoredJudgement]] = defaultdict(dict)
    for row in rows:
        if row.role == "human" and row.repeat == 0:
            group = first[current_ids.get(row.record_id, row.record_id)]
            if row.reviewer not in group or not _differ(list(group.values()), stage):
                group[row.reviewer] = row
    return {name: list(group.values()) for name, group in first.items()}


def _differ(group: Sequence[StoredJudgement], stage: Stage) -> bool:
    return agreement_of(group, stage).conflict


def _people(group: Iterable[StoredJudgement]) -> People:
    return frozenset(row.reviewer for row in group)


def _bases(people: People, tallies: Mapping[People, Counter[bool]], usual: int) -> list[People]:
    """Return the groups to which the others may have been added, the most frequent first.

    Those within the larger one, or else all of the usual size.
    """
    within = [base for base in tallies if base < people]
    bases = within or [base for base in tallies if len(base) == usual < len(people)]
    return sorted(bases, key=lambda base: (-tallies[base].total(), sorted(base)))


def _parts(group: Group, bases: Sequence[People], usual: int, made_here: Container[int]) -> list[Group]:
    """Return the judgements of a record that may have been there before others were added, the likeliest first.

    Where all were made in the app, those that came first. Else those of the groups that judged elsewhere, or of any as
    many people.
    """
    if all(row.id in made_here for row in group):
        return [group[:usual]]
    within = [[row for row in group if row.reviewer in base] for base in bases if base <= _people(group)]
    return within or [list(part) for part in combinations(group, usual)]


def _by_dispute(
    parts: Mapping[str, Sequence[Group]], tallies: Sequence[Counter[bool]], added: int, stage: Stage
) -> bool:
    """Return whether a larger group stands on records because a part of it differs there.

    `parts` are the possible ones of each record, `tallies` how often such groups differ elsewhere. So it is where the
    part always differs and elsewhere not always, or where it differs more or less often than chance explains.
    """
    differ, agree = (sum(tally[kind] for tally in tallies) for kind in (True, False))
    disputed = [[_differ(part, stage) for part in candidates] for candidates in parts.values()]
    single = all(len(candidates) == 1 for candidates in disputed)
    always = all(map(any, disputed)) and (single or added == 1)
    if always and agree and (single or fisher_exact(len(disputed), 0, differ, agree) < ERROR):
        return True
    # Where it is not known which part came first, each may have.
    share = round(sum(sum(candidates) / len(candidates) for candidates in disputed))
    return fisher_exact(share, len(disputed) - share, differ, agree) < ERROR
