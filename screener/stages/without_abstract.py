"""People's judgements of a title whose abstract was looked up later: they stand, and can be looked at again."""

from collections.abc import Iterable, Mapping

from ..core.judgement import Stage
from ..ledger import PEOPLE, reads
from ..ledger.store import Connection
from ..records import Record
from .standing import Standing


def judged_without_abstract(
    connection: Connection, stage: Stage, records: Iterable[Record], standings: Mapping[str, Standing]
) -> dict[str, list[str]]:
    """Return the records whose present abstract people had not read when they judged, with who did, by id."""
    if stage is not Stage.ABSTRACT:
        return {}
    before = {
        record.id: record.own_text
        for record in records
        if record.own_text and (standing := standings.get(record.id)) is not None and standing.other_text
    }
    if not before:
        return {}
    rows, without = reads.judgements_of(connection, stage, before, roles=PEOPLE, bare=True), dict[str, list[str]]()
    for name, text in before.items():
        newest = {row.reviewer: row for row in rows[name]}
        people = [who for who in standings[name].other_text if who in newest and newest[who].text_hash == text]
        if people:
            without[name] = people
    return without
