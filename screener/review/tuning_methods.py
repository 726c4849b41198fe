"""The methods of a review by which the wording of its criteria is tuned on gold `dev`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from ..core.judgement import Stage
from .table_methods import ReviewOfTables

if TYPE_CHECKING:
    from ..evaluation import TuningAnalysis
    from .examples import DraftedExamples
    from .proposing import Proposals
    from .trying import ListedVariant, TriedVariant
    from .tuning import AcceptedVariant, TuneOptions


class ReviewOfTuning(ReviewOfTables):
    """What `OpenReview` has for tuning the wording of criteria. Nothing of it reads gold `test`."""

    def tune(self, stage: str, reviewer: str | None = None) -> "TuningAnalysis":
        """Return a machine reviewer's errors on the part `tune` of gold `dev` by criterion, what to reword first in front."""
        from .tuning import tuning_errors

        return tuning_errors(self.ledger, self.review, Stage(stage), reviewer)

    def draft_examples(
        self, stage: str, reviewer: str | None = None, *, n: int = 6, path: Path | None = None
    ) -> "DraftedExamples":
        """Write up to `n` worked examples that are hard for a reviewer, from the part `tune` of gold `dev`; blanks are a person's."""
        from .examples import draft_examples

        return draft_examples(self.ledger, self.review, Stage(stage), reviewer, n, path)

    def propose_wording(
        self,
        stage: str,
        reviewer: str | None = None,
        *,
        criteria: Sequence[str] = (),
        name: str = "",
        **options: Unpack["TuneOptions"],
    ) -> "Proposals":
        """Ask the reviewer's own model for other wording, from its errors on `tune`; what it says becomes a variant.

        `options` are those of `TuneOptions`: budget, dry_run, output, told.
        """
        from .proposing import propose_wording

        ledger = self.ledger if options.get("dry_run") else self._to_write()
        return propose_wording(ledger, self.review, Stage(stage), reviewer, criteria, name, options)

    def try_wording(
        self, variant: str, reviewer: str | None = None, **options: Unpack["TuneOptions"]
    ) -> "TriedVariant":
        """Have a reviewer judge gold `dev` by a variant's wording; compare it with the present one, the gain on `check`."""
        from .trying import try_variant

        ledger = self.ledger if options.get("dry_run") else self._to_write()
        return try_variant(ledger, self.review, variant, reviewer, options)

    def variants(self, reviewer: str | None = None) -> "tuple[ListedVariant, ...]":
        """Return the variants of the wording, each with its figures as far as stored answers go."""
        from .trying import list_variants

        return list_variants(self.ledger, self.review, reviewer)

    def accept_wording(self, variant: str, *, who: str, note: str = "") -> "AcceptedVariant":
        """Write a variant's wording into the protocol, and record the change as an amendment, by whom and why."""
        from ..protocol import Review
        from .tuning import accept_variant

        accepted = accept_variant(self._to_write(), self.review, variant, who, note)
        self.review = Review(Path(self.review.root))
        return accepted
