"""Read people's independent, blind judgements of the records of samples: the basis of all figures."""

from collections.abc import Collection

from ..core.judgement import Stage
from ..ledger import PEOPLE, StoredJudgement, contexts, reads
from ..ledger.store import Connection


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
