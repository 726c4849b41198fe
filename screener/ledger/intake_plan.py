"""What is to be inserted for some files: their rows, each held against what the ledger has."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from ..records import Entry, FileRead, Hit, Prepared, prepare
from . import tables as t
from .earlier import Earlier
from .links import MACHINE, link_row

UPDATE = "update"
"""The rule of a link between a hit and its newer version."""


@dataclass(frozen=True)
class Imported:
    """Count what one file brought. `read = new + duplicate + len(rejected)`.

    `repeated` rows were there already. `restored` ones are back: the import that had brought them was taken back.
    `conflicts` are shared ids with other titles. `earlier` is the number of a standing import of the same file, 0 where
    there is none; `refused` says why nothing was taken from a file, and is empty otherwise.
    """

    file: FileRead
    new: int
    duplicate: int
    repeated: int
    conflicts: tuple[str, ...]
    restored: int = 0
    earlier: int = 0
    refused: str = ""
    id: int = 0
    """The number of the import."""

    @property
    def read(self) -> int:
        """Return how many rows the file has."""
        return len(self.file.hits) + len(self.file.rejected)

    def as_json(self) -> dict[str, Any]:
        """Return it as `import --json` lists it."""
        return {
            "path": self.file.path,
            "format": self.file.format,
            "source": self.file.source,
            "read": self.read,
            "new": self.new,
            "duplicate": self.duplicate,
            "repeated": self.repeated,
            "restored": self.restored,
            "rejected": [{"row": bad.row, "reason": bad.reason} for bad in self.file.rejected],
            "conflicts": list(self.conflicts),
            "notes": list(self.file.notes),
            **({"encoding": self.file.encoding} if self.file.encoding else {}),
        }


@dataclass(frozen=True)
class RowFate:
    """What a row of an update is to the hits of its source: the same as one, or a newer version of some; else it is new."""

    same: int = 0
    replaces: tuple[int, ...] = ()

    @property
    def hits(self) -> tuple[int, ...]:
        """Return the hits that the row is, or is a newer version of."""
        return self.replaces or ((self.same,) if self.same else ())


NEW = RowFate()


@dataclass
class IntakePlan:
    """What is to be inserted for some files, worked out of one state of the ledger.

    `absent`: rows that count no more are concerned, so that these, or records with what was judged of them, may be back.
    """

    state: tuple[int, ...]
    imported: list[Imported] = field(default_factory=list)
    hits: list[tuple[dict[str, Any], Entry]] = field(default_factory=list)
    """Rows without their entry, which is written out when it is inserted: all of them at once would fill the memory."""
    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    keys: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    versions: dict[int, tuple[int, ...]] = field(default_factory=dict)
    absent: bool = False


class FileRows:
    """The rows of one file as they are entered, and how many of each kind there are."""

    def __init__(self, earlier: Earlier, plan: IntakePlan, import_id: int) -> None:
        self._earlier, self._plan, self._import_id = earlier, plan, import_id
        self.conflicts: list[str] = []
        self._repeated_already = set[int]()
        self.new = self.duplicate = self.repeated = self.restored = 0

    def add(self, hit: Hit, keys: Sequence[str], prepared: Prepared | None, fate: RowFate = NEW) -> None:
        """Enter a row that is known by some keys; of an update with what it is to earlier rows."""
        if fate.same:
            return self._repeat(fate.same)
        if fate.replaces:
            return self._enter_version(hit, keys[0], prepared, fate.replaces)
        known_hits = self._earlier.hit_of_key
        known = next((known_hits[key] for key in keys if key in known_hits), None)
        if known is None:
            return self._enter(hit, keys[0], prepared)
        return self._repeat(known)

    def _enter_version(self, hit: Hit, key: str, prepared: Prepared | None, replaces: tuple[int, ...]) -> None:
        """Enter a newer version of some hits of one record; it takes their place and their name."""
        earlier, known = self._earlier, self._earlier.hit_of_key.get(key)
        if known is not None and known in earlier.absent - earlier.superseded:
            number = known  # an update that was taken back had brought it
            self._repeat(known)
        else:  # what changed back is another version still
            number = earlier.next_id
            unlike = hashlib.sha256(f"{key}\x00version {number}".encode()).hexdigest()
            self._enter(hit, key if known is None else unlike, prepared, version_of=replaces[0])
        for old in replaces:
            earlier.supersede(old)
        self._plan.versions[number] = replaces

    def _repeat(self, known: int) -> None:
        if known not in self._repeated_already:
            self._plan.rows[t.repeated_hits].append({"import_id": self._import_id, "hit_id": known})
            self._repeated_already.add(known)
        if known in self._earlier.absent and known not in self._earlier.superseded:
            self.restored += 1
            self._count(known)
        else:
            self.repeated, self.duplicate = self.repeated + 1, self.duplicate + 1

    def _count(self, hit: int) -> None:
        new = self._earlier.take(hit)
        self.new, self.duplicate = self.new + new, self.duplicate + (not new)
        self._plan.touched.add(hit)

    def _enter(self, hit: Hit, key: str, prepared: Prepared | None, version_of: int = 0) -> None:
        earlier, plan, prepared = self._earlier, self._plan, prepared or prepare(hit.entry)
        if version_of:
            number, name, matches = earlier.add_version(key, hit.entry, prepared, version_of)
            plan.rows[t.links].append(link_row("duplicate", number, version_of, UPDATE, 1.0, MACHINE))
        else:
            number, name, matches = earlier.add(key, hit.entry, prepared)
        row = {
            "id": number,
            "key": key,
            "import_id": self._import_id,
            "name": name,
            "source": hit.source,
            "row": hit.row,
        }
        plan.hits.append((row, hit.entry))
        plan.keys.append((number, prepared.keys))
        for match in matches:
            # The first end of a link is the later entry, but for a notice, which comes before its paper.
            ends = (match.other, number) if match.earlier_is_notice else (number, match.other)
            # Whether a newer version makes one record of two, people say.
            kind = "candidate" if version_of and match.kind == "duplicate" else match.kind
            plan.rows[t.links].append(link_row(kind, *ends, match.rule, match.score, MACHINE))
            if match.kind == "conflict" and earlier.counts(match.other):
                other_name = earlier.names[match.other]
                self.conflicts.append(
                    f"row {hit.row} has the {match.rule} of {other_name} but another title; both are kept"
                )
        self._count(number)
