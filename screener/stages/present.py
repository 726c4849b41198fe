"""Tell which judgements of a machine hold: those of the present text that were asked for by the present protocol.

What is changed and changed back is as if it had never been changed: an older judgement that fits holds again. So what
does not hold is left out before the newest is taken, never after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ..ledger import Snapshot


class Row(Protocol):
    """A judgement as the ledger has it."""

    @property
    def role(self) -> str:
        """Return the role in which it was given."""
        ...

    @property
    def text_hash(self) -> str:
        """Return the hash of the text that was judged."""
        ...

    @property
    def run_id(self) -> str:
        """Return the run that it came from."""
        ...


@dataclass(frozen=True)
class Present:
    """Hold the present: the hash of what the protocol says of a reviewer (None: not asked), and that of each run."""

    protocol: str | None
    protocol_of_run: Mapping[str, str]

    @classmethod
    def of(cls, snapshot: Snapshot, protocol: str | None) -> "Present":
        """Return the present of a snapshot."""
        runs = snapshot.specifications.items()
        return cls(protocol, {run: str(specification.get("protocol", "")) for run, specification in runs})

    def holds(self, row: Row, text_hash: str | None) -> bool:
        """Return whether a judgement of a record with this text holds; what people judged always does."""
        return row.role != "machine" or (
            row.text_hash == text_hash
            and (self.protocol is None or self.protocol_of_run.get(row.run_id, "") == self.protocol)
        )

    def holding(self, text_hashes: Mapping[str, str]) -> Callable[[str, Row], bool]:
        """Return the test of a judgement by its record's id, given the texts of the records that count."""
        return lambda name, row: self.holds(row, text_hashes.get(name))
