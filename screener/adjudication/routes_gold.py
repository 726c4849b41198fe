"""Gold: how far the samples are labelled, and locking them. Which records are in a sample is not told here."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ..errors import BadInput
from ..gold import Lock, gold_spec
from ..goldset import Open, lock_gold
from ..goldset.lock import LABELLERS
from ..judgement import Stage
from ..ledger import reads
from ..ledger.samples import Sample, samples
from .desk import Desk
from .fields import Fields
from .routes_overview import NAMES


@dataclass(frozen=True)
class Labelled:
    """A sample, and of how many of its records how many people have judged."""

    sample: Sample
    needed: int
    once: int
    enough: int


@dataclass(frozen=True)
class GoldStage:
    """A stage with its samples and its lock, if it has one."""

    stage: Stage
    name: str
    labelled: list[Labelled]
    lock: Lock | None

    @property
    def lockable(self) -> bool:
        """Whether there is anything to lock."""
        return any(one.sample.kind == "gold" for one in self.labelled)


def router(desk: Desk) -> APIRouter:
    """The routes of gold."""
    routes = APIRouter(prefix="/gold")

    @routes.get("")
    def show(request: Request) -> HTMLResponse:
        return _show(desk, request)

    @routes.post("/lock")
    def lock(request: Request, fields: Fields) -> HTMLResponse:
        stage = desk.stage(fields.get("stage", ""))
        if fields.get("sure") != "yes":
            raise BadInput("Tick the box first: a locked version is not changed any more.")
        try:
            share = float(fields.get("share", "50")) / 100
        except ValueError:
            raise BadInput("The share of the test half is a number of per cent.") from None
        done = lock_gold(desk.ledger, desk.review, stage, test_share=share)
        if isinstance(done, Open):
            lacking, differ = len(done.lacking), len(done.conflicts)
            why = f"Not locked: {lacking:,} records lack judgements (each needs {done.needed}), {differ:,} are in conflict."
            return _show(desk, request, trouble=why)
        if not done.fresh:
            return _show(desk, request, said=f"Nothing has changed: version {done.lock.version} stands")
        return _show(desk, request, said=f"Locked as version {done.lock.version}: {done.labels:,} labels")

    return routes


def _show(desk: Desk, request: Request, said: str = "", trouble: str = "") -> HTMLResponse:
    spec = gold_spec(desk.review)
    found = [
        GoldStage(stage, NAMES[stage], _labelled(desk, stage), spec.locked.get(stage) if spec else None)
        for stage in desk.review.protocol.stages
        if stage is not Stage.EXTRACTION
    ]
    return desk.page(request, "gold.html", here="gold", heading="Gold", said=said, trouble=trouble, found=found)


def _labelled(desk: Desk, stage: Stage) -> list[Labelled]:
    with desk.ledger.read() as connection:
        drawn = samples(connection, stage, "gold", "pilot")
        if not drawn:
            return []
        moved = reads.aliases(connection)
        people: dict[str, set[str]] = {}
        for row in reads.judgements(connection, stage, role="human"):
            people.setdefault(moved.get(row.record_id, row.record_id), set()).add(row.reviewer)
    made = []
    for sample in drawn:
        needed = max(LABELLERS, desk.review.stage(stage).decided_by.humans)
        counts = [len(people.get(member.record_id, ())) for member in sample.counted]
        made.append(Labelled(sample, needed, sum(n > 0 for n in counts), sum(n >= needed for n in counts)))
    return made
