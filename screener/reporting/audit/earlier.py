"""Archives of earlier programs: what these did not record or ask for yet, and checks of gates as they recorded them."""

from typing import Any

from ...core.judgement import Stage
from ...evaluation import ratings_of
from ...gold import load_gold, placed_labels
from ...ledger import Ledger, Snapshot, by_people, check_rows, restate_check, restate_reasons
from ...protocol import Review
from ...stages import basis, by_record, gate_data, lacks_reason, unfit

_LATER: dict[tuple[str, ...], set[str]] = {
    (): {"adjudications", "quality"},
    ("agreement", "humans"): {"same", "share", "reasons", "incomplete", "called"},
    ("gate",): {"one_sided", "at", "last_at", "look", "exhausted"},
}
"""Figures of a stage that came later, by where they stand below it."""
MESSAGES = (
    ("extraction", "problem"),
    *(("stages", stage.value, *place) for stage in Stage for place in (("no_accuracy",), ("elusion", "why"))),
)
"""Where the figures of earlier programs hold a message, which may name files of the machine on which it was made."""


def came_later(path: tuple[str, ...]) -> bool:
    """Return whether a figure at a path of `figures.json` is one that earlier programs did not record."""
    return len(path) > 2 and path[0] == "stages" and path[-1] in _LATER.get(path[2:-1], ())


def restate_checks(ledger: Ledger, review: Review, recorded: Any) -> None:
    """Attach the last check of each gate, as an earlier program recorded it, to the data that the archive holds.

    Such a program checked the gate whenever it made a report, so that in its archives the last check holds. `recorded`
    are the archive's figures, which show whether they are of such a program.
    """
    for stage, protocol in review.protocol.stages.items():
        machine = protocol.decided_by.machine
        try:
            gate = recorded["stages"][stage.value]["gate"]
        except (KeyError, TypeError):
            continue
        if protocol.gate is None or machine is None or not gate or "last_at" in gate or unfit(review, stage):
            continue
        with ledger.read() as connection:
            last = [row for row in check_rows(connection, stage) if row.reviewer == machine][-1:]
        gold = load_gold(review, stage)
        if not last or "labels" in last[0].body or gold is None or gold.lock is None:
            continue
        labels = placed_labels(ledger, gold)
        data = gate_data(ledger, review, stage, machine, gold.lock, labels)
        # What came after the draw is counted by whoever reads the check.
        explanation = str(last[0].body["why"]).partition("; ")[0]
        body = {
            **last[0].body,
            "why": explanation,
            "one_sided": None,
            "look": last[0].body["looks"],
            **basis(gold.lock, labels),
        }
        with ledger.write() as connection:
            restate_check(connection, last[0], data.hash, body)


def complete_exclusions(ledger: Ledger) -> None:
    """Make exclusions of reports without a reason complete, as they were for programs that did not ask for one."""
    with ledger.read() as connection:
        lacking = [
            row.id for row in by_people(connection, Stage.FULLTEXT) if lacks_reason(row.judgement, Stage.FULLTEXT)
        ]
    if lacking:
        with ledger.write() as connection:
            restate_reasons(connection, dict.fromkeys(lacking, "not asked for"))


def other_raters(ledger: Ledger, recorded: Any) -> list[tuple[str, ...]]:
    """Return where the figures of an earlier program hold agreement over other judgements of people than count now.

    It took the newest of each person, whoever was called to settle a dispute, and Fleiss' κ over those records that have
    the most frequent number of them.
    """
    snapshot = Snapshot(ledger)
    places: list[tuple[str, ...]] = []
    for stage in (Stage.ABSTRACT, Stage.FULLTEXT):
        try:
            humans = recorded["stages"][stage.value]["agreement"]["humans"]
        except (KeyError, TypeError):
            continue
        if not humans or "called" in humans:
            continue
        rows = snapshot.rows_of(stage, [reviewer for reviewer in snapshot.reviewers(stage) if reviewer[1] == "human"])
        newest = by_record((row for row in rows if row.id not in snapshot.unblinded), snapshot.current_ids)
        ratings = ratings_of(snapshot, stage).by_record
        numbers = {len(group) for group in ratings.values() if len(group) > 1}
        if len(numbers) > 1 or any(
            {row.id for row in group} != {row.id for row in newest[name]} for name, group in ratings.items()
        ):
            places.append(("stages", stage.value, "agreement"))
    return places


def other_rules_of_items(recorded: Any) -> list[tuple[str, ...]]:
    """Return where the figures of an earlier program hold an extraction scored by other rules than now.

    It took texts for right of which four in five words agree, and assigned entries of lists by all that they say.
    """
    place = ("stages", Stage.EXTRACTION.value)
    try:
        accuracy = recorded["stages"][Stage.EXTRACTION.value]["accuracy"]
    except (KeyError, TypeError):
        return []
    earlier = isinstance(accuracy, list) and any(
        "same_meaning" not in entry.get("evaluation", {}) for entry in accuracy
    )
    return [(*place, "accuracy"), (*place, "agreement")] if earlier else []


def keep_what_is_not_here(recorded: Any, recomputed: Any, *, texts: bool) -> None:
    """Take over what of an extraction's figures cannot be made anew from this archive, or on this machine.

    Which values are offered to a person another sentence model chooses otherwise; what of gold is nowhere in the documents
    only their texts tell.
    """
    stage = Stage.EXTRACTION.value
    try:
        sides = (side["stages"][stage]["accuracy"] for side in (recorded, recomputed))
        for mine, here in ((one["evaluation"], other["evaluation"]) for one, other in zip(*sides, strict=True)):
            kept = [] if texts else ["not_in_text"]
            other = mine["same_meaning"]["embedder"] != here["same_meaning"]["embedder"]
            kept += ["same_meaning", "offered"] if other else []
            for name in kept:
                _keep(name, mine, here)
                for path, counts in here["parts"].items():
                    _keep(name, mine["parts"][path], counts)
                for own, row in zip(mine["wrong"], here["wrong"], strict=True):
                    _keep(name, own, row)
            for own, row in zip(mine["wrong"], here["wrong"], strict=True):
                if other or "values" not in own:  # an earlier program withheld nothing
                    row |= {part: own.get(part) for part in _WITHHELD if part in own or part in row}
    except (KeyError, TypeError, ValueError):  # where the documents are of other shapes, the comparison says so
        return


_WITHHELD = ("withheld", "values", "value", "gold", "evidence", "gold_quote")


def _keep(name: str, source: dict[str, Any], target: dict[str, Any]) -> None:
    if name in source and name in target:
        target[name] = source[name]


def rename_boxes(recorded: dict[str, Any]) -> None:
    """Call the box of undecided reports by its present title: people say now which reports await classification."""
    flow = recorded.get("flow")
    boxes = flow.get("boxes") if isinstance(flow, dict) else None
    for box in boxes if isinstance(boxes, list) else ():
        if isinstance(box, dict) and box.get("id") == "awaiting":
            box["title"] = "Reports awaiting a decision"
