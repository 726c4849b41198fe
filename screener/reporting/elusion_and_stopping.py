"""What was lost, at most: the elusion audit of a stage; and what stopping rules say of its ranked queue."""

from collections.abc import Collection
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..evaluation import ranked_queue, stopping_state
from ..gold import read_elusion
from ..ledger import Snapshot
from ..ledger.samples import samples
from ..protocol import Review


def elusion(snapshot: Snapshot, review: Review, stage: Stage) -> dict[str, Any] | None:
    """Return the newest elusion sample; None where none was drawn.

    With `drawn_at` and `outside` where the bound is not of the present records but of those of the draw. `why` says why it tells nothing (yet), as a word of `wording.NO_BOUND`, else it is empty.
    """
    with snapshot.ledger.read() as connection:
        drawn = samples(connection, stage, "elusion")
    if not drawn:
        return None
    figures: dict[str, Any] = {"sample": drawn[-1].id, "n": drawn[-1].n, "frame": drawn[-1].frame, "why": ""}
    if review.stage(stage).stopping is not None:
        figures["not_screened"] = True
    elif (machine := review.stage(stage).decided_by.second_reviewer) is not None:
        figures["excluded_by"] = f"one person and {machine}"
    try:
        rule = review.stage(stage).stopping
        target = rule.target if rule is not None else 0.95
        audit = read_elusion(snapshot.ledger, review, stage, target=target, send=False)
    except BadInput:
        return {**figures, "why": "void"}
    figures |= {"labelled": audit.labelled, "hits": len(audit.hits)}
    if audit.guarantee is None:
        return {**figures, "why": "unfinished"}
    bound, test = audit.guarantee, audit.test
    if not audit.current:
        figures |= {"drawn_at": audit.sample.at, "outside": audit.outside}
    return {
        **figures,
        "eligible_at_most": bound.missed_at_most,
        "recall_at_least": bound.recall_at_least,
        "confidence": bound.confidence,
        "sentence": audit.sentence,
        "buscar": test and {"recall": test.target, "p": test.p, "stop": test.stop, "sentence": test.sentence},
    }


def stopping(snapshot: Snapshot, review: Review, stage: Stage, records: Collection[str]) -> dict[str, Any] | None:
    """Return what the rule that was named beforehand says of the ranked queue, or all rules where none was; None without
    such a queue.
    """
    queue = stopping_state(snapshot, review, stage, records) or ranked_queue(snapshot, stage, records)
    return None if queue is None else queue.as_json()
