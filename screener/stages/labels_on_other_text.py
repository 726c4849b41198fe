"""Gold labels that were given on a title or abstract that an update has changed since."""

from ..core.judgement import Stage
from ..ledger import PEOPLE, reads, text_changes, text_hashes_of
from ..ledger.store import Connection
from ..protocol import DecidedBy
from .placed_labels import Half
from .standing import Status, stand


def labels_on_other_text(
    connection: Connection, stage: Stage, half: Half, locked_at: str
) -> tuple[list[str], list[str]]:
    """Return the records of labels that were given on another text, and those that people decide otherwise on the new one.

    A label is of the present text where everybody who judged the record, or an adjudicator, has judged that text, or where
    it changed back.
    Labels that came without judgements are those of the time when gold was locked.
    """
    changed = text_changes(connection)[0] if stage is Stage.ABSTRACT else {}
    names = [name for name in half.labels if name in changed]
    if not names:
        return [], []
    texts, rows = text_hashes_of(connection, names), reads.judgements_of(connection, stage, names, roles=PEOPLE)
    stale, otherwise = [], []
    for name in names:
        given = rows.get(name, [])
        humans = list({row.reviewer: row for row in given if row.role == "human"}.values())
        adjudications = [row for row in given if row.role == "adjudicator"][-1:]
        current = [
            bool(of) and all(row.text_hash == texts[name] or row.at > changed[name] for row in of)
            for of in (humans, adjudications)
        ]
        if not any(current) and (given or changed[name] > locked_at):
            stale.append(name)
        elif any(row.at > changed[name] for row in given):
            counted = given if current[1] else humans
            standing = stand(DecidedBy(humans=1), counted, stage=stage, decision_alone=True)
            if standing.status is not Status.FINAL or standing.decision is not half.labels[name].decision:
                otherwise.append(name)
    return stale, otherwise
