"""Freeze a version of the review, list the frozen ones, and show one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..documents import Report
from ..ledger import FrozenVersion, Ledger, NewVersion, add_version, frozen_text, ledger_position, reads, versions
from ..protocol import Review
from ..reporting.figures import figures as collect
from ..reporting.previous import included_studies
from ..stages import CLASSIFIED, FlowPlace, StageState, Status, load_stages, place
from .reporting import refuse_synthetic

_NAMED = 5
_LONGEST = 80


@dataclass(frozen=True)
class ShownVersion:
    """A frozen version with what it keeps: the figures of the report, and the files of the protocol by their paths."""

    version: FrozenVersion
    figures: Mapping[str, Any]
    protocol: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return what `version show --json` prints."""
        return {
            **self.version.as_json(),
            "included": [list(study) for study in self.version.studies],
            "open_records": self.version.body["open"],
            "protocol": dict(self.protocol),
            "figures": dict(self.figures),
        }


def freeze(ledger: Ledger, review: Review, name: str, who: str, *, with_open: bool = False) -> FrozenVersion:
    """Keep figures, protocol and the ledger's position under a name, for good.

    Raises `BadInput` for a name that is taken or none, and, unless `with_open`, where conflicts, suggestions or anything else
    waits for a decision.
    """
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST:
        raise BadInput(f"version freeze: a name has 1 to {_LONGEST} characters")
    with ledger.read() as connection:  # one moment: what others write meanwhile belongs to what comes after the version
        if any(earlier.name == name for earlier in versions(connection)):
            raise BadInput(f"version freeze: there is a version {name} already; a frozen version is never changed")
        new = _frozen(ledger.within(connection), review, with_open=with_open)
    with ledger.write() as connection:
        return add_version(connection, name, who, new)


def _frozen(ledger: Ledger, review: Review, *, with_open: bool) -> NewVersion:
    refuse_synthetic(ledger, "version freeze")
    stages = load_stages(ledger, review)
    open_ = open_records(stages)
    if open_ and not with_open:
        raise BadInput(
            f"version freeze: {_said(open_)}; decide them, or freeze all the same with --with-open, which keeps the list"
        )
    studies = [list(study) for study in included_studies(ledger, stages)]
    with ledger.read() as connection:
        records, position = reads.count_records(connection), ledger_position(connection)
    body = {"records": records, "studies": studies, "open": open_}
    figures = json.dumps(collect(ledger, review), ensure_ascii=False, sort_keys=True)
    return NewVersion(position, json.dumps(_protocol(review), ensure_ascii=False), figures, body)


def _protocol(review: Review) -> dict[str, str]:
    """Return the files of the protocol, its prompts and forms among them, by their paths in the review."""
    return {
        path.relative_to(review.root).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(review.prompts.rglob("*"))
        if path.is_file() and not any(part.startswith((".", "__")) for part in path.relative_to(review.root).parts)
    }


def open_records(stages: Mapping[Stage, StageState]) -> dict[str, dict[str, list[str]]]:
    """Return what waits for a decision, by stage and status; a report without a document waits for nothing more."""
    waiting: dict[str, dict[str, list[str]]] = {}
    for stage, state in stages.items():
        by_status: dict[str, list[str]] = {}
        for record in state.records:
            standing = state.standings[record.id]
            if standing.status is Status.FINAL or standing.status in CLASSIFIED:
                continue
            if (
                stage is Stage.FULLTEXT
                and isinstance(record, Report)
                and place(record, standing) in (FlowPlace.NOT_RETRIEVED, FlowPlace.NO_FULL_TEXT)
            ):
                continue
            by_status.setdefault(standing.status.value, []).append(record.id)
        if by_status:
            waiting[stage.value] = by_status
    return waiting


def _said(open_: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    parts = []
    for stage, by_status in open_.items():
        for status, names in by_status.items():
            shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
            parts.append(f"{len(names):,} {status} ({Stage(stage).label.lower()}: {shown})")
    return f"open are {'; '.join(parts)}"


def list_versions(ledger: Ledger) -> tuple[FrozenVersion, ...]:
    """Return the frozen versions, oldest first."""
    with ledger.read() as connection:
        return tuple(versions(connection))


def show_version(ledger: Ledger, name: str) -> ShownVersion:
    """Return a frozen version with all that it keeps; `BadInput` for an unknown name or a damaged text."""
    with ledger.read() as connection:
        named = {version.name: version for version in versions(connection)}
        if name not in named:
            raise BadInput(f"version show: no version is called {name}; there are: {', '.join(named) or 'none'}")
        version = named[name]
        figures, protocol = (json.loads(frozen_text(connection, text)) for text in (version.figures, version.protocol))
    return ShownVersion(version, figures, protocol)
