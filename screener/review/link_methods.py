"""The methods of a review by which entries are linked: merged, of one study, or kept apart."""

from typing import TYPE_CHECKING

from ..core.errors import BadInput
from .tuning_methods import ReviewOfTuning

if TYPE_CHECKING:
    from ..ledger import LinkActDone, LinkRow, Verdict
    from .linking import ConfirmedPair, ExactPairs, StudyLink
    from .rows import Rows


class ReviewOfLinks(ReviewOfTuning):
    """What `OpenReview` has for links between entries; each can be taken back."""

    def links(self, kind: str | None = None) -> "Rows[LinkRow]":
        """Return the links between entries: merged, likely duplicates, of one study, notices, or one identifier and two titles.

        Merges of identical rows are among them, with `repeat` set.
        """
        from .rows import link_rows

        return link_rows(self.ledger, kind)

    def merge(self, record: str, other: str, *, who: str = "reviewer") -> str:
        """Merge two records, given by the ids of the records or of entries in them; return the id that both have now.

        `split` undoes it.
        """
        from .linking import merge

        return merge(self._to_write(), self.review, record, other, who)

    def split(self, record: str, *others: str, who: str = "reviewer") -> list[str]:
        """Undo the merges of a record, or take `others`, entries of it by their own ids, out of it as one record.

        Return the ids of the records that it came apart into. Judgements stay with the id that they were given under.
        """
        from .linking import split

        return split(self._to_write(), self.review, record, others, who)

    def confirm(self, record: str, other: str, verdict: str = "as listed", *, who: str = "reviewer") -> "ConfirmedPair":
        """Say what two linked entries are: `same` (one record), `same_study`, `apart`, or what is listed."""
        from .linking import confirm

        verdicts: tuple[Verdict, ...] = ("as listed", "same", "same_study", "apart")
        for known in verdicts:
            if verdict == known:
                return confirm(self._to_write(), self.review, (record, other), known, who)
        raise BadInput(f"confirm: `{verdict}` is none of {', '.join(verdicts)}")

    def confirm_exact(self, *, dry_run: bool = False, who: str = "reviewer") -> "ExactPairs":
        """Confirm all merges and merge all candidates that are beyond doubt; with `dry_run` only return them.

        Title, first author and year are there and agree, so does an identifier, volume and pages, or the abstract, and
        nothing that both give differs; or the rows are identical.
        """
        from .linking import confirm_all_exact

        return confirm_all_exact(self._to_write(), self.review, who, dry_run=dry_run)

    def link_acts(self, *, who: str = "reviewer") -> "list[LinkActDone]":
        """Return what a person did to links and has not taken back, the newest first."""
        from ..ledger import link_acts

        return link_acts(self.ledger, who)

    def undo_links(self, *, act: int | None = None, record: str | None = None, who: str = "reviewer") -> str:
        """Take back what a person did to links last, in one of the `link_acts`, or to a record last; return what it was."""
        from .linking import undo

        return undo(self._to_write(), self.review, who, act=act, record=record)

    def link_study(self, record: str, other: str, *, who: str = "reviewer") -> "StudyLink":
        """Link two records as reports of one study; they stay apart."""
        from .linking import link_as_study

        return link_as_study(self._to_write(), self.review, record, other, who)

    def unlink_study(self, record: str, *others: str, who: str = "reviewer") -> int:
        """Undo links of a record to other reports of its study, all or those to `others`; return how many there were."""
        from .linking import unlink_from_study

        return unlink_from_study(self._to_write(), self.review, record, others, who)
