"""The overview: how far each stage is, and what is next for this reviewer."""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication.progress_counts import Progress
from ...core.judgement import Stage
from ...evaluation.unblinded_changes import UnblindedChanges
from ...ledger.amendments import amendments
from ...metrics import Estimate
from ...stages.agreement import AgreementCounts
from ...stages.amendments import amend
from ..desk import Desk
from ..fields import Fields

WORK = {Stage.ABSTRACT: "/screen/abstract", Stage.FULLTEXT: "/screen/fulltext", Stage.EXTRACTION: "/extract"}


@dataclass(frozen=True)
class StageCard:
    """A stage as the overview shows it. `through`: nothing is left for this reviewer, so figures can colour nothing."""

    stage: Stage
    name: str
    href: str
    needed: int
    progress: Progress
    through: bool
    agreement: Estimate | None
    shows_machine: str
    minds: UnblindedChanges | None

    @property
    def total(self) -> int:
        """What the bar is a share of: all records at the first stage, later on those that came to this reviewer."""
        mine = self.progress.mine + (self.progress.left or 0)
        return self.progress.records if self.stage is Stage.ABSTRACT else max(mine, self.progress.enough)

    @property
    def suggests(self) -> bool:
        """Whether people see the machine's suggestions from the start."""
        return self.shows_machine == "before"

    @property
    def begun(self) -> bool:
        """Whether anybody has judged anything."""
        return bool(self.progress.judged)

    @property
    def others(self) -> list[tuple[str, int]]:
        """How many records each person has judged."""
        return sorted(self.progress.judged.items())


def stage_card(desk: Desk, stage: Stage) -> StageCard:
    """How far a stage is. Agreement is shown to who is through with their own work, and never before."""
    found = desk.progress(stage)
    # Whoever judges nothing at this stage, such as a resolver, has no judgement that could be coloured.
    through = found.left == 0 or (desk.reviewer in desk.review.stage(stage).decided_by.resolvers and not found.mine)
    if through and desk.review.stage(stage).shows_machine == "after":
        # What people say after they saw the machine is not independent any more.
        found = replace(found, agreement=desk.blind_agreement(stage) or AgreementCounts())
    agreement = found.agreement.share if through and found.agreement.records else None
    protocol = desk.review.stage(stage)
    needed, shows = max(1, protocol.decided_by.humans), protocol.shows_machine
    # How minds were changed tells how good the machine is, which must colour nothing either.
    minds = desk.minds(stage) if through else None
    return StageCard(stage, stage.label, WORK[stage], needed, found, through, agreement, shows, minds)


def router(desk: Desk) -> APIRouter:
    """The route of the overview."""
    routes = APIRouter()
    reachable = {screen.href for screen in desk.screens}

    @routes.get("/")
    def overview(request: Request) -> HTMLResponse:
        return show(request)

    @routes.post("/amend")
    def record(request: Request, fields: Fields) -> HTMLResponse:
        stage = desk.stage(fields.get("stage", ""))
        done = amend(desk.ledger, desk.review, stage, desk.reviewer, fields.get("note", ""))
        desk.forget()
        return show(request, f"Recorded: amendment to {done.stage.label.lower()}")

    def show(request: Request, said: str = "") -> HTMLResponse:
        changed = {
            stage: found for stage in desk.review.protocol.stages if (found := desk.unrecorded(stage)) is not None
        }
        cards = [stage_card(desk, stage) for stage in desk.review.protocol.stages]
        todo = [card for card in cards if card.progress.left != 0 and card.href in reachable and card.progress.records]
        started = next((card for card in todo if card.progress.left), None)
        with desk.ledger.read() as connection:
            amended = amendments(connection)
        return desk.page(
            request, "overview.html", here="overview", heading="Overview", cards=cards,
            next=started or next(iter(todo), None), reachable=reachable, said=said, changed=changed,
            amended=amended,
        )  # fmt: skip

    return routes
