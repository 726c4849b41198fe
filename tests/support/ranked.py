"""A review whose records a machine has ranked, with a rule for stopping, and a person who screens in that order."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import insert

from screener.adjudication import ensure
from screener.adjudication.queue import Entered, JudgementContext, write_judgements
from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger import finished_records, queued
from screener.ledger import tables as t
from screener.ledger.store import Ledger, now
from screener.protocol import Review
from support import Cli
from support.hearts import hearts

STAGE = Stage.ABSTRACT
INCLUDE, EXCLUDE = (Judgement(decision=decision, stated=True) for decision in (Decision.INCLUDE, Decision.EXCLUDE))
RULE = "{rule: buscar, target: 0.9, sample: 20}"


def ranked_review(folder: Path, cli: Cli, *, rule: str = RULE, records: int = 100) -> Review:
    """Return a review with records r0, r1, … whose probability falls in that order."""
    review = hearts(folder, cli, "abstract", records=records, humans=1)
    name_rule(review, rule)
    body = Judgement(decision=Decision.UNCLEAR, stated=True).model_dump_json(exclude_defaults=True)
    rows = [
        {"run_id": "", "record_id": f"r{n}", "text_hash": "", "stage": "abstract", "reviewer": "embedded", "role": "machine",
         "asked": "", "rule": "", "repeat": 0, "at": now(), "decision": "unclear", "probability": 1 - n / records, "body": body}
        for n in range(records)
    ]  # fmt: skip
    with Ledger.of(review.hidden).write() as connection:
        connection.execute(insert(t.judgements), rows)
    return Review(folder)


def name_rule(review: Review, rule: str, order: str = "ranked") -> None:
    """Write order and rule of the stage into the protocol; no rule where it is empty."""
    path = review.prompts / "review.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith(("    queue:", "    stopping:"))]
    at = next(number for number, line in enumerate(lines) if line.startswith("    decided_by:"))
    lines[at] = "    decided_by: {humans: 1, machine: embedded}"
    lines[at:at] = [f"    queue: {order}", *([f"    stopping: {rule}"] if rule else [])]
    path.write_text("\n".join(lines) + "\n")


def screen(review: Review, kept: Iterable[str], count: int | None = None, who: str = "anna") -> list[str]:
    """Judge so many records of the queue in its order, or all; those of `kept` are kept. Return them in that order."""
    ledger, keep = Ledger.of(review.hidden), set(kept)
    ensure(ledger, review, STAGE, who, exact=True)
    with ledger.write() as connection:
        # Records that another person has judged stay in the queue until somebody asks for them.
        done = finished_records(connection, STAGE, who, 1)
        names = [name for name, _ in queued(connection, STAGE, who) if name not in done][:count]
        rows = [Entered(name, "", INCLUDE if name in keep else EXCLUDE) for name in names]
        write_judgements(connection, review, STAGE, who, rows, JudgementContext(blinded="partly"))
    return names


def first_by_hash(seed: str, names: Iterable[str], count: int) -> list[str]:
    """Return the records that a simple random draw by this seed gives."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).hexdigest())[:count]
