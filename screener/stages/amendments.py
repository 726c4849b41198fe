"""Amendments: a change of the instructions after reviewers began is dated, signed, and lists what it makes stale."""

from collections import Counter
from dataclasses import asdict, dataclass

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Amendment, Ledger, add_amendment, judged_under_other_instructions, last_runs, protocols
from ..ledger.amendments import amendments
from ..ledger.store import Connection
from ..protocol import Review, gold_spec
from ..protocol.instructions_hash import instructions_hash


@dataclass(frozen=True)
class Stale:
    """Hold what was made under an earlier wording.

    `people` are judgements by person, `machine` those of the stage's machine (of any where it names none), `records` the ids that people judged.
    `from_files` of the judgements of people came from files, so that the ledger does not know under which wording they were
    given; entered before the change was recorded, they count as given under the earlier one.
    """

    people: dict[str, int]
    records: tuple[str, ...]
    machine: int
    gold: str
    from_files: int

    @property
    def anything(self) -> bool:
        """Return whether there is something that a change can concern."""
        return bool(self.people or self.machine or self.gold)

    @property
    def known(self) -> bool:
        """Return whether the ledger itself shows that the wording has changed."""
        return sum(self.people.values()) > self.from_files or bool(self.gold)


def stale(ledger: Ledger, review: Review, stage: Stage) -> Stale:
    """Return what was judged at a stage under another wording than the present one; nothing is withdrawn by it."""
    instructions = instructions_hash(review, stage)
    with ledger.read() as connection:
        people, records, from_files = Counter[str](), dict[str, None](), 0
        recorded = amendments(connection, stage)
        since = recorded[-1].at if recorded and recorded[-1].protocol == instructions else None
        for record, reviewer, judged_under, at in judged_under_other_instructions(connection, stage, instructions):
            if judged_under is None and since is not None and at > since:
                continue  # entered when the present wording held already
            from_files += judged_under is None
            people[reviewer] += 1
            records[record] = None
        machine = _machine(connection, review, stage)
    spec = gold_spec(review) if (review.gold / f"{stage}.csv").is_file() else None
    old = spec.locked.get(stage) if spec is not None else None
    changed = old is not None and (old.guide != instructions or old.earlier_wording > 0)
    version = f"version {old.version} of {old.at[:10]}" if old is not None and changed else ""
    return Stale(dict(people), tuple(records), machine, version, from_files)


def _machine(connection: Connection, review: Review, stage: Stage) -> int:
    """Return how many records the stage's machine, or any where it names none, has judged last under another wording."""
    machine, protocol_of_run = review.stage(stage).decided_by.machine, protocols(connection)
    return sum(
        protocol_of_run.get(run) != review.fingerprint(stage, name)
        for name in ([machine] if machine else review.protocol.reviewers)
        for run in last_runs(connection, stage, name).values()
    )


def unrecorded(ledger: Ledger, review: Review, stage: Stage) -> Stale | None:
    """Return what a change that nobody has recorded yet makes stale; None where there is no such change."""
    with ledger.read() as connection:
        recorded = amendments(connection, stage)
    if recorded and recorded[-1].protocol == instructions_hash(review, stage):
        return None
    effect = stale(ledger, review, stage)
    return effect if effect.known else None


def amend(ledger: Ledger, review: Review, stage: Stage, who: str, note: str, *, tuned: bool = False) -> Amendment:
    """Record that the present wording replaces an earlier one, by whom and why.

    `tuned` says that it was chosen by its figures on gold, which is a change whatever was judged. `BadInput` without a reason or
    change.
    """
    if not who.strip() or not note.strip():
        raise BadInput("an amendment needs a name and a reason")
    effect = stale(ledger, review, stage)
    if not effect.anything and not tuned:
        raise BadInput(
            f"nothing was judged at {stage.label.lower()} under another wording, so there is nothing to amend"
        )
    with ledger.write() as connection:
        return add_amendment(
            connection, stage, who.strip(), note.strip(), instructions_hash(review, stage), asdict(effect)
        )
