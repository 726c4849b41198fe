"""The methods of a review for its synthesis: tables of what was extracted."""

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from .living import AnyPath
from .model_methods import ReviewOfModels

if TYPE_CHECKING:
    from .link_checks import LinkKeywords, LinksResult
    from .link_checks import Progress as LinkProgress
    from .same_models import UnitPair, UnitPairs
    from .tables import TableResult


class ReviewOfTables(ReviewOfModels):
    """What `OpenReview` has for tables of what was extracted."""

    def table(self, name: str, *, format: str = "csv", output: AnyPath | None = None) -> "TableResult":
        """Return a table of what was extracted from the included studies.

        `name` is `studies` (a row a study) or a list of the form (a row an entry). `output` is a file to write.
        Raises `BadInput` for an unknown table or format, and where the review extracts nothing.
        """
        from .tables import export_table

        return export_table(self.ledger, self.review, name, format, Path(output) if output else None)

    def unit_pairs(self) -> "UnitPairs":
        """Return which units of two studies people have linked as the same, and those of one name that nobody has decided on."""
        from .same_models import unit_pairs

        return unit_pairs(self.ledger, self.review)

    def link_units(self, unit: str, other: str, *, who: str, same: bool = True) -> "UnitPair":
        """Say that units of two studies are the same, so that tables count them once; or, not `same`, that they are not.

        A unit is `STUDY:models[0]` or `STUDY:NAME`. Raises `BadInput` for an unknown one, and for two of one study.
        """
        from .same_models import link_units

        return link_units(self._to_write(), self.review, unit, other, who, same=same)

    def check_links(
        self, *, who: str = "reviewer", progress: "LinkProgress" = lambda *_: None, **options: "Unpack[LinkKeywords]"
    ) -> "LinksResult":
        """Look at the addresses that included studies give: status, redirects, licence, weights; an observation with its date.

        Options: `again` looks at those too that have answered, `dry_run` sends nothing, `most_requests` bounds this call.
        """
        from .link_checks import check_links

        ledger = self.ledger if options.get("dry_run") else self._to_write()
        return check_links(ledger, self.review, who, progress, **options)
