"""The overview: how far each stage is, and what is next for this reviewer."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ...adjudication import OpenRecord, Progress
from ...core.judgement import Stage
from ...evaluation import Estimate, StoppingState, UnblindedChanges
from ...ledger import open_pairs
from ...ledger.amendments import amendments
from ...stages import AgreementCounts, amend
from ..desk import Desk
from ..fields import Fields
from ..ready_gold import gold_to_label

WORK = {Stage.ABSTRACT: "/screen/abstract", Stage.FULLTEXT: "/screen/fulltext", Stage.EXTRACTION: "/extract"}


@dataclass(frozen=True)
class StageCard:
    """A stage as the overview shows it. `finished`: nothing is left for this reviewer, so figures can colour nothing.

    `counts_others`: whether it is told how many records others have judged. After the first stage that tells what they kept
    before it, which whoever is still to judge there must not learn.
    """

    stage: Stage
    name: str
    href: str
    needed: int
    progress: Progress
    finished: bool
    agreement: Estimate | None
    shows_machine: str
    unblinded_changes: UnblindedChanges | None
    elsewhere: Sequence[tuple[str, OpenRecord]]
    """The records of this reviewer's queue that others have open, with their titles."""
    stopping: StoppingState | None = None
    """What the rule says by which people stop, of the queue as a whole."""
    counts_others: bool = True
    judges: bool = True
    """Whether the person judges at the stage."""

    @property
    def open_with(self) -> list[tuple[str, int]]:
        """Return how many of these each of the others has open."""
        return sorted(Counter(record.reviewer for _, record in self.elsewhere).items())

    @property
    def total(self) -> int:
        """Return what the bar is a share of: all records at the first stage, later on those that came to this reviewer."""
        came_to_me = (
            self.progress.judged_by_me + (self.progress.left or 0) + len({r.record_id for _, r in self.elsewhere})
        )
        return self.progress.records if self.stage is Stage.ABSTRACT else max(came_to_me, self.complete)

    @property
    def complete(self) -> int:
        """Return how many records have all their judgements, where that is told."""
        return self.progress.enough if self.counts_others else 0

    @property
    def suggests(self) -> bool:
        """Return whether people see the machine's suggestions from the start."""
        return self.shows_machine == "before"

    @property
    def begun(self) -> bool:
        """Return whether anybody has judged anything."""
        return bool(self.progress.judged)

    @property
    def judged_by(self) -> list[tuple[str, int]]:
        """Return how many records each person has judged."""
        return sorted(self.progress.judged.items())


def stage_cards(desk: Desk) -> list[StageCard]:
    """Return how far each stage is. Figures are shown to who is through with their own work up to it, and never before."""
    cards, through = list[StageCard](), True
    for stage in desk.review.protocol.stages:
        card = _stage_card(desk, stage, through=through)
        cards.append(card)
        through = card.finished
    return cards


def _stage_card(desk: Desk, stage: Stage, *, through: bool) -> StageCard:
    """Return how far a stage is; `through` says whether the person is through with the stages before it."""
    progress = desk.progress(stage)
    finished = through and desk.blinding.is_through(stage)
    if finished and desk.review.stage(stage).shows_machine == "after":
        # What people say after they saw the machine is not independent any more.
        progress = replace(progress, agreement=desk.blind_agreement(stage) or AgreementCounts())
    agreement = progress.agreement.share if finished and progress.agreement.records else None
    protocol = desk.review.stage(stage)
    needed, shows = max(1, protocol.decided_by.humans), protocol.shows_machine
    # How answers were changed tells how good the machine is, which must colour nothing either.
    unblinded_changes = desk.unblinded_changes(stage) if finished else None
    return StageCard(
        stage, stage.label, WORK[stage], needed, progress, finished, agreement, shows, unblinded_changes,
        desk.titled(progress.elsewhere), desk.stopping(stage), through, desk.blinding.judges(stage),
    )  # fmt: skip


def router(desk: Desk) -> APIRouter:
    """Return the route of the overview."""
    routes = APIRouter()

    def reachable() -> set[str]:
        return {screen.href for screen in desk.reachable()}

    @routes.get("/")
    def overview(request: Request) -> HTMLResponse:
        return page(request)

    @routes.get("/continue")
    def go_on() -> Response:
        following = _next(stage_cards(desk), reachable())
        return RedirectResponse(f"{desk.base}{following.href if following else '/'}", 303)

    @routes.post("/amend")
    def record(request: Request, fields: Fields) -> HTMLResponse:
        stage = desk.stage(fields.get("stage", ""))
        amendment = amend(desk.ledger, desk.review, stage, desk.reviewer, fields.get("note", ""))
        desk.forget()
        return page(request, f"Recorded: amendment to {amendment.stage.label.lower()}")

    def page(request: Request, message: str = "") -> HTMLResponse:
        changed = {
            stage: stale for stage in desk.review.protocol.stages if (stale := desk.unrecorded(stage)) is not None
        }
        cards = stage_cards(desk)
        can_open = reachable()
        with desk.ledger.read() as connection:
            amended = amendments(connection)
            waiting = Counter(pair.link.kind for pair in open_pairs(connection))
        judged = {stage: desk.may_see(stage, stale.records) for stage, stale in changed.items()}
        return desk.page(
            request, "overview.html", screen="overview", heading="Overview", cards=cards,
            next=_next(cards, can_open), reachable=can_open, message=message, changed=changed, judged=judged,
            amended=amended, waiting=waiting, to_write=desk.to_write, gold=gold_to_label(desk),
        )  # fmt: skip

    return routes


def _next(cards: Sequence[StageCard], reachable: Container[str]) -> StageCard | None:
    """Return the stage at which something waits for the reviewer, first one that they have begun; None where nothing does."""
    todo = [
        card
        for card in cards
        if card.judges and card.progress.left != 0 and card.href in reachable and card.progress.records
    ]
    return next((card for card in todo if card.progress.left), None) or next(iter(todo), None)
