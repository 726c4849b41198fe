"""Blind conflicts on the records of samples."""

from collections import defaultdict
from collections.abc import Mapping

from ..core.judgement import Stage
from ..ledger import StoredJudgement
from ..ledger.samples import samples
from ..ledger.store import Connection
from ..protocol import DecidedBy
from ..stages import Status, stand
from ..stages.blind import blind_judgements as blind_judgements


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
