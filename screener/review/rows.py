"""What the listing methods return: plain rows, which are a pandas DataFrame where one is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.errors import BadInput
from ..core.judgement import Evidence, Stage
from ..ledger import KINDS, Ledger, LinkRow, listed_links, reads
from ..protocol import Review
from ..records import Record
from ..stages import StageState, Standing

if TYPE_CHECKING:
    import pandas as pd

RowT = TypeVar("RowT")


class Rows(tuple[RowT, ...]):
    """Rows of one kind, a tuple of frozen dataclasses."""

    __slots__ = ()

    def frame(self) -> "pd.DataFrame":
        """Return the rows as a DataFrame of shape (rows, fields), a column a field of the dataclass.

        Without rows it has no columns.
        """
        import pandas as pd

        # Not `asdict`: what a field holds stays what it is, and is not copied.
        return pd.DataFrame([{field.name: getattr(row, field.name) for field in fields(row)} for row in self])  # type: ignore[arg-type]


@dataclass(frozen=True)
class RecordRow:
    """A record after merging, and how it stands where a stage was asked for.

    `sources` are the databases that gave it, `aliases` the ids of entries merged into it. `status` is final, suggested,
    conflict, pending or error; `decision` include, exclude, unclear or empty; `decided_by` who decided.
    """

    id: str
    title: str
    abstract: str
    authors: tuple[str, ...]
    year: int | None
    venue: str
    doi: str | None
    pmid: str | None
    sources: tuple[str, ...]
    aliases: tuple[str, ...]
    decision: str = ""
    status: str = ""
    decided_by: str = ""


@dataclass(frozen=True)
class JudgementRow:
    """One judgement that nobody has withdrawn.

    `role` is machine, human, adjudicator or gold; `answers` has yes, no, unclear or not_asked by criterion; `failed_criterion` is
    the first one answered no, or empty. `probability`, in [0, 1], is that of inclusion where the reviewer gave one. `at`
    is the time in UTC, ISO 8601. At extraction `items` has the value of each item by its path in the form.
    """

    record_id: str
    stage: str
    reviewer: str
    role: str
    decision: str
    probability: float | None
    failed_criterion: str
    reason: str
    answers: Mapping[str, str]
    evidence: Mapping[str, tuple[Evidence, ...]]
    """The quotes by criterion or item, each with its place and how it was found."""
    items: Mapping[str, Any]
    flags: tuple[str, ...]
    repeat: int
    run_id: str
    at: str


def record_rows(ledger: Ledger, review: Review, stage: Stage | None) -> Rows[RecordRow]:
    """Return all records in the order in which they came, or those that a stage has to judge with their standing."""
    if stage is None:
        with ledger.read() as connection:
            return Rows(_record_row(record, None) for record in reads.records(connection))
    state = StageState.load(ledger, review, stage)
    return Rows(_record_row(record, state.standings[record.id]) for record in state.records)


def _record_row(record: Record, standing: Standing | None) -> RecordRow:
    return RecordRow(
        record.id,
        record.title,
        record.abstract,
        record.authors,
        record.year,
        record.venue,
        record.doi,
        record.pmid,
        record.sources,
        record.aliases,
        decision=standing.decision.value if standing and standing.decision else "",
        status=standing.status.value if standing else "",
        decided_by=standing.by if standing else "",
    )


def judgement_rows(
    ledger: Ledger, stages: tuple[Stage, ...], reviewer: str | None, role: str | None
) -> Rows[JudgementRow]:
    """Return the judgements of some stages, oldest first within each, of one reviewer or role or of all.

    `record_id` is the id that the record has now, also where it was judged under another before a merge.
    """
    rows = []
    with ledger.read() as connection:
        current_id = reads.current_ids(connection)
        for stage in stages:
            for row in reads.judgements(connection, stage, reviewer=reviewer, roles=(role,) if role else ()):
                rows.append(_judgement_row(row, stage, current_id.get(row.record_id, row.record_id)))
    return Rows(rows)


def _judgement_row(row: reads.StoredJudgement, stage: Stage, record_id: str) -> JudgementRow:
    judgement = row.judgement
    evidence = {name: answer.evidence for name, answer in judgement.answers.items()}
    evidence |= {name: item.evidence for name, item in judgement.items.items()}
    return JudgementRow(
        record_id,
        stage.value,
        row.reviewer,
        row.role,
        judgement.decision.value,
        judgement.probability,
        judgement.failed() or "",
        judgement.reason,
        {name: answer.value.value for name, answer in judgement.answers.items()},
        {name: quotes for name, quotes in evidence.items() if quotes},
        {name: item.value for name, item in judgement.items.items()},
        judgement.flags,
        row.repeat,
        row.run_id,
        row.at,
    )


def link_rows(ledger: Ledger, kind: str | None) -> Rows[LinkRow]:
    """Return the links between entries, all or of one kind; `BadInput` where there is no such kind."""
    if kind is not None and kind not in KINDS:
        raise BadInput(f"kind: `{kind}` is none of {', '.join(KINDS)}")
    names = [field.name for field in fields(LinkRow)]
    return Rows(LinkRow(**{name: getattr(link, name) for name in names}) for link in listed_links(ledger, kind))
