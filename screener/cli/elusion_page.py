"""What `screener gold elusion` prints of a sample."""

from typing import TYPE_CHECKING

from .common import emit

if TYPE_CHECKING:
    from ..gold import Elusion


def show_elusion(estimate: "Elusion", confidence: float, recall: float, *, json: bool, not_screened: bool) -> None:
    """Print what a sample says, as JSON or in words; `recall` is the target of the test.

    `not_screened`: it was drawn from what nobody had screened, not from what was excluded.
    """
    bound, test = estimate.guarantee, estimate.test
    if json:
        emit(
            {
                "sample": estimate.sample.id, "stage": estimate.sample.stage.value, "n": estimate.sample.n,
                "frame": estimate.sample.frame, "drawn_at": estimate.sample.at, "current": estimate.current,
                "outside": estimate.outside, "seed": estimate.sample.seed, "labelled": estimate.labelled,
                "hits": list(estimate.hits),
                "eligible_at_most": bound.missed_at_most if bound else None,
                "share_at_most": bound.share_at_most if bound else None,
                "recall_at_least": bound.recall_at_least if bound else None,
                "confidence": confidence,
                "buscar": {"recall": recall, "p": test.p, "stop": test.stop} if test else None,
                "strata": dict(estimate.strata), "review": list(estimate.review),
            }
        )  # fmt: skip
        return
    print(
        f"Elusion sample {estimate.sample.id}: {estimate.labelled:,} of {estimate.sample.n:,} labelled, {len(estimate.hits)} of them eligible."
    )
    for name in estimate.hits:
        print(f"  {name} was {'not screened' if not_screened else 'excluded'}, but people do not exclude it")
    print(estimate.sentence)
    if test:
        print(test.sentence)
    for name, size in estimate.strata.items():
        print(
            f"Stratum {name}: an eligible record was found, so all its {size:,} records go to people ({len(estimate.review):,} in the queue)."
        )
