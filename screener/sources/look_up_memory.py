"""What services answered to look-ups, by key: so that nothing is asked twice, whatever is asked for together the next time.

A line of the file is one key of one service, with the works that came for it; none where the service knows none.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from ..records import Entry
from .connections import private_allowed
from .look_ups import Known

KEPT = timedelta(days=30)
"""How long an answer is taken from the file."""


class LookUpMemory:
    """The answers of some days. Without a `path` nothing is kept."""

    def __init__(self, path: Path | None, now: datetime | None = None) -> None:
        """Read what is there; a line that is none, as after a kill, is passed over."""
        self._path, self._now = path, now or datetime.now(UTC)
        self._known: dict[tuple[str, str], tuple[Entry, ...]] = {}
        self._tested: dict[tuple[str, str], str] = {}
        if path is None or not path.is_file():
            return
        since = (self._now - KEPT).isoformat(timespec="seconds")
        for line in path.read_text("utf-8", errors="replace").split("\n"):
            try:
                row = json.loads(line)
                if row["at"] >= since:
                    entries = tuple(Entry.model_validate(entry) for entry in row["entries"])
                    self._known[row["service"], row["key"]] = entries
                    self._tested[row["service"], row["key"]] = str(row.get("test_server", ""))
            except (ValueError, KeyError, TypeError, ValidationError):
                continue

    def known(self, service: str, keys: Iterable[str]) -> Known:
        """Return what a service answered for those of some keys that it was asked for.

        What a test server answered is left out where none may be asked.
        """
        asked = [key for key in keys if (service, key) in self._known]
        return {key: self._known[service, key] for key in asked if private_allowed() or not self._tested[service, key]}

    def test_server(self, service: str, key: str) -> str:
        """Return the host of the test server that answered for a key; empty where the service itself did."""
        return self._tested.get((service, key), "")

    def keep(self, service: str, keys: Sequence[str], known: Known, test_server: str = "") -> None:
        """Keep the answer of a service for some keys, or of the test server that stood for it, a host."""
        at, lines = self._now.isoformat(timespec="seconds"), list[str]()
        for key in keys:
            entries = self._known[service, key] = tuple(known.get(key, ()))
            self._tested[service, key] = test_server
            row = {"service": service, "key": key, "at": at,
                   "entries": [entry.model_dump(mode="json", exclude_defaults=True) for entry in entries]}  # fmt: skip
            row |= {"test_server": test_server} if test_server else {}
            lines.append(json.dumps(row, ensure_ascii=False))
        if self._path is not None and lines:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                # A line that was cut off ends here.
                file.write("".join(f"\n{line}" for line in lines))
