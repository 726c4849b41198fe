"""Read people's independent, blind judgements of the records of samples: the basis of all figures."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from ..core.judgement import Stage
from ..ledger import PEOPLE, StoredJudgement, contexts, reads
from ..ledger.samples import samples
from ..ledger.store import Connection
from ..protocol import DecidedBy
from .standing import Status, stand


def blind_judgements(
    connection: Connection, stage: Stage, names: Collection[str]
) -> tuple[dict[str, list[StoredJudgement]], dict[int, str]]:
    """Return the judgements and adjudications of people on some records, oldest first, and how blind each was.

    A judgement that was given after another's answer had been seen is not among them, the person's earlier one is; nor
    is one of a decision on many records at once. An adjudication always is.
    """
    rows = reads.judgements_of(connection, stage, names, roles=PEOPLE)
    judged = contexts(connection, [row.id for record_rows in rows.values() for row in record_rows])
    blinding = {number: "bulk" if context.bulk else context.blinded for number, context in judged.items()}
    blind = {
        name: [row for row in record_rows if row.role == "adjudicator" or blinding.get(row.id) not in ("open", "bulk")]
        for name, record_rows in rows.items()
    }
    return blind, blinding


def blind_conflicts(connection: Connection, stage: Stage, rule: DecidedBy) -> Mapping[str, list[StoredJudgement]]:
    """Return blind conflicts without adjudication on records of gold and elusion samples, with the judgements.

    Whoever comes round after seeing the other's answer settles the record, but not the label: that takes an adjudication.
    """
    drawn = samples(connection, stage, "gold", "elusion", "update")
    members = {member.record_id for sample in drawn for member in sample.counted}
    if not members:
        return {}
    conflicts: dict[str, list[StoredJudgement]] = defaultdict(list)
    for name, rows in blind_judgements(connection, stage, members)[0].items():
        if stand(rule, rows, stage=stage).status is Status.CONFLICT:
            conflicts[name] = rows
    return conflicts
