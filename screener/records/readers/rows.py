"""What every reader needs: the shape of its result, decoding of text, and the checks that all rows pass."""

from dataclasses import dataclass
from pathlib import Path

from ...core.errors import BadInput
from ..model import Entry, Hit, Rejected
from ..normalise import normalise_title

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


def decode(path: Path, raw: bytes, notes: list[str]) -> str:
    """Return the text of an export: UTF-8, UTF-16 with a byte order mark, or as a last resort Windows-1252, noted."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise BadInput(f"{path}: begins like UTF-16 but is not; export it again as UTF-8") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append("not UTF-8; read as Windows-1252, so check accented names")
        return raw.decode("cp1252", errors="replace")


class RowCollector:
    """Collects rows as hits or rejections, so that every reader refuses the same things with the same words."""

    def __init__(self, source: str) -> None:
        """Begin with no rows. `source` names the database where a row does not name its own."""
        self.source = source
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
        self.hits.append(Hit(source=source or self.source, row=row, entry=entry))
