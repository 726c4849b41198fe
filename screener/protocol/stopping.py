"""The rule by which people stop screening a ranked queue, named beforehand; and what of a stage it contradicts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ..core.frozen import Frozen
from ..core.judgement import Stage
from ..core.yamlfile import Path_

if TYPE_CHECKING:
    from .model import StageProtocol

Queue = Literal["random", "given", "ranked", "learned"]
RANKED: tuple[Queue, ...] = ("ranked", "learned")
"""The orders that put the likeliest records first, so that somebody may stop before the end."""
LEAST_SAMPLE = 200
SHARE_OF_SAMPLE = 100
"""One record in so many: SAFE asks for a random start of 1 %."""


class Stopping(Frozen):
    """The rule by which people stop screening a ranked queue. It is named before anybody screens, and describes only."""

    rule: Literal["buscar", "safe"]
    """The one rule whose state is shown: `buscar` on the ranked queue, or the steps of `safe`."""
    target: float = Field(default=0.95, gt=0, le=1)
    """The recall that `buscar` is asked about, and that the recall sample is compared with. SAFE knows none."""
    sample: int | None = Field(default=None, ge=1)
    """How many records the recall sample has: drawn at random from all records of the stage, once, when the first queue is
    made, and mixed into it unmarked. Default: 200, or 1 % of the records where that is more; never more than there are."""

    def sample_size(self, records: int) -> int:
        """Return how many of so many records are drawn."""
        wanted = self.sample if self.sample is not None else max(LEAST_SAMPLE, -(-records // SHARE_OF_SAMPLE))
        return min(records, wanted)


def misplaced(where: Path_, stage: Stage, spec: "StageProtocol") -> Iterator[tuple[Path_, str]]:
    """Yield what is wrong with the queue of a stage and with its rule for stopping: the place, and what to write."""
    if stage is Stage.EXTRACTION and spec.queue == "learned":
        yield (*where, "queue"), "where data are extracted nothing is kept or excluded to learn from; write `random`"
    if spec.stopping is None:
        return
    if stage is not Stage.ABSTRACT:
        yield (*where, "stopping"), "whatever comes to this stage is read; name the rule at the stage `abstract`"
    elif spec.queue not in RANKED:
        yield (
            (*where, "stopping"),
            f"with `queue: {spec.queue}` everything is screened; write `queue: learned`, or remove `stopping`",
        )
