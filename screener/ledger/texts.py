"""On which documents a person's judgement was made: on those that its report or study has now, or on others."""

from collections import defaultdict
from functools import cached_property

from sqlalchemy import Connection, func, select

from ..judgement import Evidence, Judgement, Stage
from ..reports import Report, borrowed
from . import reads
from . import tables as t
from .documents import as_studies, reports
from .reads import Row
from .store import Ledger


def of_member(judgement: Judgement, name: str) -> Judgement:
    """The judgement of a report, by its id, as one of the study that another report speaks for: documents by their names
    there.
    """

    def place(one: Evidence) -> Evidence:
        return one.model_copy(update={"document": borrowed(name, one.document)})

    items = {
        path: answer.model_copy(update={"evidence": tuple(map(place, answer.evidence))})
        for path, answer in judgement.items.items()
    }
    return judgement.model_copy(update={"items": items})


def extracted_already(ledger: Ledger, name: str) -> tuple[Report, dict[str, list[str]]]:
    """The study of a record, as if all its reports reached extraction, and who has extracted which of them."""
    with ledger.read() as connection:
        record = reads.find_record(connection, name)
        members = reads.with_their_studies(connection, {record.id if record else name})
        records, moved = reads.records(connection, members), reads.aliases(connection)
        rows = reads.judgements(
            connection, Stage.EXTRACTION, wanted=lambda row: row["role"] in ("human", "adjudicator")
        )
        people = [(moved.get(row.record_id, row.record_id), row.reviewer) for row in rows]
    (study,) = as_studies(ledger, reports(ledger, records))
    by = {one: list(dict.fromkeys(who for there, who in people if there == one)) for one in study.study or (study.id,)}
    return study, {one: who for one, who in by.items() if who}


class JudgedTexts:
    """What is asked of one stage's judgements while a connection is open; the ledger is read when the first needs it."""

    def __init__(self, connection: Connection, stage: Stage) -> None:
        """Nothing is read yet."""
        self._connection, self._stage = connection, stage

    def other(self, report: Report, row: Row) -> bool:
        """Whether documents of the report, or of the study that it speaks for, came or went after the judgement.

        A text that differs in title or abstract alone is the same report. Who judged it at full text in a file of labels
        read a copy that nobody here has seen: nothing is said of them.
        """
        if row.role == "machine" or row.text_hash == report.text_hash:
            return False
        if self._stage is Stage.FULLTEXT and row.id not in self._shown_here:
            return False
        if any(at >= row.at for name in report.study or (report.id,) for at in self._changes[name]):
            return True
        # A merge brings the documents of both records, without a change to either.
        return not report.study and bool(self._origins[report.id] - {row.record_id})

    @cached_property
    def _shown_here(self) -> frozenset[int]:
        """The judgements of the stage that were given beside the document."""
        query = select(t.circumstances.c.judgement_id).join(
            t.judgements, t.judgements.c.id == t.circumstances.c.judgement_id
        )
        query = query.where(t.judgements.c.stage == self._stage.value)
        return frozenset(self._connection.execute(query).scalars())

    @cached_property
    def _changes(self) -> dict[str, list[str]]:
        """When each report's documents changed last, and when it was linked with others or taken from them, by its id."""
        d, link, found = t.documents.c, t.links.c, defaultdict[str, list[str]](list)
        moved = reads.aliases(self._connection)
        for row in self._connection.execute(select(d.record_id, func.max(d.at)).group_by(d.record_id)):
            found[moved.get(row[0], row[0])].append(row[1])
        links = self._connection.execute(select(link.a, link.b, link.at).where(link.kind == "same_study")).all()
        hits = {hit for row in links for hit in row[:2]}
        member = t.members.c
        query = select(member.hit_id, member.record_id).where(member.hit_id.in_(hits))
        place = {row.hit_id: row.record_id for row in self._connection.execute(query)}
        for a, b, at in links:
            for hit in (a, b):
                found[place.get(hit, "")].append(at)
        return found

    @cached_property
    def _origins(self) -> dict[str, set[str]]:
        """Under which ids the documents of a record were attached: several where records were merged."""
        found, moved = defaultdict[str, set[str]](set), reads.aliases(self._connection)
        for name in self._connection.execute(select(t.documents.c.record_id).distinct()).scalars():
            found[moved.get(name, name)].add(name)
        return found
