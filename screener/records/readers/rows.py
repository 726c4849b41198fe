"""What every reader needs: the shape of its result, and the checks that all rows pass."""

from collections import Counter
from dataclasses import dataclass

from ..model import Entry, Hit, Rejected
from ..normalise import normalise_title
from ..notices import with_integrity
from ..placeholders import without_placeholders
from .latex import without_latex
from .shown_titles import from_shown_title

LONGEST_TITLE = 5_000
"""Characters. Longer ones are an abstract or a whole file in the wrong column."""

LONGEST_FIELD = 1_000_000
"""Characters of any other field. More is a file within the file."""
_TELLING = ("doi", "pmid", "pmcid", "arxiv", "wos", "accession", "registry", "isbn", "url")


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
        self.format_source = ""
        """The database that the format belongs to, where a reader finds one."""
        self.others = Counter[str]()
        """How many rows name another database than the user does."""
        self.hits: list[Hit] = []
        self.rejected: list[Rejected] = []
        self.format = ""
        """What `import` calls the file, where that is more precise than the reader's format."""
        self._titles: dict[str, str] = {}
        self._shared_ids: set[str] = set()

    def reject(self, row: int, reason: str) -> None:
        """Note that a row cannot be used."""
        self.rejected.append(Rejected(row=row, reason=reason))

    @property
    def database(self) -> str:
        """Return the database's name where it is known, and not only the file's."""
        return self.source if self.given else self.format_source

    def name_source(self, source: str) -> None:
        """Name the database that the file's format belongs to: it counts unless the user named one."""
        self.format_source = source
        if not self.given:
            self.source = source

    def add(self, row: int, entry: Entry, source: str | None = None) -> None:
        """Take an entry, without placeholders, unless nothing in it tells a work, or a field is impossible.

        An entry without a title is taken where it has an abstract, an identifier or an address.
        """
        entry = without_latex(without_placeholders(from_shown_title(entry)))
        if not entry.title and not (entry.abstract or any(getattr(entry, name) for name in _TELLING)):
            self.reject(row, "there is no title, abstract or identifier")
            return
        if len(entry.title) > LONGEST_TITLE:
            self.reject(
                row,
                f"the title has {len(entry.title):,} characters (at most {LONGEST_TITLE:,}); is it in the right column?",
            )
            return
        for name, text in entry.__dict__.items():
            if isinstance(text, str) and len(text) > LONGEST_FIELD:
                self.reject(row, f"`{name}` has {len(text):,} characters (at most {LONGEST_FIELD:,}); shorten it")
                return
        if entry.given_id is not None:
            title = normalise_title(entry.title)
            if self._titles.setdefault(entry.given_id, title) != title:
                self._shared_ids.add(entry.given_id)
        if self.given and source and source.casefold() != self.source.casefold():
            self.others[source] += 1
        self.hits.append(
            Hit(source=self.source if self.given else source or self.source, row=row, entry=with_integrity(entry))
        )

    def drop_shared_ids(self) -> list[str]:
        """Ignore the file's own ids where one belongs to several titles; return what the user is told of it.

        Such ids number the rows of another file, or several files that were joined: they identify nothing.
        """
        if not self._shared_ids:
            return []
        self.hits = [
            hit.model_copy(update={"entry": hit.entry.model_copy(update={"given_id": None})}) for hit in self.hits
        ]
        shown = ", ".join(f"`{name}`" for name in sorted(self._shared_ids)[:3])
        return [f"ids belong to several titles ({shown}{' …' * (len(self._shared_ids) > 3)}), so the ids are not used"]
