"""The flow of an updated review: the studies of a frozen version, what is new since, and both together.

The boxes of the new records are those of `flow` over these records alone. The previous box is read from the version and from
nothing else, so that it stays as it was. Source: Page et al. 2021, BMJ 372:n71, template for updated reviews; Kahale et
al. 2022, F1000Research 11:192, on living systematic reviews.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.judgement import Decision, Stage
from ..documents import Report
from ..ledger import (
    FrozenVersion,
    Ledger,
    all_imports,
    as_studies,
    current_ids_of,
    hits_by_source,
    new_records,
    notices_set_aside,
    previous_version,
)
from ..ledger.hub import read_hub
from ..protocol import Review
from ..stages import FlowPlace, StageState, Status, place, removed_by_venue
from .flow import Box, FlowInputs, adds_up, checked, flow
from .flow_inputs import with_others
from .flow_models import read_apart, read_model_counts
from .flow_others import read_other_counts

STILL, NEW, SINCE, NO_MORE = (
    "In the previous version",
    "New",
    "Included since then, among earlier records",
    "Not included any more",
)
PREVIOUS = "Previous"
"""The phase of the box of previous studies."""


def included_studies(ledger: Ledger, stages: Mapping[Stage, StageState]) -> list[tuple[str, ...]]:
    """Return the included studies, each as the ids of its reports.

    Where the protocol has no full texts, they are the records that are finally kept, each a study of its own.
    """
    if Stage.FULLTEXT not in stages:
        state = stages.get(Stage.ABSTRACT)
        kept = state.standings.items() if state else ()
        return [(name,) for name, s in kept if s.status is Status.FINAL and s.decision is Decision.INCLUDE]
    state = stages[Stage.FULLTEXT]
    included = [
        report
        for report in state.records
        if isinstance(report, Report) and place(report, state.standings[report.id]) is FlowPlace.INCLUDED
    ]
    return [study.study or (study.id,) for study in as_studies(ledger, included)]


@dataclass(frozen=True)
class Update:
    """What an update is counted from: the version before it, the flow of the records that came since, and what is included.

    `earlier` are the reports of the version by their present ids, `studies` the studies that are included now.
    """

    version: FrozenVersion
    inputs: FlowInputs
    new: Collection[str]
    earlier: Collection[str]
    studies: Collection[tuple[str, ...]]


def read_update(
    ledger: Ledger, review: Review, inputs: FlowInputs, stages: Mapping[Stage, StageState]
) -> Update | None:
    """Return what has come since the last frozen version; None where no version was frozen, or nothing was imported since."""
    removed = removed_by_venue(ledger, review)
    with ledger.read() as connection:
        version = previous_version(connection)
        if version is None:
            return None
        records, hits = new_records(connection, version.position["hits"])
        by_source = hits_by_source(connection, hits)
        rejected = {
            file.sha256: len(file.report.get("rejected", ()))
            for file in all_imports(connection)
            if file.id > version.position["imports"] and not file.undone
        }
        current = current_ids_of(connection, version.reports)
        hub = read_hub(connection)
        apart, own_hits = read_apart(connection, hub, records, hits), Counter(by_source)
        own_hits.subtract(apart.hits)
        models = read_model_counts(connection, hub, records)
        others = read_other_counts(connection, inputs.kinds, hub, records, hits)
        notices = (notices_set_aside(connection) & records) - hub.not_screened
    studies = included_studies(ledger, stages)
    earlier = {current.get(name, name) for name in version.reports}

    def among(items: Iterable[Any] | None) -> tuple[Any, ...] | None:
        return None if items is None else tuple(item for item in items if item.id in records)

    by_venue = (removed & records) - notices - hub.not_screened
    fresh = replace(
        inputs,
        hits={name: n for name, n in own_hits.items() if n},
        unreadable=sum(rejected.values()),
        merged=len(hits) - len(records) - apart.merged,
        records=len(records) - apart.records,
        notices=len(notices),
        venues=len(by_venue),
        abstract=among(inputs.abstract),
        fulltext=among(inputs.fulltext),
        studies=sum(earlier.isdisjoint(study) and not records.isdisjoint(study) for study in studies),
        notes=(),
        models=models,
        others=None,
    )
    fresh = with_others(fresh, others, notices, by_venue)
    return Update(version, fresh, records, earlier, studies)


def previous(update: Update | None) -> dict[str, Any] | None:
    """Return the update's flow as it stands in the figures; None where there is none."""
    if update is None:
        return None
    boxes = [_previous(update.version), *map(_renamed, flow(update.inputs)), _total(update)]
    return {
        "version": update.version.name,
        "at": update.version.at,
        "who": update.version.who,
        "figures_sha256": update.version.figures,
        "protocol_sha256": update.version.protocol,
        "boxes": [box.as_json() for box in boxes],
        "adds_up": adds_up(boxes),
    }


def _previous(version: FrozenVersion) -> Box:
    reports = len(version.reports)
    return Box(
        "previous", PREVIOUS, f"Studies of the previous version ({version.name}, {version.at[:10]})", "studies",
        len(version.studies), notes=(f"{reports:,} {'report' if reports == 1 else 'reports'} of these studies",),
    )  # fmt: skip


def _renamed(box: Box) -> Box:
    titles = {
        "identified": "New records identified",
        "included": "Reports of new included studies",
        "kept": "New records kept",
    }
    return replace(box, title=titles.get(box.id, box.title))


def _total(update: Update) -> Box:
    """Return the box of all that is included now. It adds up from the version, the new records, and what changed since."""
    now = {name for study in update.studies for name in study}
    still = now & set(update.earlier) - set(update.new)
    new = now & set(update.new)
    before = len(update.version.reports)
    parts = [
        (STILL, before),
        (NEW, len(new)),
        (SINCE, len(now - new - still)),
        (NO_MORE, len(still) - before),
    ]
    enters = (
        ("previous", before),
        ("included" if update.inputs.fulltext is not None else "kept", len(new)),
        ("earlier records", len(now) - len(new) - before),
    )
    studies = len(update.studies)
    return checked(
        Box(
            "total", "Included", "Reports of all included studies", "reports", len(now),
            tuple((label, n) for label, n in parts if n or label in (STILL, NEW)),
            notes=(f"{studies:,} {'study' if studies == 1 else 'studies'}",), enters=enters,
        )
    )  # fmt: skip
