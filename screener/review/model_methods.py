"""The methods of a review for its models and data sets, which are no publications."""

from typing import TYPE_CHECKING

from .living import LivingReview

if TYPE_CHECKING:
    from .models import ModelRow


class ReviewOfModels(LivingReview):
    """What `OpenReview` has for models and data sets, which are no publications."""

    def models(self) -> "tuple[ModelRow, ...]":
        """Return the models and data sets, each with its topic, what the program suggests, and its publications."""
        from .models import list_models

        return list_models(self.ledger, self.review)

    def judge_topic(self, *records: str, topic: str, who: str) -> int:
        """Say of models and data sets that they are `on` or `off` topic, a `publication` after all, or `open` again.

        Publications that an entry on topic names are entered and screened. Return of how many that is new. Raises
        `BadInput` for an unknown id or topic, and for a record that is neither a model nor a data set.
        """
        from .models import judge_topic

        return judge_topic(self._to_write(), self.review, records, topic, who)

    def undo_topic(self, *, who: str) -> int:
        """Take back what a person said of topics last, of one or of many at once; return of how many."""
        from .models import undo_topic

        return undo_topic(self._to_write(), self.review, who)

    def link_model(self, record: str, publication: str, *, who: str) -> str:
        """Link a model or data set with its publication: a record's id, an arXiv id, a DOI or a PMID; return its record."""
        from .models import link_model

        return link_model(self._to_write(), self.review, record, publication, who)

    def unlink_model(self, record: str, publication: str, *, who: str) -> str:
        """Undo the link of a model or data set with a publication; return the publication's record."""
        from .models import unlink_model

        return unlink_model(self._to_write(), self.review, record, publication, who)
