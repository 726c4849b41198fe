"""On which documents a person's judgement was made: on those that its report or study has now, or on others."""

from collections import defaultdict
from functools import cached_property

from sqlalchemy import Connection, func, select

from ..core.judgement import Evidence, Judgement, Stage
from ..documents import Report, borrowed
from ..records import Record
from . import reads
from . import tables as t
from .documents import as_studies, reports
from .judgements import PEOPLE
from .reads import StoredJudgement
from .store import Ledger
from .superseded import text_changes


def of_member(judgement: Judgement, name: str) -> Judgement:
    """Return the judgement of a report, by its id, as one of its study, with documents by their names in the study."""

    def place(evidence: Evidence) -> Evidence:
        return evidence.model_copy(update={"document": borrowed(name, evidence.document)})

    items = {
        path: answer.model_copy(update={"evidence": tuple(map(place, answer.evidence))})
        for path, answer in judgement.items.items()
    }
    return judgement.model_copy(update={"items": items})


def extracted_already(ledger: Ledger, name: str) -> tuple[Report, dict[str, list[str]]]:
    """Return the study of a record, as if all its reports reached extraction, and who has extracted which of them."""
    with ledger.read() as connection:
        record = reads.find_record(connection, name)
        members = reads.with_their_studies(connection, {record.id if record else name})
        records, current_ids = reads.records(connection, members), reads.current_ids(connection)
        rows = reads.judgements(connection, Stage.EXTRACTION, roles=PEOPLE)
        people = [(current_ids.get(row.record_id, row.record_id), row.reviewer) for row in rows]
    (study,) = as_studies(ledger, reports(ledger, records))
    by_report: dict[str, list[str]] = {report_id: [] for report_id in study.study or (study.id,)}
    for report_id, reviewer in people:
        if report_id in by_report and reviewer not in by_report[report_id]:
            by_report[report_id].append(reviewer)
    return study, {report_id: reviewers for report_id, reviewers in by_report.items() if reviewers}


class JudgedTexts:
    """Tell on which texts a stage's judgements were made, while a connection is open.

    The ledger is read when needed.
    """

    def __init__(self, connection: Connection, stage: Stage) -> None:
        """Start empty: rows are read when first asked for."""
        self._connection, self._stage = connection, stage

    def on_other_text(self, report: Report, row: StoredJudgement) -> bool:
        """Return whether documents of the report, or of the study that it speaks for, came or went after the judgement.

        A text that differs in title or abstract alone is the same report. Who judged it at full text in a file of labels
        read a copy that nobody here has seen: nothing is said of them.
        """
        if row.role == "machine" or row.text_hash == report.text_hash:
            return False
        if self._stage is Stage.FULLTEXT and row.id not in self._given_here:
            return False
        names = report.study or (report.id,)
        spans = [span for name in names for span in self._spans[name]]
        if not any(first < row.at for _, first, _ in spans):
            return False  # there was nothing yet that could have been read
        if any(last >= row.at for _, _, last in spans):
            return True
        if report.study:
            return any(linked_at >= row.at for name in names for linked_at in self._linked[name])
        # A merge brings the documents of both records, without a change to either.
        return any(origin != row.record_id for origin, _, _ in spans)

    def on_changed_text(self, record: Record, row: StoredJudgement) -> bool:
        """Return whether a person gave the judgement before an update changed the record's title or abstract.

        What was changed and changed back is as it was. A text that another of the searches' sources brings is no change;
        one that was looked up for the record is.
        """
        if row.role == "machine" or row.text_hash == record.text_hash:
            return False
        if row.text_hash == record.own_text:
            return True
        changed, withdrawn = self._changes
        return changed.get(record.id, "") > row.at or row.text_hash in withdrawn.get(record.id, ())

    @cached_property
    def _changes(self) -> tuple[dict[str, str], dict[str, set[str]]]:
        return text_changes(self._connection)

    @cached_property
    def _given_here(self) -> frozenset[int]:
        """Return the judgements of the stage that people gave in the app."""
        c, j = t.judgement_context.c, t.judgements.c
        query = select(c.judgement_id).join(t.judgements, j.id == c.judgement_id).where(j.stage == self._stage.value)
        return frozenset(self._connection.execute(query).scalars())

    @cached_property
    def _spans(self) -> dict[str, list[tuple[str, str, str]]]:
        """Return by record when its documents came first and changed last, under each id at which some were attached."""
        d, spans = t.documents.c, defaultdict[str, list[tuple[str, str, str]]](list)
        current_ids = reads.current_ids(self._connection)
        query = select(d.record_id, func.min(d.at), func.max(d.at)).group_by(d.record_id)
        for origin, first, last in self._connection.execute(query):
            spans[current_ids.get(origin, origin)].append((origin, first, last))
        return spans

    @cached_property
    def _linked(self) -> dict[str, list[str]]:
        """Return by record when it was linked with others as one study, or unlinked."""
        link, member, linked = t.links.c, t.members.c, defaultdict[str, list[str]](list)
        query = select(member.record_id, link.at).join(t.links, (link.a == member.hit_id) | (link.b == member.hit_id))
        for name, linked_at in self._connection.execute(query.where(link.kind == "same_study")):
            linked[name].append(linked_at)
        return linked
