"""What people said of the records of samples, each by itself and before they saw anybody's answer: what figures stand on."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from ..core.judgement import Stage
from ..ledger import reads
from ..ledger.judgements import PEOPLE, contexts
from ..ledger.reads import StoredJudgement
from ..ledger.samples import samples
from ..ledger.store import Connection
from ..protocol.model import DecidedBy
from ..stages.standing import Status, stand


def blind_judgements(
    connection: Connection, stage: Stage, names: Collection[str]
) -> tuple[dict[str, list[StoredJudgement]], dict[int, str]]:
    """The judgements and rulings of people on some records, oldest first, and by number how blind each judgement was.

    A judgement that was given after another's answer had been seen is not among them, what the person said before is; nor
    is one of a decision on many records at once. A ruling always is.
    """
    rows = reads.judgements_of(connection, stage, names, roles=PEOPLE)
    judged = contexts(connection, [row.id for by in rows.values() for row in by])
    how = {number: "bulk" if context.bulk else context.blinded for number, context in judged.items()}
    blind = {
        name: [row for row in by if row.role == "adjudicator" or how.get(row.id) not in ("open", "bulk")]
        for name, by in rows.items()
    }
    return blind, how


def blind_conflicts(connection: Connection, stage: Stage, rule: DecidedBy) -> Mapping[str, list[StoredJudgement]]:
    """The records of gold and elusion samples on which people differed blind and nobody has ruled, with what they said.

    Whoever comes round after seeing the other's answer settles the record, but not the label: that takes a ruling.
    """
    drawn = samples(connection, stage, "gold", "elusion")
    members = {member.record_id for sample in drawn for member in sample.counted}
    if not members:
        return {}
    found: dict[str, list[StoredJudgement]] = defaultdict(list)
    for name, rows in blind_judgements(connection, stage, members)[0].items():
        if stand(rule, rows, stage=stage).status is Status.CONFLICT:
            found[name] = rows
    return found
