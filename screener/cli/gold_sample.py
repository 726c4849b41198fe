"""What `screener gold sample` is asked for, checked and done, and what is printed of a sample."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core.judgement import Stage
    from ..ledger import Ledger, Sample
    from ..protocol import Review


@dataclass(frozen=True)
class SampleAsked:
    """The options of `gold sample`: exactly one of `n`, `pilot`, `prevalence` and `ready` is given."""

    n: int | None
    pilot: int | None
    prevalence: float | None
    test_share: float
    ready: bool
    by: str | None
    reviewer: str | None
    update: bool
    seed: str | None

    def check(self) -> None:
        """Raise `BadInput` for options that do not go together."""
        from ..core.errors import BadInput

        ways = (self.n, self.pilot, self.prevalence, self.ready or None)
        if sum(way is not None for way in ways) != 1:
            raise BadInput("give one of --n N, --prevalence SHARE, --pilot N and --ready")
        if self.by not in (None, "probability"):
            raise BadInput(f"--by: `{self.by}` is not `probability`, the one way to stratify")
        if self.update and (self.n is None or self.by is not None):
            raise BadInput("--update: is drawn at random, with --n N alone")
        if self.pilot is not None and self.by is not None:
            raise BadInput("--by: a pilot is drawn at random")
        if self.prevalence is not None and self.by is not None:
            raise BadInput("--by: a gate takes a sample that is drawn at random")
        if self.reviewer is not None and self.by is None:
            raise BadInput("--reviewer: names whose probability makes the strata; add `--by probability`")
        if self.ready and (self.by is not None or self.seed is not None):
            raise BadInput("--ready: the sample is drawn already; leave out --by and --seed")
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise BadInput(f"--prevalence: {self.prevalence:g} does not lie between 0 and 1; write 0.15 for 15 %")
        if not 0 < self.test_share <= 1:
            raise BadInput(f"--test-share: {self.test_share:g} does not lie above 0 and up to 1")


def draw_asked(asked: SampleAsked, ledger: "Ledger", review: "Review", stage: "Stage") -> tuple["Sample", str]:
    """Draw what was asked for; return the sample, and a sentence on its size, empty where that was given."""
    from ..gold import draw_gold, draw_pilot, draw_update, take_ready_sample

    if asked.ready:
        return take_ready_sample(ledger, review, stage), ""
    if asked.update:
        return draw_update(ledger, review, stage, asked.n or 0, seed=asked.seed), ""
    if asked.pilot is not None:
        return draw_pilot(ledger, review, stage, asked.pilot, seed=asked.seed), ""
    n, sentence = (asked.n or 0, "") if asked.prevalence is None else _size_for_gate(asked, ledger, review, stage)
    return draw_gold(
        ledger, review, stage, n, by_probability=asked.by is not None, machine=asked.reviewer, seed=asked.seed
    ), sentence


def _size_for_gate(asked: SampleAsked, ledger: "Ledger", review: "Review", stage: "Stage") -> tuple[int, str]:
    """Return how many records the stage's gate takes, with why; `BadInput` where all of them would not do."""
    from ..core.errors import BadInput
    from ..evaluation import gate_sample_size
    from ..gold import not_sampled

    frame = len(not_sampled(ledger, review, stage))
    size = gate_sample_size(
        review.stage(stage).gate, frame, asked.prevalence or 0.0, test_share=asked.test_share
    )  # fmt: skip
    if size.n is None:
        raise BadInput(f"--prevalence: {size.sentence} Lower the gate's recall_low, or raise --test-share")
    return size.n, size.sentence


def as_json(drawn: "Sample") -> dict[str, Any]:
    """Return what `gold sample --json` prints."""
    return {
        "sample": drawn.id, "kind": drawn.kind, "stage": drawn.stage.value, "n": drawn.n, "frame": drawn.frame,
        "drawn": drawn.drawn, "seed": drawn.seed, "at": drawn.at,
        "records": [
            {"id": member.record_id, "weight": member.weight, "stratum": member.stratum} for member in drawn.counted
        ],
    }  # fmt: skip


def show_sample(drawn: "Sample", sentence: str) -> None:
    """Print what was drawn, and where the records are waiting."""
    label, by_stratum = drawn.stage.label.lower(), drawn.about.get("strata", {})
    print(
        f"Sample {drawn.id} ({drawn.kind}): {drawn.n:,} of {drawn.frame:,} records, {label}, {drawn.drawn}, seed {drawn.seed}."
    )
    if sentence:
        print(f"  {sentence}")
    for name, size in by_stratum.items():
        in_stratum = sum(member.stratum == name for member in drawn.counted)
        print(f"  probability of {drawn.about['machine']} {name}: {in_stratum:,} of {size:,}")
    print(
        f"They come first in every queue: `screener adjudicate --reviewer NAME`, or `screener label FILE --stage {drawn.stage}`."
    )
    if "test_share" in drawn.about:
        share = drawn.about["test_share"]
        print(f"Its size was computed for {share:.0%} in the test half: lock it with `--test-share {share:g}`.")
