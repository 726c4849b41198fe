"""The methods of a review for its synthesis: tables of what was extracted."""

from pathlib import Path
from typing import TYPE_CHECKING

from .living import AnyPath
from .model_methods import ReviewOfModels

if TYPE_CHECKING:
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
