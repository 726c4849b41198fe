"""What every reader needs: the shape of its result, and the checks that all rows pass."""

from collections import Counter
from dataclasses import dataclass

from ..model import Entry, Hit, Rejected
from ..normalise import normalise_title
from ..notices import with_integrity

LONGEST_TITLE = 5_000
"""Characters. Longer ones are an abstract or a whole file in the wrong column."""

LONGEST_FIELD = 1_000_000
"""Characters of any other field. More is a file within the file."""


@dataclass(frozen=True)
class FileRead:
    """One export as read. `len(hits) + len(rejected)` is the number of rows; `notes` are remarks for the user."""

    path: str
    format: str
    source: str
    sha256: str
    hits: tuple[Hit, ...]
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...] = ()
    encoding: str = ""
    """The encoding that the user named; empty where it was found."""


class RowCollector:
    """Collects rows as hits or rejections, so that every reader refuses the same things with the same words."""

    def __init__(self, source: str, *, given: bool = False) -> None:
        """Begin with no rows. `source` names the database where a row does not name its own; `given` by the user, always."""
        self.source = source
        self.given = given
        self.others = Counter[str]()
        """How many rows name another database than the user does."""
        self.hits: list[Hit] = []
        self.rejected: list[Rejected] = []
        self._given: dict[str, tuple[int, str]] = {}

    def reject(self, row: int, reason: str) -> None:
        """Note that a row cannot be used."""
        self.rejected.append(Rejected(row=row, reason=reason))

    def add(self, row: int, entry: Entry, source: str | None = None) -> None:
        """Take an entry, unless it has no title, an impossible one, or another row's id for a different work."""
        if not entry.title:
            self.reject(row, "there is no title")
            return
        if len(entry.title) > LONGEST_TITLE:
            self.reject(
                row,
                f"the title has {len(entry.title):,} characters (at most {LONGEST_TITLE:,}); is it in the right column?",
            )
            return
        longest, name = max((len(text), name) for name, text in entry if isinstance(text, str))
        if longest > LONGEST_FIELD:
            self.reject(row, f"`{name}` has {longest:,} characters (at most {LONGEST_FIELD:,}); shorten it")
            return
        if entry.given_id is not None:
            title = normalise_title(entry.title)
            first, title_of_id = self._given.setdefault(entry.given_id, (row, title))
            if title_of_id != title:
                self.reject(
                    row, f"the id `{entry.given_id}` is that of row {first}, which has another title; give each its own"
                )
                return
        if self.given and source and source.casefold() != self.source.casefold():
            self.others[source] += 1
        self.hits.append(
            Hit(source=self.source if self.given else source or self.source, row=row, entry=with_integrity(entry))
        )
