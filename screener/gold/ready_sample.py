"""A gold sample that was drawn before and comes with the review: `gold/sample.yaml`, and the records that it was drawn from.

Which records are in it follows from the seed and the ids of the file alone. So everybody who takes it gets the same records,
whatever else is in the ledger, and anybody can draw it again.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.yamlfile import YamlFile
from ..ledger import Draw, Ledger, Sample, SampleMember, add_files
from ..ledger.samples import add_first_sample, samples
from ..protocol import Review
from ..protocol.instructions_hash import instructions_hash
from ..records import FileRead
from .alone import alone
from .sample import mixed, shuffled

_SOURCE = "gold sample"


class ReadySample(BaseModel):
    """The content of `gold/sample.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    stage: Stage
    """At which stage it is to be labelled."""
    file: str = Field(pattern=r"^[\w-]+\.csv$")
    """The records that it was drawn from, beside this file: `id`, title and identifiers."""
    seed: str = Field(min_length=1)
    """What the draw follows from."""
    frame: int = Field(ge=1)
    """How many records the file has."""
    n: int = Field(ge=1)
    """How many of them were drawn."""
    prevalence: float | None = Field(default=None, gt=0, lt=1)
    """The share of eligible records that was expected when the size was computed."""
    test_share: float = Field(default=0.5, gt=0, le=1)
    """The share of the labels that is to go to the test half when they are locked."""
    about: str = ""
    """Where the records come from, and why so many are drawn."""


@dataclass(frozen=True)
class ReadyState:
    """A ready sample, and the sample of the ledger that it has become, if it was taken."""

    spec: ReadySample
    taken: Sample | None
    blocked: bool
    """Whether another gold sample was drawn at the stage, so that this one cannot be taken any more."""


def ready_sample(ledger: Ledger, review: Review) -> ReadyState | None:
    """Return the gold sample that comes with the review; None where none does."""
    path = review.gold / "sample.yaml"
    if not path.is_file():
        return None
    spec = YamlFile(path).validate(ReadySample)
    if spec.stage not in review.protocol.stages:
        raise BadInput(f"{path}: stage: the protocol has no stage {spec.stage}")
    with ledger.read() as connection:
        drawn = samples(connection, spec.stage, "gold")
    taken = next((sample for sample in drawn if sample.seed == spec.seed and sample.about.get("ready")), None)
    return ReadyState(spec, taken, bool(drawn) and taken is None)


def take_ready_sample(ledger: Ledger, review: Review, stage: Stage | None = None) -> Sample:
    """Enter the records of the ready sample that are not there yet, and keep it as the stage's gold sample.

    Where it was taken before, it is returned as it is. Raises `BadInput` where there is none, its file is not what it was
    drawn from, it is of another `stage`, or another gold sample was drawn.
    """
    state = ready_sample(ledger, review)
    if state is None:
        raise BadInput(f"{review.gold / 'sample.yaml'}: no gold sample comes with this review; draw one with --n N")
    if stage not in (None, state.spec.stage):
        raise BadInput(f"--stage: the sample that comes with this review is one of {state.spec.stage}")
    return _take(ledger, review, state.spec.stage)


@alone
def _take(ledger: Ledger, review: Review, stage: Stage) -> Sample:
    state = ready_sample(ledger, review)
    assert state is not None
    if state.taken is not None:
        return state.taken
    spec, path = state.spec, review.gold / state.spec.file
    if state.blocked:
        raise BadInput(f"{path}: a gold sample was drawn at {stage.label.lower()} before; label and lock that one")
    rows = _frame(path, spec)
    add_files(ledger, [rows])
    ids = [str(hit.entry.given_id) for hit in rows.hits]
    drawn = [SampleMember(name, spec.frame / spec.n) for name in shuffled(ids, spec.seed)[: spec.n]]
    about = {
        "guide": instructions_hash(review, stage),
        "earlier": 0,
        "ready": sha256(path.read_bytes()).hexdigest()[:16],
        "test_share": spec.test_share,
        "prevalence": spec.prevalence,
    }
    draw = Draw(spec.seed, "random", spec.frame, about)
    add_first_sample(ledger, "gold", stage, mixed(drawn, ids, spec.seed), draw)
    taken = ready_sample(ledger, review)
    if taken is None or taken.taken is None:
        raise BadInput(f"{path}: a gold sample was drawn at {stage.label.lower()} meanwhile; label and lock that one")
    return taken.taken


def _frame(path: Path, spec: ReadySample) -> FileRead:
    """Return the rows of the file; `BadInput` where they are not those that the sample was drawn from."""
    if not path.is_file():
        raise BadInput(f"{path}: is missing; the records of the gold sample were there")
    from ..records import read_file  # with all readers of all formats

    rows = read_file(path, source=_SOURCE)
    ids = {hit.entry.given_id for hit in rows.hits if hit.entry.given_id}
    if not len(ids) == len(rows.hits) == spec.frame:
        raise BadInput(
            f"{path}: has {len(rows.hits):,} usable rows with {len(ids):,} ids, and the sample was drawn from {spec.frame:,}; "
            "take the file as it came"
        )
    if spec.n > spec.frame:
        raise BadInput(f"{path.with_name('sample.yaml')}: n: {spec.n:,} of {spec.frame:,} records cannot be drawn")
    return rows
