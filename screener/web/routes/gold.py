"""Gold: samples drawn, how far they are labelled, and locking them. Which records are in a sample is not told here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from ...adjudication import open_elsewhere
from ...core.errors import BadInput
from ...core.judgement import Stage
from ...evaluation import InterRaterAgreement, draw_elusion_after_stop, inter_rater_agreement
from ...gold import (
    LABELLERS,
    LockObstacles,
    draw_gold,
    draw_pilot,
    excluded_words,
    lock_gold,
    missing,
    read_elusion,
    screeners_of,
    take_ready_sample,
)
from ...ledger import Sample, who_judged
from ...ledger.samples import samples
from ...protocol import Lock, gold_spec
from ...review.changes import after_change
from ...stages import blind_judgements
from ..desk import Desk
from ..fields import Fields

SHOWN = 8
"""So many samples are shown, the newest."""


@dataclass(frozen=True)
class SampleProgress:
    """A sample, of how many of its records how many people have judged, and who. `agreement` is that of a pilot.

    `mine_left` is how many of its records wait for this reviewer: until there are none, no figure is told that could
    colour a judgement.
    """

    sample: Sample
    needed: int
    judged_once: int
    enough: int
    judged_by: Sequence[tuple[str, int]]
    mine_left: int
    agreement: InterRaterAgreement | None


@dataclass(frozen=True)
class GoldStage:
    """A stage with its samples, its lock if it has one, and what is missing before the next."""

    stage: Stage
    name: str
    machine: str
    excluded: str
    """Of what an elusion sample is drawn; empty where nothing is left out without a person."""
    rule: str
    """The rule that has to say stop before it is drawn; empty where the protocol names none."""
    labels: dict[str, str]
    """The label of each criterion, by id."""
    labelled: list[SampleProgress]
    lock: Lock | None
    open: LockObstacles | None

    @property
    def share(self) -> int:
        """Return the share of the labels for the test half, in per cent: what the size of the samples was computed for."""
        shares = [sample.sample.about["test_share"] for sample in self.labelled if "test_share" in sample.sample.about]
        return round(100 * shares[-1]) if shares else 50

    @property
    def finished(self) -> bool:
        """Return whether this reviewer has judged all that was drawn for gold, so that conflicts may be told of."""
        return not any(sample.mine_left for sample in self.labelled if sample.sample.kind == "gold")


def router(desk: Desk) -> APIRouter:
    """Return the routes of gold."""
    routes = APIRouter(prefix="/gold")

    @routes.get("")
    def show(request: Request) -> HTMLResponse:
        return _page(desk, request)

    @routes.post("/draw")
    def draw(request: Request, fields: Fields) -> HTMLResponse:
        stage, kind, n = desk.stage(fields.get("stage", "")), fields.get("how", ""), fields.get("n", "").strip()
        if not n.isdecimal() or kind not in ("random", "stratified", "pilot", "elusion"):
            raise BadInput("Give the number of records and the kind of sample.")
        try:
            if kind == "pilot":
                drawn = draw_pilot(desk.ledger, desk.review, stage, int(n))
            elif kind == "elusion":
                early = fields.get("early") == "yes"
                drawn = draw_elusion_after_stop(desk.ledger, desk.review, stage, int(n), before_stop=early)
            else:
                drawn = draw_gold(desk.ledger, desk.review, stage, int(n), by_probability=kind == "stratified")
        except BadInput as error:
            return _page(desk, request, trouble=f"No sample drawn: {desk.told(error)}.")
        return _page(
            desk, request, message=f"Drawn: {drawn.n:,} of {drawn.frame:,} records. They come first in every queue"
        )

    @routes.post("/ready")
    def take() -> Response:
        sample = take_ready_sample(desk.ledger, desk.review)
        after_change(desk.ledger, desk.review)
        return Response(status_code=204, headers={"HX-Redirect": f"{desk.base}/screen/{sample.stage}"})

    _add_readings(routes, desk)
    return routes


def _add_readings(routes: APIRouter, desk: Desk) -> None:
    """Add the routes that read a sample or lock gold."""

    @routes.post("/elusion")
    def elusion(request: Request, fields: Fields) -> HTMLResponse:
        stage = desk.stage(fields.get("stage", ""))
        try:
            elusion_result = read_elusion(desk.ledger, desk.review, stage)
        except BadInput as error:
            return _page(desk, request, trouble=f"{desk.told(error)}.")
        if elusion_result.guarantee is None:
            return _page(desk, request, trouble="No bound until all of them are labelled and conflicts resolved.")
        hits = (
            f" {len(elusion_result.hits):,} of the {elusion_result.sample.n:,} are eligible."
            if elusion_result.hits
            else ""
        )
        added = (
            f" {len(elusion_result.review):,} records of their strata were added to the queues."
            if elusion_result.review
            else ""
        )
        return _page(desk, request, result=f"{elusion_result.sentence}{hits}{added}")

    @routes.post("/lock")
    def lock(request: Request, fields: Fields) -> HTMLResponse:
        stage = desk.stage(fields.get("stage", ""))
        if fields.get("sure") != "yes":
            raise BadInput("Tick the box first: locked labels can't be changed.")
        try:
            share = float(fields.get("share", "50")) / 100
        except ValueError:
            raise BadInput("The share for the test split must be a number (%).") from None
        try:
            outcome = lock_gold(desk.ledger, desk.review, stage, test_share=share)
        except BadInput as error:
            return _page(desk, request, trouble=f"Not locked: {desk.told(error)}.")
        if isinstance(outcome, LockObstacles):
            lacking = len(outcome.lacking)
            why = f"Not locked: {lacking:,} {'record has' if lacking == 1 else 'records have'} too few judgements ({outcome.needed} each)"
            finished = _stage(desk, stage, None).finished
            return _page(
                desk, request, trouble=f"{why}, {len(outcome.conflicts):,} are in conflict." if finished else f"{why}."
            )
        after_change(desk.ledger, desk.review)
        if not outcome.fresh:
            return _page(desk, request, message=f"Nothing has changed since version {outcome.lock.version}")
        return _page(desk, request, message=f"Locked as version {outcome.lock.version}: {outcome.labels:,} labels")


def _page(desk: Desk, request: Request, message: str = "", trouble: str = "", result: str = "") -> HTMLResponse:
    spec = gold_spec(desk.review)
    cards = [
        _stage(desk, stage, spec.locked.get(stage) if spec else None)
        for stage in desk.review.protocol.stages
        if stage is not Stage.EXTRACTION
    ]
    return desk.page(
        request,
        "gold.html",
        screen="gold",
        heading="Gold",
        has_items=(desk.review.gold / "extraction.jsonl").is_file(),
        message=message,
        trouble=trouble,
        result=result,
        stages=cards,
    )


def _stage(desk: Desk, stage: Stage, lock: Lock | None) -> GoldStage:
    labelled = _labelled(desk, stage)
    open_ = (
        missing(desk.ledger, desk.review, stage)
        if any(labelled_sample.sample.kind == "gold" for labelled_sample in labelled)
        else None
    )
    protocol = desk.review.stage(stage)
    labels = {labelled_sample.id: labelled_sample.label for labelled_sample in protocol.criteria}
    machine, rule = protocol.decided_by.machine or "", protocol.stopping.rule if protocol.stopping else ""
    excluded = excluded_words(desk.review, stage) if machine or rule else ""
    return GoldStage(stage, stage.label, machine, excluded, rule, labels, labelled, lock, open_)


def _labelled(desk: Desk, stage: Stage) -> list[SampleProgress]:
    with_others = {record.record_id for record in open_elsewhere(desk.ledger, desk.review, stage, desk.reviewer)}
    with desk.ledger.read() as connection:
        drawn = samples(connection, stage, "gold", "pilot", "elusion", "update")[-SHOWN:]
        if not drawn:
            return []
        sampled = {member.record_id for sample in drawn for member in sample.counted}
        people, adjudicated = who_judged(connection, stage)
        rows, _ = blind_judgements(connection, stage, sampled)
        screeners = {sample.id: screeners_of(connection, sample) for sample in drawn}
    # Only what was said blind, of the record by itself, makes a label.
    labelled = {name: {row.reviewer for row in judgements if row.role == "human"} for name, judgements in rows.items()}
    judges = desk.blinding.judges(stage)
    shown, slots = [], max(1, desk.review.stage(stage).decided_by.humans)
    for sample in drawn:
        needed = slots if sample.kind == "elusion" else max(LABELLERS, slots)
        names = [member.record_id for member in sample.counted]
        # Who screened a record is not the second person who reads it in a sample.
        readers = {name: labelled[name] - {screeners[sample.id].get(name, "")} for name in names}
        judge_counts = [len(readers[name]) for name in names]
        judgements = Counter(who for name in names for who in readers[name])
        full: set[str] = set()
        if sample.kind != "pilot":
            full = {name for name in names if len(readers[name]) >= needed} | adjudicated
        left_for_me = (
            sum(desk.reviewer not in people.get(name, ()) for name in names if name not in full | with_others)
            if judges
            else 0
        )
        agreement = None
        if sample.kind == "pilot" and not left_for_me:
            agreement = inter_rater_agreement(desk.ledger, stage, desk.review.stage(stage), named=set(names))
        shown.append(
            SampleProgress(sample, needed, sum(n > 0 for n in judge_counts), sum(n >= needed for n in judge_counts), sorted(judgements.items()), left_for_me, agreement)
        )  # fmt: skip
    return shown
