"""Which of the studies that are known to be relevant the searches have found: the usual test of a search."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..ledger import FoundRow, Ledger, rows_of_study
from ..protocol import Review
from ..records import Entry, read_file


@dataclass(frozen=True)
class KnownStudy:
    """A known study and the rows that it is, or may be; none if no search has found it."""

    entry: Entry
    rows: tuple[FoundRow, ...]

    @property
    def name(self) -> str:
        """Return an identifier of the study, or its title."""
        known = (self.entry.doi, self.entry.pmid and f"PMID {self.entry.pmid}", self.entry.arxiv, self.entry.title)
        return next(filter(None, known), "")

    @property
    def found(self) -> bool:
        """Return whether a row surely is the study."""
        return any(row.sure for row in self.rows)

    @property
    def searches(self) -> tuple[str, ...]:
        """Return the searches that found it, each once, in their order."""
        return tuple(dict.fromkeys(f"{row.source}, {row.search}" for row in self.rows if row.sure))


@dataclass(frozen=True)
class KnownStudies:
    """What became of a list of known studies. `queries` are the protocol's, with how many of the studies each has found."""

    studies: tuple[KnownStudy, ...]
    queries: tuple[tuple[str, int], ...]

    @property
    def found(self) -> int:
        """Return how many of the studies the searches have found."""
        return sum(study.found for study in self.studies)

    def as_json(self) -> dict[str, Any]:
        """Return what `retrieve --check-known --json` prints."""
        return {
            "known": len(self.studies),
            "found": self.found,
            "queries": [{"search": name, "found": count} for name, count in self.queries],
            "studies": [
                {"study": study.name, "title": study.entry.title, "found": study.found, "searches": list(study.searches),
                 "records": list(dict.fromkeys(row.record for row in study.rows if row.sure)),
                 "likely": list(dict.fromkeys(row.record for row in study.rows if not row.sure))}
                for study in self.studies
            ],
        }  # fmt: skip


def check_known(review: Review, open_ledger: Callable[[], Ledger], file: Path) -> KnownStudies:
    """Compare the studies of a file, in any format that `import` reads, with all rows of the ledger.

    Raises `BadInput` for a file that cannot be read or has no study in it.
    """
    read = read_file(file)
    if not read.hits:
        raise BadInput(f"{file}: there is no study in it that can be told; give titles, DOIs or PMIDs")
    with open_ledger().read() as connection:
        studies = tuple(KnownStudy(hit.entry, tuple(rows_of_study(connection, hit.entry))) for hit in read.hits)
    names = [f"{source.name}, {query.name}" for source in review.sources for query in source.queries]
    names += [name for study in studies for name in study.searches]
    counts = tuple((name, sum(name in study.searches for study in studies)) for name in dict.fromkeys(names))
    return KnownStudies(studies, counts)
